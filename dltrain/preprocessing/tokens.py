"""How often the words of texts occur."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    import numpy as np

MOST_TOKENS = 3_000_000
"""How many different tokens are counted at the same time: about 600 megabytes."""

_ROWS = 1024


class TokenCounts:
    """Counts tokens over any number of texts in bounded memory.

    Where more than `limit` different tokens have been seen, the rarest are forgotten until half of
    them are left; their counts are then too low if they come again.

    Attributes:
        rows: how many texts were counted.
        longest: how many tokens the longest of them has.
    """

    def __init__(self, limit: int = MOST_TOKENS) -> None:
        import numpy as np

        self.rows = self.longest = 0
        self._limit = limit
        self._places: dict[bytes, int] = {}
        self._counts, self._documents = np.zeros(0, "int64"), np.zeros(0, "int64")

    def add(self, layer: "keras.layers.TextVectorization", texts: "np.ndarray") -> None:
        """Counts texts (rows,), cut into tokens by the very layer that will look them up."""
        import tensorflow as tf

        for start in range(0, len(texts), _ROWS):
            with tf.device("CPU:0"):
                # Keras has no public name for what TextVectorization does before the look-up.
                self._add(layer._preprocess(tf.constant(texts[start : start + _ROWS])))
            if len(self._places) > self._limit:
                self._forget()

    def _add(self, tokens: Any) -> None:
        """Adds a ragged tensor of tokens, (rows, tokens)."""
        import numpy as np
        import tensorflow as tf

        self.rows += int(tokens.nrows())
        self.longest = max(self.longest, int(tf.reduce_max(tokens.row_lengths())))
        different, index, counts = tf.unique_with_counts(tokens.flat_values, out_idx="int64")
        size = len(different)
        if not size:
            return
        in_rows = tf.unique(tokens.value_rowids() * size + index).y
        table = self._places
        places = np.array([table.setdefault(token, len(table)) for token in different.numpy().tolist()])
        grown = (0, len(table) - len(self._counts))
        self._counts, self._documents = np.pad(self._counts, grown), np.pad(self._documents, grown)
        self._counts[places] += counts.numpy()
        self._documents[places] += np.bincount(in_rows.numpy() % size, minlength=size)

    def _forget(self) -> None:
        import numpy as np

        kept = np.sort(self._ranked(self._limit // 2))
        names = list(self._places)
        self._places = {names[old]: new for new, old in enumerate(kept.tolist())}
        self._counts, self._documents = self._counts[kept], self._documents[kept]

    def _ranked(self, number: int) -> "np.ndarray":
        """Places by falling count, of equally frequent tokens the last of the alphabet first, as in Keras."""
        import numpy as np

        lowest = np.sort(self._counts)[-number:][:1]
        candidates = np.flatnonzero(self._counts >= lowest)
        names = list(self._places)
        spelt = np.array([names[place] for place in candidates.tolist()], "O")
        order: np.ndarray = candidates[np.lexsort((spelt, self._counts[candidates]))[::-1]]
        return order[:number]

    def most_frequent(self, number: int) -> "tuple[list[str], np.ndarray]":
        """At most `number` tokens by falling frequency, and in how many texts each occurs."""
        names = list(self._places)
        # Keras keeps these two for padding and for unknown tokens.
        kept = [place for place in self._ranked(number + 2).tolist() if names[place] not in (b"", b"[UNK]")][:number]
        return [names[place].decode() for place in kept], self._documents[kept]
