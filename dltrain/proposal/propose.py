"""The whole story of a proposal: look at the data, choose by rules, write, and try it out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dltrain.completion import complete
from dltrain.data.base import format_of
from dltrain.data.source import take_census
from dltrain.errors import ConfigError, DataError, UsageError
from dltrain.experiment import Experiment
from dltrain.load import check
from dltrain.proposal.arrays import survey_arrays
from dltrain.proposal.files import TABLES, find, parts_beside, path_from, table_in
from dltrain.proposal.folders import survey_folder
from dltrain.proposal.network import Network, choose_network
from dltrain.proposal.survey import Survey
from dltrain.proposal.table_config import survey_table
from dltrain.proposal.tables import look
from dltrain.proposal.task import Judged, judge
from dltrain.proposal.writing import Line, entry, shown, written
from dltrain.scratch import Scratch
from dltrain.spec.document import Document
from dltrain.spec.problems import SpecError
from dltrain.splits.base import Population

_FEW_ROWS = 1000
_ENOUGH = 10
_MOST_CLASSES = 8


@dataclass(frozen=True)
class Proposal:
    """A config for data, and what it is based on.

    Attributes:
        text: of the config.
        seen: what the data is, line by line.
        facts: the same for programs.
    """

    text: str
    seen: tuple[str, ...]
    facts: Mapping[str, Any]


def name_for(data: str) -> str:
    """What an experiment on this data is called: its name without what says format and part."""
    stem = re.sub(r"(\.[a-z0-9]{1,7})+$", "", Path(data.rstrip("/").replace("*", "")).name, flags=re.IGNORECASE)
    stem = re.sub(r"(?i)(^|[-_. ])(train(ing)?)(?=$|[-_. ])", "", stem)
    return re.sub(r"[^A-Za-z0-9_.-]", "-", stem).strip("-._")[:100] or "experiment"


def propose(data: str, targets: Sequence[str], config: Path) -> Proposal:
    """A config that trains at once.

    Args:
        data: a table, an archive of arrays, or a folder of images or texts.
        targets: the columns to predict; empty where they are to be guessed.
        config: the file that will be written; paths in it are relative to its folder.

    Raises:
        UsageError: there is no such data, or what is to be predicted is not clear.
        DataError: it cannot be trained on.
    """
    found = find(data)
    named = partial(path_from, config.parent.absolute(), data=data)
    survey, judged = _surveyed(found, targets, named)
    network = choose_network(survey)
    name = name_for(config.stem)
    text = written([*_header(name, config, survey), *_sections(name, survey, judged=judged, network=network)])
    _try_out(text, config, survey)
    return Proposal(text, (*survey.seen, *_told(survey, judged)), _facts(survey, judged))


def _surveyed(found: Path, targets: Sequence[str], named: Callable[[Path], str]) -> tuple[Survey, Judged]:
    table = table_in(found) if found.is_dir() else found if format_of(found.name) in TABLES else None
    if table is not None:
        inside = Path(named(found)) / table.name if found.is_dir() else Path(named(found))
        seen = look(table, parts_beside(table), targets)
        judged = judge(seen.answer)
        return survey_table(seen, judged, lambda file: str(inside.with_name(file.name))), judged
    kind = format_of(found.name)
    if kind is None and not found.is_dir():
        known = "give a .csv, .tsv, .jsonl, .parquet or .npz file, or a folder"
        raise UsageError(f"the format of {found} is not known; {known}")
    if targets:
        what = (
            "an archive of arrays, whose target is y" if kind == "npz" else "files in folders, which are their classes"
        )
        raise UsageError(f"{found} is {what}; --target is for tables")
    survey = survey_arrays(found, named) if kind == "npz" else survey_folder(found, named)
    return survey, judge(survey.answer)


def _header(name: str, config: Path, survey: Survey) -> Iterator[Line]:
    rows = " + ".join(f"{count:,}" for count in survey.rows.values())
    yield Line("", f"{name}: predicts {shown(survey.answer.name)} from {rows} rows.")
    yield Line("", "A first config, written by `dltrain init` from a look at the data; change what you like.")
    yield Line("", " ")
    yield Line("", f"dltrain fit {shown(config.name, 60)}")
    yield Line("", " ")


def _sections(name: str, survey: Survey, *, judged: Judged, network: Network) -> Iterator[Line]:
    yield entry("name", name, "of the folder of its runs")
    yield entry("seed", 42, "the same seed gives the same splits and the same scores")
    yield from (*survey.dataset, *network.augment)
    yield from survey.splits
    if not any(line.text.startswith("splits") for line in survey.splits):
        yield _splits(survey, judged)
    task: Any = {"regression": {"difference": True}} if survey.kind == "window" else judged.task
    said = "it learns the change from the last value" if survey.kind == "window" else judged.said
    yield entry("task", task, said)
    yield from network.model
    yield entry("loss", *judged.loss)
    yield Line("optimizer:")
    yield Line(f"  adam: {{learning_rate: {{cosine_decay: {network.learning_rate}}}}}", "it falls to 0 by the end")
    yield entry("metrics", list(judged.metrics), judged.metrics_said)
    yield Line("trainer:")
    yield entry("epochs", network.epochs, "passes over the training rows; the best one's weights stay", depth=1)
    yield entry("batch_size", network.batch_size, "rows of a step; more are faster, and may learn less", depth=1)
    if judged.balanced:
        least = min(judged.classes, key=judged.classes.__getitem__)
        share = judged.rarest / sum(judged.classes.values())
        said = f"rare classes count more: {shown(least, 24)} has {share:.1%} of all rows"
        yield entry("class_weight", "balanced", said, depth=1)


def _splits(survey: Survey, judged: Judged) -> Line:
    few = survey.rows["train"] < _FEW_ROWS
    shares: dict[str, Any] = {"validation": 0.2 if few else 0.1, "test": 0.2}
    said = "validation chooses the epoch, test comes last"
    for part in ("validation", "test"):
        if part in survey.rows:
            shares[part] = "provided"
    if 1 < judged.rarest < _ENOUGH and survey.kind != "window":
        shares = {"type": "stratified", **shares}
        said = "each class has its share everywhere, since the rarest has few rows"
    elif few and len(survey.rows) == 1:
        said = "few rows: {folds: 5} trains five times and scores every row"
    if survey.kind == "window":
        shares, said = {"type": "time", "validation": 0.2, "test": 0.2}, "the earliest train, the latest test"
    return entry("splits", shares, said)


def _try_out(text: str, config: Path, survey: Survey) -> None:
    """Goes as far as a fit does without Keras, so that what is wrong with the data shows now.

    Raises:
        DataError: the data cannot be trained on.
    """
    try:
        document = Document.parse(text.encode(), source=str(config), folder=config.parent.absolute())
        with document.locating():
            experiment = check(document)
            if survey.kind != "image":
                _count(experiment)
    except ConfigError as error:
        problem: Any = error.problems[0]
        raise DataError(f"{config.name} would not train: {problem.message}") from None
    except UnicodeEncodeError:
        raise UsageError("a name in the data or its path is no Unicode text; rename it") from None


def _count(experiment: Experiment) -> None:
    """Every value is checked, and the splits are drawn."""
    dataset = experiment.dataset.load(experiment.extras)
    specs = experiment.settle(dataset.features)
    empty = experiment.task is not None and experiment.task.takes_empty_text
    census = take_census(dataset, specs, scratch=Scratch(Path(tempfile.gettempdir())), empty_text=empty)
    completed, target, _ = complete(experiment, dataset, census.target)
    assert completed.task is not None
    classes = completed.task.encode(census.target, target, "index") if target.classes else None
    splits = completed.splits.split(Population(census.rows, classes, census.extras), seed=experiment.seed)
    try:
        completed.task.check_trained({name: census.target[ids] for name, ids in splits.items()}, target)
    except ValueError as error:
        raise SpecError.at("dataset.target", str(error)) from None


def _told(survey: Survey, judged: Judged) -> Iterator[str]:
    """What is predicted."""
    reason = f" ({survey.answer.reason})" if survey.answer.reason else ""
    yield f"target: {shown(survey.answer.name)}{reason}, {judged.type}"
    if judged.classes:
        total, often = sum(judged.classes.values()), sorted(judged.classes.items(), key=lambda item: -item[1])
        named = [f"{shown(name, 24)} {count:,} ({count / total:.1%})" for name, count in often[:_MOST_CLASSES]]
        more = (
            f" and {len(often) - _MOST_CLASSES} more, the rarest {judged.rarest:,}"
            if len(often) > _MOST_CLASSES
            else ""
        )
        yield f"classes: {', '.join(named)}{more}"


def _facts(survey: Survey, judged: Judged) -> dict[str, Any]:
    return {
        "rows": dict(survey.rows),
        "target": survey.answer.name,
        "reason": survey.answer.reason or "as given",
        "task": judged.type,
        "classes": dict(judged.classes),
    }
