"""`dltrain fit`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.cli.console import print_json, say, score_table, show
from dltrain.cli.progress import observer
from dltrain.errors import DltrainError, InterruptedRunError, UsageError
from dltrain.load import load
from dltrain.runs.directory import RunDirectory, find, latest

if TYPE_CHECKING:
    from dltrain.cross_validation import CrossValidation
    from dltrain.result import Result


@dataclass(frozen=True)
class Options:
    """How a run goes on, and what is printed.

    Attributes:
        force: also where something has changed since it began.
        json: one JSON object on stdout, and nothing else.
    """

    force: bool
    json: bool


def fit_all(configs: Sequence[Path], settings: Sequence[str], *, runs_dir: Path, json: bool) -> None:
    """Checks every config, then trains one after the other.

    Raises:
        DltrainError: a config failed; the others were trained all the same.
    """
    loaded = [load(config, settings) for config in configs]
    from dltrain.cross_validation import fit

    results: list[Any] = []
    failures: list[DltrainError] = []
    for experiment, document in loaded:
        listener = observer(quiet=json)
        try:
            result = fit(experiment, document, runs_dir=runs_dir, observer=listener)
        except InterruptedRunError:
            raise
        except DltrainError as error:
            failures.append(error)
            if len(loaded) > 1:
                say(f"{document.source} failed: {error}")
            continue
        finally:
            listener.close()
        results.append(result.plain())
        if not json:
            _show(result, labelled=len(loaded) > 1)
    if json:
        print_json({"runs": results})
    if failures:
        raise failures[0] if len(loaded) == 1 else summary(failures, len(loaded))


def resume_run(
    resumed: str, configs: Sequence[Path], settings: Sequence[str], *, runs_dir: Path, options: Options
) -> None:
    """Goes on with one run, which `latest` or a path names.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    if len(configs) > 1:
        raise UsageError("--resume goes on with one run; give one CONFIG, or none")
    run = _named_run(resumed, configs, settings, runs_dir)
    experiment, document = load(configs[0] if configs else run.experiment, settings, recorded=not configs)
    from dltrain.cross_validation import resume

    listener = observer(quiet=options.json)
    try:
        result = resume(run, experiment, document, force=options.force, observer=listener)
    finally:
        listener.close()
    if options.json:
        print_json({"runs": [result.plain()]})
    else:
        _show(result, labelled=False)


def _named_run(resumed: str, configs: Sequence[Path], settings: Sequence[str], runs_dir: Path) -> RunDirectory:
    if resumed != "latest":
        return find(resumed)
    return latest(runs_dir, load(configs[0], settings)[0].name if configs else None)


def _show(result: Result | CrossValidation, *, labelled: bool) -> None:
    say()
    if labelled:
        show(str(result.directory))
    for line in score_table(result.scores, getattr(result, "deviation", None)):
        show(line)
    say(f"\nscore it again: dltrain evaluate {result.directory}")


def summary(failures: Sequence[DltrainError], configs: int) -> DltrainError:
    """One error for several, with the exit code of the first."""
    error = DltrainError(f"{len(failures)} of {configs} configs failed")
    error.exit_code = failures[0].exit_code
    return error
