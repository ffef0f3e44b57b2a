"""What models of scikit-learn have in common."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from dltrain.baselines.base import Baseline, Guess
from dltrain.baselines.design import Design
from dltrain.baselines.trial import NoBaseline, Trial

if TYPE_CHECKING:
    import numpy as np

MOST_NUMBERS = 40_000_000
"""Of a matrix of training rows: 160 megabytes."""

_LEAST_ROWS = 50
_HELD_AT_ONCE = 8192

Predict = Callable[[Any], "np.ndarray"]
"""From a matrix to probabilities (rows, classes), (rows, labels), or values (rows, values)."""


class Learned(Baseline):
    """A model of scikit-learn, of as many training rows as its work is bounded to.

    Work is counted and not timed, so that the result is the same on every machine. Rows count as they do for the
    network, with `dataset.weight` and `trainer.class_weight`.
    """

    most_columns: ClassVar[int | None] = None
    """Of more columns those that vary most are taken; None for all."""

    def name(self, trial: Trial) -> str:
        """The title, with underscores."""
        return self.title(trial).replace(" ", "_")

    @abstractmethod
    def title(self, trial: Trial) -> str:
        """What messages call it."""

    @abstractmethod
    def most_rows(self, trial: Trial, design: Design) -> int:
        """How many rows may be learned from."""

    @abstractmethod
    def classifier(self, trial: Trial, design: Design, rows: int) -> Any:
        """A classifier of scikit-learn, for so many rows."""

    @abstractmethod
    def regressor(self, trial: Trial, design: Design, rows: int) -> Any:
        """A regressor of scikit-learn for all values at once."""

    def guess(self, trial: Trial) -> Guess:
        """Of the held-out rows, some thousands at a time."""
        import numpy as np

        train, held, total = trial.train.inputs, trial.held.inputs, len(trial.train.inputs)
        design = Design.of(trial.assembly.preprocessing, train)
        ids = trial.sample(min(self.most_rows(trial, design), MOST_NUMBERS // design.entries))
        if len(ids) < min(_LEAST_ROWS, total):
            raise NoBaseline(f"{design.entries:,} columns and {trial.kinds:,} outputs are too much work")
        with _alone():
            matrix = design.matrix(train, ids)
            chosen = _most_varying(matrix, self.most_columns)
            predict = self._fitted(trial, design, _chosen(matrix, chosen), ids)
            starts = range(0, len(held), _HELD_AT_ONCE)
            pieces = (design.matrix(held[start : start + _HELD_AT_ONCE]) for start in starts)
            found = np.concatenate([predict(_chosen(piece, chosen)) for piece in pieces])
        of = "" if chosen is None else f" and {len(chosen)} of {matrix.shape[1]:,} columns"
        return Guess(f"{self.title(trial)} {_on_rows(len(ids), total)}{of}", found.astype("float64"))

    def _fitted(self, trial: Trial, design: Design, matrix: Any, ids: np.ndarray) -> Predict:
        import numpy as np

        target, truth = trial.assembly.target, trial.truth[ids]
        weights = None if trial.weights is None else trial.weights[ids]

        def of_kinds(marks: np.ndarray, kinds: int) -> Predict:
            known = np.unique(marks)
            if len(known) < 2:
                return lambda rows: np.eye(kinds)[np.full(rows.shape[0], known[0])]
            model = self.classifier(trial, design, len(ids)).fit(matrix, marks, weights)
            # What no sampled row has gets the probability 0.
            return lambda rows: model.predict_proba(rows) @ np.eye(kinds)[known]

        if target.classes:
            return of_kinds(truth, trial.kinds)
        if target.labels:
            each = [of_kinds(marks, 2) for marks in truth.T]
            return lambda rows: np.stack([predict(rows)[:, 1] for predict in each], axis=1)
        offset, scale = truth.mean(axis=0), truth.std(axis=0)
        scale[scale == 0] = 1.0
        model = self.regressor(trial, design, len(ids)).fit(matrix, (truth - offset) / scale, weights)
        return lambda rows: model.predict(rows).reshape(rows.shape[0], -1) * scale + offset


def functions(trial: Trial) -> int:
    """How many functions are learned: one for two classes, else one for each class, label or value."""
    return 1 if len(trial.assembly.target.classes) == 2 else trial.kinds


@contextmanager
def _alone() -> Iterator[None]:
    """Without warnings, and on one thread: the bits do not depend on the number of cores then.

    Several threads would also wait for one another most of the time where other work keeps the cores busy.
    """
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield


def _on_rows(used: int, total: int) -> str:
    return f"on {used:,} rows" if used == total else f"on {used:,} of {total:,} rows"


def _most_varying(matrix: Any, most: int | None) -> np.ndarray | None:
    """Positions of the columns with the largest variance, ascending; None for all."""
    import numpy as np

    if most is None or matrix.shape[1] <= most:
        return None
    squares = matrix.multiply(matrix) if hasattr(matrix, "multiply") else np.square(matrix)
    variance = np.ravel(squares.mean(axis=0)) - np.square(np.ravel(matrix.mean(axis=0)))
    return np.sort(np.argsort(-variance, kind="stable")[:most])


def _chosen(matrix: Any, columns: np.ndarray | None) -> Any:
    """These columns, dense; all as they are."""
    if columns is None:
        return matrix
    chosen = matrix[:, columns]
    return chosen.toarray() if hasattr(chosen, "toarray") else chosen
