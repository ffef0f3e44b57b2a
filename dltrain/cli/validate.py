"""`dltrain validate`: what is wrong with configs and, if asked, with their data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dltrain.cli.console import print_json, show, table
from dltrain.cli.outcomes import Outcome, Outcomes, failed
from dltrain.errors import ConfigError
from dltrain.load import load

if TYPE_CHECKING:
    from dltrain.experiment import Experiment
    from dltrain.inspection.inspect import Inspection
    from dltrain.spec.document import Document

_MOST_SHOWN = 30


class Validation(NamedTuple):
    """What is asked for.

    Attributes:
        data: whether all rows are read.
        show: whether every value is printed with where it comes from.
        json: whether one JSON object is printed and nothing else.
        junit: a file for what became of the configs.
    """

    data: bool = False
    show: bool = False
    json: bool = False
    junit: Path | None = None


def validate_all(configs: Sequence[Path], settings: Sequence[str], asked: Validation) -> None:
    """Checks each config, and says what is wrong with any.

    Raises:
        ConfigError: something is.
    """
    with Outcomes("validate", configs, asked.junit) as told:
        _validate(configs, settings, asked, told)


def _validate(configs: Sequence[Path], settings: Sequence[str], asked: Validation, told: Outcomes) -> None:
    problems: list[Any] = []
    loaded: list[tuple[Experiment, Document]] = []
    inspected: list[dict[str, Any]] = []
    for config in configs:
        try:
            loaded.append(load(config, settings))
        except ConfigError as error:
            problems += error.problems
            told.add(failed(str(config), error))
            continue
        found = _inspected(*loaded[-1]) if asked.data else None
        if found is not None:
            inspected.append({"config": str(config), **found.plain()})
            located = loaded[-1][1].located(tuple(found.problems))
            problems += located
        else:
            located = []
        told.add(failed(str(config), ConfigError(located)) if located else Outcome(str(config)))
        if not asked.json:
            _print(str(config), found, asked)
    _finish(problems, loaded, inspected, asked)


def _finish(
    problems: Sequence[Any],
    loaded: Sequence[tuple[Experiment, Document]],
    inspected: Sequence[dict[str, Any]],
    asked: Validation,
) -> None:
    printed: dict[str, Any] = {"problems": [problem.plain() for problem in problems]}
    if asked.data:
        printed["data"] = inspected
    if asked.show:
        from dltrain.cli.show import show_all

        printed["experiments"] = show_all(loaded, quiet=asked.json)
    if asked.json:
        print_json(printed)
    if problems:
        raise ConfigError([] if asked.json else problems)


def _inspected(experiment: Experiment, _: Document) -> Inspection:
    from dltrain.inspection.inspect import inspect
    from dltrain.scratch import Scratch

    return inspect(experiment, Scratch(Path(), experiment.runtime.row_memory))


def _print(config: str, found: Inspection | None, asked: Validation) -> None:
    for line in _lines(found) if found else ():
        show(line)
    if not (asked.show or (found and found.problems)):
        show(f"{config}: ok")


def _lines(found: Inspection) -> list[str]:
    lines = []
    if found.rows:
        lines.append(f"{found.origin}: " + ", ".join(f"{count:,} {name}" for name, count in found.rows.items()))
        lines.append(f"task: {found.task}")
    if found.columns:
        lines += ["", *_column_table(found)]
    if found.classes:
        lines += ["", *_class_table(found)]
    return [*lines, "", *(f"note: {note}" for note in found.notes)] if lines or found.notes else []


def _column_table(found: Inspection) -> list[str]:
    # Those with something to see first, then as many of the others as fit.
    columns = sorted(found.columns, key=lambda column: not (column.missing.count or column.infinite.count))
    rows = []
    for column in columns[:_MOST_SHOWN]:
        seen = column.missing if column.missing.count else column.infinite
        counts = [f"{column.missing.count:,}", f"{column.infinite.count:,}"]
        rows.append([column.feature.name, column.feature.kind, *counts, column.range, seen.shown])
    more = len(columns) - _MOST_SHOWN
    lines = table(["column", "kind", "missing", "infinite", "values", "rows"], rows)
    return [*lines, f"and {more:,} more columns"] if more > 0 else lines


def _class_table(found: Inspection) -> list[str]:
    splits = list(found.rows)
    rows = [[name, *(f"{counts[split]:,}" for split in splits)] for name, counts in found.classes.items()]
    rows.sort(key=lambda row: [int(cell.replace(",", "")) for cell in row[1:]])
    lines = table(["class", *splits], rows[:_MOST_SHOWN])
    more = len(rows) - _MOST_SHOWN
    return [*lines, f"and {more:,} more, which have more rows"] if more > 0 else lines
