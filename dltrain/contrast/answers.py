"""What runs predict of the rows that they were tested on, and the rows that two of them have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dltrain.errors import RunError
from dltrain.evaluation.scores import metrics_to_report
from dltrain.evaluation.stored import read_stored
from dltrain.metrics.base import MetricSpec, Predictions
from dltrain.opening import fingerprint_of, open_assembly, opening
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import read_arrays

if TYPE_CHECKING:
    import numpy as np


class UnpairedError(RunError):
    """Two runs have no rows on which they could be tested against each other; the text says why."""


@dataclass(frozen=True)
class Answers:
    """The predictions of a run for its test rows; of a cross-validation, those of each fold for its own.

    Attributes:
        run: whose.
        fingerprint: of the dataset.
        task: such as ``regression``.
        rows: the id of each row, (rows,), in order.
        predictions: of these rows.
        metrics: what the run is scored by.
        overlap: from how many rows apart windows of a series share nothing; 1 where rows are no windows.
    """

    run: RunDirectory
    fingerprint: str
    task: str
    rows: np.ndarray
    predictions: Predictions
    metrics: tuple[MetricSpec, ...]
    overlap: int = 1

    @property
    def kinds(self) -> tuple[str, ...]:
        """Its classes or labels."""
        return self.predictions.classes or self.predictions.labels

    def of(self, places: np.ndarray) -> Answers:
        """The same of some of the rows."""
        found = self.predictions
        probabilities, groups = (
            None if values is None else values[places] for values in (found.probabilities, found.groups)
        )
        truth, predicted = found.truth[places], found.predicted[places]
        parts = replace(found, truth=truth, predicted=predicted, probabilities=probabilities, groups=groups)
        return replace(self, rows=self.rows[places], predictions=parts)


def read_answers(run: RunDirectory) -> Answers:
    """What a run predicts of its test rows.

    Raises:
        UnpairedError: it has no such predictions.
        RunError: its record is damaged.
    """
    folds = run.folds
    found = [_read(single) for single in folds or [run]]
    return replace(_joined(found), run=run) if folds else found[0]


def _read(run: RunDirectory) -> Answers:
    path = run.predictions("test")
    if not path.is_file():
        raise UnpairedError(f"{run} has no predictions of test rows: {path.relative_to(run.path)} is not there")
    assembly = open_assembly(run)
    with opening(run):
        try:
            rows, predictions = read_stored(read_arrays(path), assembly.target, assembly.head)
        except ValueError as error:
            raise RunError(f"cannot read {path}: {error}; this run directory is damaged") from None
        metrics = tuple(metrics_to_report(assembly))
    task = "classification" if predictions.classes else assembly.task.type
    overlap = assembly.experiment.dataset.stride_without_overlap or 1
    return Answers(run, fingerprint_of(run), task, rows, predictions, metrics, overlap)


def _joined(found: Sequence[Answers]) -> Answers:
    """Rows of several folds as one; each row may be in one of them only.

    Raises:
        UnpairedError: they are of other classes, or some rows are in several folds.
    """
    import numpy as np

    first = found[0]
    if any((one.kinds, one.task, one.fingerprint) != (first.kinds, first.task, first.fingerprint) for one in found):
        raise UnpairedError("its folds are of different data")
    rows = np.concatenate([one.rows for one in found])
    order = rows.argsort(kind="stable")
    if len(np.unique(rows)) < len(rows):
        raise UnpairedError("its folds were tested on the same rows")
    every = [one.predictions for one in found]
    truth, predicted = (np.concatenate([getattr(one, name) for one in every]) for name in ("truth", "predicted"))
    outputs = [one.probabilities for one in every if one.probabilities is not None]
    probabilities = np.concatenate(outputs) if len(outputs) == len(every) else None
    joined = replace(
        first.predictions, truth=truth, predicted=predicted, probabilities=probabilities, groups=_groups(every)
    )
    return replace(first, rows=rows, predictions=joined).of(order)


def _groups(folds: Sequence[Predictions]) -> np.ndarray | None:
    """Numbers of the groups of all rows; no group is in two folds."""
    import numpy as np

    each = [fold.groups for fold in folds if fold.groups is not None]
    if len(each) < len(folds):
        return None
    counted = [np.unique(groups, return_inverse=True)[1] for groups in each]
    starts = np.cumsum([0, *(int(groups.max(initial=-1)) + 1 for groups in counted)])
    return np.concatenate([groups + start for groups, start in zip(counted, starts, strict=False)])


def pair(first: Answers, second: Answers) -> tuple[Answers, Answers]:
    """Both for the rows that both were tested on, with classes in the order of the first.

    Raises:
        UnpairedError: there are no such rows.
    """
    import numpy as np

    if first.fingerprint != second.fingerprint:
        raise UnpairedError("they were trained on different data, so no test rows are known to be the same")
    if first.task != second.task:
        raise UnpairedError(
            f"one predicts by {first.task.replace('_', ' ')}, the other by {second.task.replace('_', ' ')}"
        )
    if (
        sorted(first.kinds) != sorted(second.kinds)
        or first.predictions.truth.shape[1:] != second.predictions.truth.shape[1:]
    ):
        raise UnpairedError("they predict different targets")
    _, *places = np.intersect1d(first.rows, second.rows, assume_unique=True, return_indices=True)
    if not len(places[0]):
        raise UnpairedError("none of the test rows of one is a test row of the other")
    pair = first.of(places[0]), _in_order(second.of(places[1]), first.kinds)
    if not np.array_equal(pair[0].predictions.truth, pair[1].predictions.truth):
        raise UnpairedError("what is recorded as true of the same test rows differs")
    return pair


def _in_order(answers: Answers, kinds: tuple[str, ...]) -> Answers:
    """The same with classes or labels in another order."""
    import numpy as np

    if answers.kinds == kinds:
        return answers
    found, number = answers.predictions, {kind: index for index, kind in enumerate(kinds)}
    order = np.asarray([answers.kinds.index(kind) for kind in kinds])
    values = found.probabilities
    if values is not None:
        # The margin of the second of two classes is that of the first with the other sign.
        values = -values if values.ndim == 1 else values[:, order]
    if found.labels:
        moved = replace(found, truth=found.truth[:, order], predicted=found.predicted[:, order], labels=kinds)
    else:
        places = np.asarray([number[kind] for kind in answers.kinds])
        moved = replace(found, truth=places[found.truth], predicted=places[found.predicted], classes=kinds)
    return replace(answers, predictions=replace(moved, probabilities=values))
