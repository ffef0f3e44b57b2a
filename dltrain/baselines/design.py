"""Prepared rows as the matrix (rows, columns) that a model of scikit-learn takes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod, sqrt
from typing import TYPE_CHECKING, Any

from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.signature import MASK_VALUE, Feature

if TYPE_CHECKING:
    import numpy as np

MOST_PIXELS = 3072
"""Numbers of an image; larger ones are made smaller: 32 x 32 of three colours."""

_CHUNK_NUMBERS = 1 << 24
_LOOKED_AT = 256
_SPARSE_BELOW = 0.1
_WIDE = 512


@dataclass
class Design:
    """How prepared rows become columns.

    Attributes:
        feature: the prepared rows.
        text: whether a row is nothing but the words of a text.
        sparse: whether most columns of a row are zero, so that only the others are kept.
        entries: about how many numbers of a row are kept.
    """

    feature: Feature
    text: bool
    sparse: bool
    entries: int
    _tf_idf: Any = None

    @classmethod
    def of(cls, preprocessing: Preprocessing, inputs: np.ndarray) -> Design:
        """For prepared rows, of which a few are looked at."""
        import numpy as np

        feature = preprocessing.prepared
        text = feature.kind == "ids" or [raw.kind for raw in preprocessing.features] == ["text"]
        found = cls(feature, text, True, 1)
        step = max(1, len(inputs) // _LOOKED_AT)
        some = found._columns(np.asarray(inputs[::step][:_LOOKED_AT]))
        entries = ceil(some.nnz / max(some.shape[0], 1))
        sparse = feature.kind == "ids" or (some.shape[1] > _WIDE and entries < _SPARSE_BELOW * some.shape[1])
        return cls(feature, text, sparse, max(1, entries if sparse else some.shape[1]))

    def matrix(self, inputs: np.ndarray, ids: np.ndarray | None = None) -> Any:
        """Columns of some rows, float32 (rows, columns), dense or sparse; only these rows are read.

        The first call, which is of training rows, learns how much the words of a text tell.

        Args:
            inputs: prepared rows, maybe in a file.
            ids: of the rows, ascending; all where it is not given.
        """
        import numpy as np
        from scipy import sparse

        count = len(inputs) if ids is None else len(ids)
        step, parts = max(1, _CHUNK_NUMBERS // max(1, prod(inputs.shape[1:]))), []
        for start in range(0, count, step):
            chosen = slice(start, start + step) if ids is None else ids[start : start + step]
            part = self._columns(np.asarray(inputs[chosen]))
            parts.append(part if self.sparse else part.toarray() if sparse.issparse(part) else part)
        joined = sparse.vstack(parts, format="csr") if self.sparse else np.concatenate(parts)
        return self._weighted(joined) if self.text and self.sparse else joined

    def _columns(self, rows: np.ndarray) -> Any:
        import numpy as np
        from scipy import sparse

        if self.feature.kind == "ids":
            return _counts(rows, self.feature.vocabulary_size or int(rows.max(initial=0)) + 1)
        if self.feature.embedded:
            return _one_hot(rows, self.feature)
        if self.feature.padded:
            rows = np.where(rows == np.float32(MASK_VALUE), np.float32(0), rows)
        if self.feature.kind == "image":
            rows = _smaller(rows)
        flat = rows.reshape(len(rows), -1)
        return sparse.csr_array(flat) if self.sparse else flat

    def _weighted(self, counts: Any) -> Any:
        """Rows of length 1, where a word counts the more the fewer texts have it, as scikit-learn does."""
        from sklearn.feature_extraction.text import TfidfTransformer

        if self._tf_idf is None:
            # What a vector of words holds has its weights already; counts of ids have none.
            counted = self.feature.kind == "ids"
            self._tf_idf = TfidfTransformer(sublinear_tf=counted, use_idf=counted).fit(counts)
        return self._tf_idf.transform(counts).astype("float32")


def _counts(ids: np.ndarray, size: int) -> Any:
    """How often each id occurs in each row; 0 is padding."""
    import numpy as np
    from scipy import sparse

    flat = ids.reshape(len(ids), -1)
    row, step = np.nonzero(flat)
    found = sparse.csr_array((np.ones(len(row), "float32"), (row, flat[row, step])), shape=(len(ids), size))
    found.sum_duplicates()
    return found


def _one_hot(rows: np.ndarray, feature: Feature) -> Any:
    """Plain columns as they are, then a column for each id of each embedded column."""
    import numpy as np
    from scipy import sparse

    embedded = {column.position: column.vocabulary_size for column in feature.embedded}
    plain = [position for position in range(rows.shape[1]) if position not in embedded]
    parts = [sparse.csr_array(rows[:, plain])]
    for position, size in embedded.items():
        places = (np.arange(len(rows)), rows[:, position].astype("int64"))
        parts.append(sparse.csr_array((np.ones(len(rows), "float32"), places), shape=(len(rows), size)))
    return sparse.hstack(parts, format="csr")


def _smaller(images: np.ndarray) -> np.ndarray:
    """Images (rows, height, width, channels) of at most `MOST_PIXELS` numbers: means of squares of pixels."""
    import numpy as np

    side = ceil(sqrt(prod(images.shape[1:]) / MOST_PIXELS))
    if side < 2:
        return images
    for axis in (1, 2):
        starts = np.arange(0, images.shape[axis], side)
        sizes = np.diff([*starts, images.shape[axis]]).astype("float32")
        shape = [len(sizes) if index == axis else 1 for index in range(images.ndim)]
        images = np.add.reduceat(images, starts, axis=axis) / sizes.reshape(shape)
    return images
