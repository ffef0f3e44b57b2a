"""IMDb reviews from raw text with a loop of PyTorch.

Words are those of Keras's `TextVectorization`: lower case, no punctuation, cut at blanks. Each batch is cut to its
longest text, and the output at a text's last word is taken. `pack_padded_sequence`, which PyTorch's guides use for
sequences of different lengths, takes ten times as long on a processor.
"""

import string
from collections import Counter

import torch
from torch import nn

from benchmarks.by_hand.clock import arguments
from benchmarks.by_hand.rows import reviews
from benchmarks.by_hand.torch_loop import accuracy, train

BATCH_SIZE = 64
WORDS, LENGTH = 20_000, 400
UNKNOWN, FIRST_WORD = 1, 2
_PUNCTUATION = str.maketrans("", "", string.punctuation)


class Reader(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(WORDS, 64, padding_idx=0), nn.LSTM(64, 64, batch_first=True)
        self.dropout, self.output = nn.Dropout(0.5), nn.Linear(64, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        lengths = (ids > 0).sum(1).clamp(min=1)
        outputs, _ = self.lstm(self.embedding(ids[:, : int(lengths.max())]))
        last = outputs[torch.arange(len(ids)), lengths - 1]
        return self.output(self.dropout(last)).flatten()


def split(text: str) -> list[str]:
    return text.lower().translate(_PUNCTUATION).split()


def encode(texts: list[list[str]], vocabulary: dict[str, int]) -> torch.Tensor:
    """Ids, int64 (rows, LENGTH), padded with 0."""
    ids = torch.zeros((len(texts), LENGTH), dtype=torch.int64)
    for row, words in enumerate(texts):
        found = [vocabulary.get(word, UNKNOWN) for word in words[:LENGTH]]
        ids[row, : len(found)] = torch.tensor(found)
    return ids


def main() -> None:
    options = arguments(__doc__, ["lstm"])
    torch.manual_seed(options.seed)
    texts, y = reviews("train")
    words = [split(text) for text in texts]
    counts = Counter(word for text in words for word in text)
    vocabulary = {word: FIRST_WORD + rank for rank, (word, _) in enumerate(counts.most_common(WORDS - FIRST_WORD))}
    model = Reader()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    rows = encode(words, vocabulary), torch.from_numpy(y)
    clock = train(model, nn.functional.binary_cross_entropy_with_logits, optimizer, rows, (options.epochs, BATCH_SIZE))
    texts, y_test = reviews("test")
    x_test = encode([split(text) for text in texts], vocabulary)
    clock.report(accuracy(model, x_test, torch.from_numpy(y_test)), len(x_test))


if __name__ == "__main__":
    main()
