"""From config text and overrides to a checked experiment, or every problem with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from dltrain.experiment import Experiment
from dltrain.spec.document import Document
from dltrain.spec.family import Family
from dltrain.spec.overrides import override
from dltrain.spec.problems import Path, SpecError
from dltrain.spec.translate import problems_of

SELECTORS: dict[Path, bool] = {("dataset", "path"): True, ("dataset", "train"): True, ("dataset", "name"): False}
"""Settings that choose the dataset: `--set dataset.path=...` takes nothing over from a named one."""


def load(path: str | FilePath, overrides: Iterable[str] = ()) -> tuple[Experiment, Document]:
    """Reads, overrides and checks a config.

    Returns:
        The experiment, and the document that later problems are located with.

    Raises:
        ConfigError: with every problem of the file, in the order of its lines.
    """
    document = Document.read(FilePath(path))
    if isinstance(dataset := document.values.get("dataset"), str):
        document.values["dataset"] = {"path" if FilePath(dataset).suffix or "/" in dataset else "name": dataset}
    override(document, overrides, SELECTORS, _component)
    document.values.setdefault("name", re.sub(r"[^A-Za-z0-9_.-]", "-", FilePath(path).stem).lstrip("-._") or "run")
    return check(document), document


def _component(name: str, value: Any) -> dict[str, Any] | None:
    members = (family.member(name) for family in Family.__subclasses__())
    member = next((member for member in members if member), None)
    if member is None:
        return None
    if isinstance(value, dict):
        return value
    return {} if value is None else {member.first_argument(): value}


def check(document: Document) -> Experiment:
    """The experiment that a document describes.

    Raises:
        ConfigError: with every problem.
    """
    with document.locating():
        experiment = parse(document.values)
        if problems := list(experiment.find_problems()):
            raise SpecError(problems)
    return experiment


def parse(values: Mapping[str, Any]) -> Experiment:
    """The experiment of plain values, without a look at files.

    Raises:
        SpecError: with every problem, not located.
    """
    try:
        return Experiment.model_validate(values)
    except ValidationError as error:
        raise SpecError(problems_of(error)) from None
