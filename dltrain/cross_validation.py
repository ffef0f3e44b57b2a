"""One experiment as several runs, each tested on rows that it was not trained on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dltrain import scoring, workflow
from dltrain.baselines.folds import standing_of_folds
from dltrain.coach.coach import of_folds
from dltrain.coach.finding import Finding
from dltrain.errors import DltrainError, UsageError
from dltrain.evaluation.measured import Measured
from dltrain.evaluation.over_folds import SplitScores, deviations, means
from dltrain.experiment import Experiment
from dltrain.page.process import Reporter
from dltrain.record import give_pictures, record_config, record_experiment
from dltrain.result import Result, check_scores
from dltrain.runs.directory import RunDirectory, create, create_fold, now
from dltrain.runs.files import write_json
from dltrain.runs.writing import locked, writing
from dltrain.spec.document import Document
from dltrain.splits.base import SplitsSpec
from dltrain.training.observer import Observer


@dataclass(frozen=True)
class CrossValidation:
    """The runs of all folds, completed.

    Attributes:
        directory: holds the runs of the folds.
        folds: the run of each.
        seconds: of all of them.
        scores: the mean over the folds of each score of each split.
        deviation: the standard deviation over the folds of each score of each split.
        baselines: the means over the folds of the scores of each simple model.
        verdict: on the means over the folds.
        findings: what more than half of the folds say.
    """

    directory: RunDirectory
    folds: tuple[Result, ...]
    seconds: float
    scores: SplitScores
    deviation: SplitScores
    baselines: Mapping[str, Any] = field(default_factory=dict)
    verdict: Mapping[str, Any] | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def shown(self) -> Sequence[str]:
        """The names of the scores that are worth a look."""
        return self.folds[0].shown

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "run": str(self.directory),
            "status": "completed",
            "seconds": round(self.seconds, 3),
            "device": self.folds[0].device,
            "backend": self.folds[0].backend,
            "scores": self.scores,
            "deviation": self.deviation,
            "baselines": dict(self.baselines),
            "verdict": self.verdict,
            "findings": [finding.plain() for finding in self.findings],
            "folds": [fold.plain() for fold in self.folds],
        }


def fit(
    experiment: Experiment, document: Document, *, runs_dir: Path, observer: Observer, report: bool = True
) -> Result | CrossValidation:
    """Trains and scores a checked experiment, once or once for each fold where its splits have folds, and reports.

    Folds are trained one after the other in `runs/<name>/<number>/fold-1` and so on. A fold that fails ends
    them all; those before it stay. What the config expects is expected of the means.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    reporter = Reporter(observer) if report else observer
    try:
        result = train(experiment, document, runs_dir=runs_dir, observer=reporter)
        conclude(experiment, result, observer=reporter, report=report)
    finally:
        if isinstance(reporter, Reporter):
            reporter.close()
    return result


def train(
    experiment: Experiment, document: Document, *, runs_dir: Path, observer: Observer
) -> Result | CrossValidation:
    """The same without a look at what is expected."""
    if experiment.splits.repeats:
        return _Folds(experiment, document, runs_dir, observer)()
    new = partial(create, runs_dir, experiment.name)
    return workflow.train(experiment, document, runs_dir=runs_dir, new=new, observer=observer)


class _Folds:
    """The runs of a cross-validation; their directory is made when the first of them has passed all checks."""

    def __init__(self, experiment: Experiment, document: Document, runs_dir: Path, observer: Observer) -> None:
        self.experiment, self.document = experiment, document
        self.runs_dir, self.observer = runs_dir, observer
        self.run: RunDirectory | None = None
        self.stack = ExitStack()

    def __call__(self) -> CrossValidation:
        clock = time.perf_counter()
        with self.stack:
            folds = tuple(self._fold(number, splits) for number, splits in enumerate(self.experiment.splits.repeats, 1))
            assert self.run is not None
            each = [{split: dict(scores) for split, scores in fold.scores.items()} for fold in folds]
            scores, deviation = means(each), deviations(each)
            stands = standing_of_folds(self.experiment, folds).plain()
            findings = of_folds([fold.findings for fold in folds])
            said = {**stands, "findings": [finding.plain() for finding in findings]}
            write_json(self.run.metrics, {"scores": scores, "deviation": deviation, **said, "folds": each})
            self.run.update_manifest(status="completed", ended=now())
        seconds = time.perf_counter() - clock
        return CrossValidation(self.run, folds, seconds, scores, deviation, **stands, findings=findings)

    def _fold(self, number: int, splits: SplitsSpec) -> Result:
        title = f"fold {number} of {len(self.experiment.splits.repeats)}"
        self.observer.note(title)
        if number > 1:
            _forget()
        with self._naming(title):
            return self._train(number, self.experiment.completed(splits=splits))

    def _train(self, number: int, experiment: Experiment) -> Result:
        new = partial(self._new, number)
        return workflow.train(experiment, self.document, runs_dir=self.runs_dir, new=new, observer=self.observer)

    @contextmanager
    def _naming(self, title: str) -> Iterator[None]:
        """Says in which fold something failed, unless it would fail in any."""
        try:
            yield
        except DltrainError as error:
            if self.run is not None:
                error.args = (f"{title}: {error}",)
            raise

    def _new(self, number: int) -> RunDirectory:
        if self.run is None:
            self.run = create(self.runs_dir, self.experiment.name)
            self.stack.enter_context(locked(self.run))
            self.stack.enter_context(writing(self.run)).log.write("each fold has a log of its own")
            record_experiment(self.run, self.experiment)
            folds, seed = len(self.experiment.splits.repeats), self.experiment.seed
            config = record_config(self.run, self.document)
            self.run.update_manifest(status="running", started=now(), seed=seed, folds=folds, config=config)
        return create_fold(self.run, number)


class _FoldsAgain(_Folds):
    """The folds of a run that goes on; a fold that is complete is left as it is."""

    def __init__(
        self, run: RunDirectory, experiment: Experiment, document: Document, observer: Observer, *, force: bool
    ) -> None:
        super().__init__(experiment, document, run.path, observer)
        self.run = run
        self.force = force

    def __call__(self) -> CrossValidation:
        assert self.run is not None
        with locked(self.run), writing(self.run):
            return super().__call__()

    def _train(self, number: int, experiment: Experiment) -> Result:
        assert self.run is not None
        fold = self.run.fold(number)
        if not fold.manifest.exists():
            return super()._train(number, experiment)
        return workflow.resume(fold, experiment, self.document, force=self.force, observer=self.observer)


def resume(
    run: RunDirectory, experiment: Experiment, document: Document, *, force: bool = False, observer: Observer
) -> Result | CrossValidation:
    """Goes on with a run, or with the folds of one, as `workflow.resume` does; `conclude` is the caller's.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    if experiment.splits.repeats:
        return _FoldsAgain(run, experiment, document, observer, force=force)()
    return workflow.resume(run, experiment, document, force=force, observer=observer)


def conclude(
    experiment: Experiment, result: Result | CrossValidation, *, observer: Observer, report: bool = True
) -> None:
    """Writes the page of a run that completed, unless `report` is off, and looks at what is expected of its scores.

    Raises:
        ExpectationError: a score misses what the config expects; the page is there all the same.
    """
    if report:
        (observer if isinstance(observer, Reporter) else Reporter(observer)).report(result.directory)
        give_pictures(result.directory, experiment, observer.note)
    check_scores(experiment, result)


def evaluate(
    run: RunDirectory, *, split: str = "test", data: str | Path | None = None
) -> tuple[dict[str, Any], Measured | None, dict[str, Any] | None]:
    """Scores a completed run again, or each fold of a cross-validation, as `scoring.evaluate` does.

    Returns:
        The scores, for folds their means; for a single run what is known of them; and for folds the deviations.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    if not (folds := run.folds):
        measured = scoring.evaluate(run, split=split, data=data)
        return measured.scores, measured, None
    if len(folds) < 2 or not run.metrics.exists():
        raise UsageError(f"{run} did not complete; name one of its folds, such as {folds[0]}")
    each = []
    for number, fold in enumerate(folds):
        if number:
            _forget()
        measured = scoring.evaluate(fold, split=split, data=data)
        each.append({split: measured.scores})
    return means(each)[split], None, deviations(each)[split]


def _forget() -> None:
    """Frees what Keras and its backend hold of earlier models."""
    import keras

    keras.utils.clear_session()
