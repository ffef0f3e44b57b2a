"""`dltrain bench`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dltrain.benchmarking.bench import Bench, bench
from dltrain.benchmarking.process import Measuring, as_set
from dltrain.benchmarking.trial import Trial
from dltrain.benchmarking.writing import SECTION, fixed_by, refuse_unwritable, write
from dltrain.cli.console import print_json, say, show, table
from dltrain.experiment import Experiment
from dltrain.footprint import in_words
from dltrain.load import load
from dltrain.runtime.settings import RuntimeSpec
from dltrain.spec.document import Document
from dltrain.spec.dumper import dump


@dataclass(frozen=True)
class Options:
    """How long is measured, and what becomes of it.

    Attributes:
        seconds: of training in each trial.
        write: write the fastest settings into the file.
        json: one JSON object on stdout, and nothing else.
    """

    seconds: float
    write: bool
    json: bool


def bench_config(config: Path, settings: Sequence[str], options: Options) -> None:
    """Measures a config and prints how fast it is with which settings.

    Raises:
        DltrainError: the config is wrong, nothing could be measured, or the file cannot be written.
    """
    experiment, document = load(config, settings)
    if options.write:
        refuse_unwritable(config, settings)
    measure = Measuring(config, settings, options.seconds)
    found = bench(experiment.runtime, measure, fixed=fixed_by(settings), tell=None if options.json else _tell)
    block = _block(experiment, document, found)
    if not options.json:
        _show(found, block)
    writes = options.write and bool(found.chosen.settings)
    if writes:
        _write(config, settings, document, found)
    if options.json:
        runtime = block.get(SECTION, {})
        print_json({"file": document.source, **found.plain(), "runtime": runtime, "written": writes})
    elif options.write:
        say(f"{config} is written" if writes else f"{config} is left as it is")


def _write(config: Path, settings: Sequence[str], document: Document, found: Bench) -> None:
    chosen = found.chosen.settings
    expected, _ = load(config, [*settings, *as_set(chosen)])
    told = {name for name in fixed_by(settings) if name in (document.values.get(SECTION) or {})}
    names = [name for name in RuntimeSpec.model_fields if name in told | set(chosen)]
    write(config, document, {name: getattr(expected.runtime, name) for name in names}, expected)


def _block(experiment: Experiment, document: Document, found: Bench) -> dict[str, Any]:
    """The section to paste: what is written now, and what was chosen."""
    chosen = found.chosen.settings
    runtime = experiment.runtime.model_copy(update=dict(chosen)).plain()
    names = [name for name in runtime if name in {**(document.values.get(SECTION) or {}), **chosen}]
    kept = {name: runtime[name] for name in names if runtime[name] is not None}
    return {SECTION: kept} if kept else {}


def _tell(trial: Trial) -> None:
    said = f"{trial.rate:,.0f} samples/s" if trial.measured else f"{trial.status}: {trial.text}"
    say(f"{trial.label}: {said}")


def _show(found: Bench, block: dict[str, Any]) -> None:
    say()
    for line in _table(found):
        show(line)
    if found.missing:
        show(f"not installed: {', '.join(found.missing)}")
    show()
    show(found.verdict)
    for note in found.notes:
        show(note)
    if block and found.chosen.settings:
        show(f"\n{dump(block)}".rstrip("\n"))


def _table(found: Bench) -> list[str]:
    """A line for each trial, with a mark behind the chosen one, and behind others why there is nothing."""
    first = found.trials[0].rate
    lines = table(["", "samples/s", "ratio", "memory", "first step"], (_row(trial, first) for trial in found.trials))
    behind = ["", *(_behind(trial, found) for trial in found.trials)]
    return [f"{line}  {text}".rstrip() for line, text in zip(lines, behind, strict=True)]


def _row(trial: Trial, first: float) -> list[str]:
    measured = trial.measured
    if measured is None:
        return [_named(trial), "-", "-", "-", "-"]
    ratio = f"{trial.rate / first:.2f}" if first else "-"
    memory = in_words(measured.memory + (measured.gpu_memory or 0))
    return [_named(trial), f"{trial.rate:,.0f}", ratio, memory, f"{measured.first_step_seconds:.1f} s"]


def _named(trial: Trial) -> str:
    """The config as it is by what it comes to."""
    measured = trial.measured
    if trial.settings or measured is None:
        return trial.label
    return f"as it is ({measured.backend}, {measured.device})"


def _behind(trial: Trial, found: Bench) -> str:
    if trial is found.chosen:
        return "<- best"
    return "" if trial.measured else f"{trial.status}: {trial.text}"
