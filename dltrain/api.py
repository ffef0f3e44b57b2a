"""The Python functions of dltrain: `fit`, `evaluate`, `predict`, `explain`, `compare` and `open_run`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain import cross_validation, scoring
from dltrain.load import load
from dltrain.opening import read_history
from dltrain.runs.directory import RunDirectory, find
from dltrain.runs.files import read_json
from dltrain.training.observer import Observer

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dltrain.contrast.contrast import Contrast
    from dltrain.explanation.explanation import Explanation
    from dltrain.reproduction import Reproduction


@dataclass(frozen=True)
class Run:
    """A run directory, opened.

    Attributes:
        directory: the names of its artifacts.
    """

    directory: RunDirectory

    @property
    def path(self) -> Path:
        """The folder."""
        return self.directory.path

    @cached_property
    def scores(self) -> dict[str, dict[str, Any]]:
        """The final scores of each split, as `fit` computed them."""
        scores: dict[str, dict[str, Any]] = read_json(self.directory.metrics)["scores"]
        return scores

    @cached_property
    def intervals(self) -> dict[str, dict[str, list[float]]]:
        """The 95 % interval of each score of the test rows, or where there are none of the validation rows."""
        intervals: dict[str, dict[str, list[float]]] = read_json(self.directory.metrics).get("intervals", {})
        return intervals

    @property
    def folds(self) -> list[Run]:
        """The runs of a cross-validation, whose own scores are means; none for a single run."""
        return [Run(directory) for directory in self.directory.folds]

    @cached_property
    def history(self) -> dict[str, list[float]]:
        """Loss and metrics of every epoch, a list for each column of ``history.csv``."""
        return read_history(self.directory.single())

    @cached_property
    def model(self) -> keras.Model:
        """The model with the kept weights: raw rows in, outputs out."""
        return scoring.open_model(self.directory)


def fit(
    config: str | Path,
    *,
    overrides: Iterable[str] = (),
    runs_dir: str | Path = "runs",
    observer: Observer | None = None,
    report: bool = True,
) -> Run:
    """Trains and scores the experiment of a config file.

    Args:
        config: the path of a YAML file.
        overrides: settings such as ``trainer.epochs=3``.
        runs_dir: the folder that run directories are made in.
        observer: is told how training goes.
        report: whether figures are drawn and ``report.html`` is written.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    experiment, document = load(config, overrides)
    observer, folder = observer or Observer(), Path(runs_dir)
    result = cross_validation.fit(experiment, document, runs_dir=folder, observer=observer, report=report)
    return Run(result.directory)


def resume(
    run: Run | str | Path,
    *,
    overrides: Iterable[str] = (),
    force: bool = False,
    observer: Observer | None = None,
    report: bool = True,
) -> Run:
    """Goes on with a run from its last checkpoint, to the same bits as if it had never been stopped.

    Args:
        run: the run; one that is complete is left as it is, unless more epochs are asked for.
        overrides: settings, of which only ``trainer.epochs``, ``trainer.checkpoint_seconds``, ``expect`` and
            ``runtime.memory`` may differ from what the run began with.
        force: go on although something has changed.
        observer: is told how training goes.
        report: whether figures are drawn and ``report.html`` is written.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    directory = run.directory if isinstance(run, Run) else find(run)
    experiment, document = load(directory.experiment, overrides, recorded=True)
    observer = observer or Observer()
    result = cross_validation.resume(directory, experiment, document, force=force, observer=observer)
    cross_validation.conclude(experiment, result, observer=observer, report=report)
    return Run(directory)


def reproduce(
    run: Run | str | Path, *, runs_dir: str | Path | None = None, force: bool = False, observer: Observer | None = None
) -> Reproduction:
    """Trains a run again from its ``experiment.yaml``, into a new run directory, and compares the two bit for bit.

    Args:
        run: a run that completed.
        runs_dir: the folder that the new run directory is made in; by default the run's own.
        force: train also on data that has changed.
        observer: is told how training goes.

    Returns:
        What is equal and what drifted; ``equal`` says whether history, weights and scores have the same bits.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    from dltrain.reproduction import reproduce

    directory = run.directory if isinstance(run, Run) else find(run)
    folder = None if runs_dir is None else Path(runs_dir)
    return reproduce(directory, runs_dir=folder, force=force, observer=observer or Observer())


def evaluate(run: Run | str | Path, *, split: str = "test", data: str | Path | None = None) -> dict[str, Any]:
    """The scores of a run on one of its splits, or on other labelled data.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    directory = run.directory if isinstance(run, Run) else find(run)
    return cross_validation.evaluate(directory, split=split, data=data)[0]


def predict(run: Run | str | Path, rows: Any, *, most_classes: int = 20) -> dict[str, np.ndarray]:
    """What a run's model says of rows whose target is not known; one that they have is not looked at.

    Args:
        run: the run.
        rows: the path of a file, or of a folder of files, like those of training. For a run on a table
            also a mapping from columns to their values, a list of mappings, a data frame, or, for a
            single column, its values; for a run on arrays an array (rows, ...).
        most_classes: up to so many classes each has a column for its probability.

    Returns:
        Arrays (rows,) in the order of the rows. For classes ``prediction`` and ``probability_<class>``;
        with more classes than `most_classes` only the ``probability`` of the predicted one; where the
        loss gives none, the ``margin``. For numbers ``prediction``, or ``prediction_<name>`` for each of
        several, in the target's own unit. For files of one row each, such as images, also ``path``.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    import numpy as np

    directory = run.directory if isinstance(run, Run) else find(run)
    tables = list(scoring.predict(directory, rows, most_classes=most_classes))
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0] if name != "row"}


def compare(*runs: Run | str | Path) -> Contrast:
    """Runs side by side: settings, scores, and a paired test of each against the first on the same test rows.

    Raises:
        UsageError: these are not at least two different runs.
    """
    from dltrain.contrast.contrast import contrast

    return contrast([run.directory if isinstance(run, Run) else find(run) for run in runs])


def explain(config: str | Path, *, overrides: Iterable[str] = (), data: bool = False) -> Explanation:
    """What a config comes to: derived values and why they are so, layers with shapes and parameters, memory.

    Args:
        config: the path of a YAML file.
        overrides: settings such as ``trainer.epochs=3``.
        data: whether to read all rows, for what depends on them.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    from dltrain.explanation.explanation import explain

    return explain(*load(config, overrides), read=data)


def open_run(path: str | Path) -> Run:
    """Opens a run directory, or the newest run of a name's folder.

    Raises:
        UsageError: there is no run.
    """
    return Run(find(path))
