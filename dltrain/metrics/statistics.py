"""What scores of resampled rows are computed from: sums over rows, each of which counts as often as its weight says.

A statistic is prepared once for the predictions of a split, and then called with the weights of many resamples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dltrain.metrics.base import Predictions

if TYPE_CHECKING:
    import numpy as np

_MOST_STEPS = 1024

Statistic = Callable[["np.ndarray"], "np.ndarray"]
"""From weights, float64 (rows, resamples), to numbers of each resample, float64 (..., resamples)."""


def means_and_squares(rows: np.ndarray) -> Statistic:
    """The mean of `rows`, (rows,), and that of their squares; the statistic has the shape (2, resamples)."""
    import numpy as np

    return means(np.stack([rows, rows * rows], axis=1))


def standard_errors_of_means(values: np.ndarray, rows: int) -> np.ndarray:
    """Of the means of so many independent rows, (resamples,), from `means_and_squares`."""
    import numpy as np

    found: np.ndarray = np.sqrt(np.maximum(values[1] - values[0] ** 2, 0) / (rows - 1))
    return found


def means(values: np.ndarray) -> Statistic:
    """The means of the columns of `values`, (rows, columns); the statistic has the shape (columns, resamples)."""
    import numpy as np
    from scipy import sparse

    # Sparse products stay in this thread, and are as fast for a few columns.
    columns = sparse.csr_array(np.concatenate([values.reshape(len(values), -1).T, np.ones((1, len(values)))]))

    def of(weights: np.ndarray) -> np.ndarray:
        sums = columns @ weights
        return np.asarray(sums[:-1] / sums[-1])

    return of


def class_counts(predictions: Predictions) -> Statistic:
    """How many rows of each class or label are hit, are there, and are predicted; (3, kinds, resamples)."""
    import numpy as np
    from scipy import sparse

    truth, predicted = predictions.truth, predictions.predicted
    if predictions.labels:
        kinds, marks = len(predictions.labels), [truth * predicted, truth, predicted]
        chosen = sparse.csr_array(np.concatenate(marks, axis=1).T.astype("float64"))
    else:
        kinds, every = len(predictions.classes), np.ones(len(truth))
        parts = [(truth, (truth == predicted) * 1.0), (truth, every), (predicted, every)]
        chosen = sparse.vstack([_matrix(groups, values, kinds) for groups, values in parts], format="csr")
    return lambda weights: (chosen @ weights).reshape(3, kinds, -1)


def rankings(predictions: Predictions) -> Statistic:
    """The area under the ROC curve and the average precision of each class or label; (2, kinds, resamples).

    Of two classes only the second. NaN where a resample has no row of a kind, or no other.
    """
    import numpy as np

    curves = [_curves(marks, scores) for marks, scores in ranked(predictions)]
    return lambda weights: np.stack([curve(weights) for curve in curves], axis=1)


def ranked(predictions: Predictions) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each class or label, but of two classes only of the second: which rows have it, and their scores."""
    probabilities, classes = predictions.probabilities, len(predictions.classes)
    assert probabilities is not None
    if classes == 2:
        second = probabilities if probabilities.ndim == 1 else probabilities[:, 1]
        return [(predictions.truth == 1, second)]
    if classes:
        return [(predictions.truth == index, probabilities[:, index]) for index in range(classes)]
    return [(predictions.truth[:, index] == 1, column) for index, column in enumerate(probabilities.T)]


def _curves(marks: np.ndarray, scores: np.ndarray) -> Statistic:
    """Both areas of one kind, (2, resamples).

    Only the distinct scores of its own rows matter: between and on them lie the other rows, in 2 m + 1 slots. Of very
    many only some are told apart, which moves the spread of the areas by less than a thousandth.
    """
    import numpy as np

    steps = np.unique(scores[marks])
    if len(steps) > _MOST_STEPS:
        steps = steps[np.linspace(0, len(steps) - 1, _MOST_STEPS).astype(int)]
        scores = np.concatenate([[-np.inf], steps])[np.searchsorted(steps, scores, "right")]
    others, number = scores[~marks], len(steps)
    place = np.searchsorted(steps, scores[marks])
    slot = np.searchsorted(steps, others, "left") + np.searchsorted(steps, others, "right")
    own = _matrix(place, np.ones(len(place)), number, rows=np.flatnonzero(marks), of=len(marks))
    other = _matrix(slot, np.ones(len(slot)), 2 * number + 1, rows=np.flatnonzero(~marks), of=len(marks))

    def areas(weights: np.ndarray) -> np.ndarray:
        hits, slots = own @ weights, other @ weights
        misses = np.cumsum(slots, axis=0)
        below = (misses[0:-1:2] + misses[1::2]) / 2
        found, total = np.cumsum(hits[::-1], axis=0)[::-1], hits.sum(axis=0)
        above = misses[-1] - misses[0:-1:2]
        with np.errstate(invalid="ignore", divide="ignore"):
            roc = (hits * below).sum(axis=0) / (total * misses[-1])
            precision = np.where(hits > 0, found / (found + above), 0.0)
            average = (hits * precision).sum(axis=0) / total
        return np.stack([roc, average])

    return areas


def _matrix(groups: np.ndarray, values: np.ndarray, number: int, *, rows: Any = None, of: int | None = None) -> Any:
    """A sparse matrix (number, all rows) with the values of some rows in the lines of their groups."""
    import numpy as np
    from scipy import sparse

    rows = np.arange(len(groups)) if rows is None else rows
    shape = (number, len(groups) if of is None else of)
    return sparse.csr_array((np.asarray(values, "float64"), (groups, rows)), shape=shape)


def absent(predictions: Predictions) -> str | None:
    """Which classes or labels are in no row, as a reason; None where all are in some."""
    import numpy as np

    if predictions.labels:
        counts, names = predictions.truth.sum(axis=0), predictions.labels
    else:
        counts, names = np.bincount(predictions.truth, minlength=len(predictions.classes)), predictions.classes
    missing = [names[index][:40] for index in np.flatnonzero(counts == 0)]
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"no row is of '{missing[0]}'{more}" if missing else None


def errors(predictions: Predictions) -> np.ndarray:
    """Truth less prediction, (rows, values)."""
    apart: np.ndarray = predictions.truth - predictions.predicted
    return apart.reshape(len(apart), -1)


def moments(predictions: Predictions) -> Statistic:
    """Of each value the mean, the mean square, the mean error and the mean squared error; (4, values, resamples)."""
    import numpy as np

    error = errors(predictions)
    # Shifted, or squares of a large level would hide what varies.
    truth = predictions.truth.reshape(error.shape) - predictions.truth.mean(axis=0).ravel()
    of_all = means(np.concatenate([truth, truth**2, error, error**2], axis=1))
    return lambda weights: np.asarray(of_all(weights)).reshape(4, error.shape[1], -1)


QUANTILES = (0.5, 0.9, 0.99)


def error_quantiles(predictions: Predictions) -> Statistic:
    """The `QUANTILES` of the absolute errors, (quantiles, resamples), as ``numpy.quantile`` has them.

    Of very many errors those in the order are counted in groups, inside which they are taken to weigh the same.
    """
    import numpy as np

    absolute = abs(errors(predictions))
    order = np.argsort(absolute, axis=None)
    ordered, number = absolute.ravel()[order], min(len(order), _MOST_STEPS)
    place = np.arange(len(order)) * number // len(order)
    chosen = _matrix(place, np.ones(len(order)), number, rows=order // absolute.shape[1], of=len(absolute))
    exact = number == len(order)

    def of(weights: np.ndarray) -> np.ndarray:
        counts = np.concatenate([np.zeros((1, weights.shape[1])), np.cumsum(chosen @ weights, axis=0)])
        return np.stack([_quantile(share, counts, ordered, exact=exact) for share in QUANTILES])

    return of


def _quantile(share: float, counts: np.ndarray, ordered: np.ndarray, *, exact: bool) -> np.ndarray:
    """From how much weight lies below each group of the ordered errors, (groups + 1, resamples)."""
    import numpy as np

    place = share * (counts[-1] - 1)
    last, resample = len(counts) - 2, np.arange(counts.shape[1])

    def group(of: np.ndarray) -> np.ndarray:
        return np.asarray(((counts[1:] <= of).sum(axis=0)).clip(max=last))

    if exact:
        below, above = ordered[group(np.floor(place))], ordered[group(np.floor(place) + 1)]
        return np.asarray(below + (place % 1) * (above - below))
    found = group(place)
    start, end = counts[found, resample], counts[found + 1, resample]
    inside = (place - start) / np.maximum(end - start, 1)
    value: np.ndarray = np.interp((found + inside) / (last + 1) * len(ordered), np.arange(len(ordered)), ordered)
    return value
