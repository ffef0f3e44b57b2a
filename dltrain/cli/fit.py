"""`dltrain fit`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.cli.closing import close
from dltrain.cli.console import print_json
from dltrain.cli.outcomes import Outcomes
from dltrain.cli.progress import observer
from dltrain.errors import DltrainError, ExpectationError, UsageError
from dltrain.load import load
from dltrain.runs.directory import RunDirectory, find, latest
from dltrain.spec.problems import Problem, SpecError
from dltrain.spec.section import describe

if TYPE_CHECKING:
    from dltrain.cross_validation import CrossValidation
    from dltrain.experiment import Experiment
    from dltrain.result import Result
    from dltrain.spec.document import Document
    from dltrain.training.observer import Observer


@dataclass(frozen=True)
class Options:
    """How a run goes on, and what is printed and written.

    Attributes:
        force: goes on also where something has changed since it began.
        json: one JSON object on stdout, and nothing else.
        report: whether the page about it is written.
        junit: a file for what became of the configs.
    """

    force: bool
    json: bool
    report: bool = True
    junit: Path | None = None


def fit_all(
    configs: Sequence[Path], settings: Sequence[str], *, runs_dir: Path, options: Options, jobs: int | None
) -> None:
    """Checks every config, then trains each, several of them in forks of one process that has imported the backend.

    Args:
        configs: files.
        settings: overrides, for each.
        runs_dir: the folder that run directories are made in.
        options: what is printed and written.
        jobs: how many are trained at a time; by default what suits the machine.

    Raises:
        DltrainError: a config failed; the others were trained all the same.
    """
    with Outcomes("fit", configs, options.junit) as told:
        loaded = [load(config, settings) for config in configs]
        refuse_different_processes(loaded)
        outcomes = _outcomes(loaded, runs_dir, options, jobs)
        for config, outcome in zip(configs, outcomes, strict=True):
            told.fitted(str(config), outcome)
    if options.json:
        print_json({"runs": [outcome for outcome in outcomes if not isinstance(outcome, DltrainError)]})
    if failures := [outcome for outcome in outcomes if isinstance(outcome, DltrainError)]:
        raise summary(failures, len(loaded)) if len(loaded) > 1 else failures[0]


def _outcomes(
    loaded: Sequence[tuple[Experiment, Document]], runs_dir: Path, options: Options, jobs: int | None
) -> Sequence[dict[str, Any] | DltrainError]:
    """A result or an error for each config."""
    from dltrain.cli.by_kernels import in_groups
    from dltrain.cli.several import one_by_one
    from dltrain.foresight import takes_onednn
    from dltrain.runtime.forks import can_fork

    several = len(loaded) > 1
    works = [(document.source, partial(_fit, one, document, runs_dir, (options, several))) for one, document in loaded]
    if several and can_fork():
        kernels = [takes_onednn(experiment) for experiment, _ in loaded]
        return in_groups(works, [experiment.runtime for experiment, _ in loaded], kernels, jobs)
    return one_by_one(works)


def _fit(experiment: Experiment, document: Document, runs_dir: Path, printed: tuple[Options, bool]) -> dict[str, Any]:
    """The result in plain values."""
    from dltrain.cross_validation import fit

    def work(listener: Observer) -> Result | CrossValidation:
        return fit(experiment, document, runs_dir=runs_dir, observer=listener, report=printed[0].report)

    return _shown(work, document, printed)


def _shown(
    work: Callable[[Observer], Result | CrossValidation], document: Document, printed: tuple[Options, bool]
) -> dict[str, Any]:
    """The result of `work` in plain values, which is shown, also where it misses what is expected of it.

    Args:
        work: is given whom to tell how it goes.
        document: places what is expected.
        printed: options, of which JSON shows nothing here, and whether the run is named above its scores.
    """
    options, labelled = printed
    listener = observer(quiet=options.json)
    try:
        try:
            result = work(listener)
        finally:
            listener.close()
    except ExpectationError as error:
        if not options.json:
            close(error.ended, labelled=labelled)
        raise ExpectationError(document.located(error.problems), error.result) from None
    if not options.json:
        close(result, labelled=labelled)
    return result.plain()


def refuse_different_processes(loaded: Sequence[tuple[Experiment, Document]]) -> None:
    """Raises ConfigError where a config needs a process that another of them cannot share."""
    (experiment, first), *others = loaded
    if not others:
        return
    from dltrain.runtime.environment import of_the_process

    common = of_the_process(experiment.runtime)
    for experiment, document in others:
        found = of_the_process(experiment.runtime)
        with document.locating():
            if different := [name for name in common if name in found and found[name] != common[name]]:
                raise SpecError([_different(name, found[name], common[name], first.source) for name in different])


def _different(name: str, value: Any, other: Any, source: str) -> Problem:
    shown, given = (describe(value) if value is not None else "the default" for value in (value, other))
    text = f"{shown}, but {given} in {source}, and one process cannot do both; train them with two commands"
    return Problem(text, ("runtime", name))


def resume_run(
    resumed: str, configs: Sequence[Path], settings: Sequence[str], *, runs_dir: Path, options: Options
) -> None:
    """Goes on with one run, which `latest` or a path names.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    if len(configs) > 1:
        raise UsageError("--resume goes on with one run; give one CONFIG, or none")
    from dltrain.opening import require_recorded_paths

    run = _named_run(resumed, configs, settings, runs_dir)
    require_recorded_paths(run)
    experiment, document = load(configs[0] if configs else run.experiment, settings, recorded=not configs)
    from dltrain.cross_validation import conclude, resume

    def work(listener: Observer) -> Result | CrossValidation:
        result = resume(run, experiment, document, force=options.force, observer=listener)
        conclude(experiment, result, observer=listener, report=options.report)
        return result

    result = _shown(work, document, (options, False))
    if options.json:
        print_json({"runs": [result]})


def _named_run(resumed: str, configs: Sequence[Path], settings: Sequence[str], runs_dir: Path) -> RunDirectory:
    if resumed != "latest":
        return find(resumed)
    return latest(runs_dir, load(configs[0], settings)[0].name if configs else None)


def summary(failures: Sequence[DltrainError], configs: int) -> DltrainError:
    """One error for several, with the exit code of the first."""
    error = DltrainError(f"{len(failures)} of {configs} configs failed")
    error.exit_code = failures[0].exit_code
    return error
