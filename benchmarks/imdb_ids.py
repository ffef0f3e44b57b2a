"""Writes the IMDb reviews of imdb_train.parquet and imdb_test.parquet as word ids.

    python -m benchmarks.imdb_ids [OUT.npz]

For machines that have the texts, in $DLTRAIN_DATA, but not Keras's imdb.npz. The ids follow
Keras's: 0 is padding, 1 the start of a text, 2 a word outside the vocabulary, and from 3 on the
words of the training texts, the most frequent first. The command that trains on them is printed.
"""

import os
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

WORDS = 10_000
LENGTH = 200
_START, _UNKNOWN, _FIRST_WORD = 1, 2, 3
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "build/imdb_ids.npz")
    folder = os.environ.get("DLTRAIN_DATA")
    if not folder:
        sys.exit("set DLTRAIN_DATA to the folder of imdb_train.parquet and imdb_test.parquet")
    parts = {part: read(Path(folder) / f"imdb_{part}.parquet") for part in ("train", "test")}
    vocabulary = rank(parts["train"][0])
    arrays = {}
    for part, (texts, labels) in parts.items():
        arrays[f"x_{part}"] = np.stack([encode(words, vocabulary) for words in texts])
        arrays[f"y_{part}"] = labels
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **arrays)
    print(f"dltrain fit configs/imdb-lstm.yaml --set dataset.path={out} --set 'dataset.features={{x: ids}}'")


def read(path: Path) -> tuple[list[list[str]], np.ndarray]:
    """The words of each text, and 1 for each positive label."""
    table = pq.read_table(path, columns=["text", "label"])
    texts = [split(text) for text in table["text"].to_pylist()]
    return texts, np.asarray([label == "pos" for label in table["label"].to_pylist()], "int32")


def split(text: str) -> list[str]:
    """Words in lower case, without HTML line breaks and punctuation."""
    return _WORD.findall(text.lower().replace("<br />", " "))


def rank(texts: list[list[str]]) -> dict[str, int]:
    """The ids of the most frequent words; words of equal frequency in the order of the alphabet."""
    counts = Counter(word for words in texts for word in words)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[: WORDS - _FIRST_WORD]
    return {word: _FIRST_WORD + place for place, word in enumerate(ranked)}


def encode(words: list[str], vocabulary: dict[str, int]) -> np.ndarray:
    """The last ids of a text, padded at the end, int32 (LENGTH,)."""
    ids = [_START, *(vocabulary.get(word, _UNKNOWN) for word in words)][-LENGTH:]
    return np.asarray(ids + [0] * (LENGTH - len(ids)), "int32")


if __name__ == "__main__":
    main()
