"""From config text and overrides to a checked experiment, or every problem with its place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from dltrain.consistency import find_problems
from dltrain.experiment import Experiment
from dltrain.foresight import foresee
from dltrain.spec.document import Document
from dltrain.spec.family import Family
from dltrain.spec.inheritance import inherit
from dltrain.spec.merging import merge
from dltrain.spec.overrides import override
from dltrain.spec.problems import Path, SpecError
from dltrain.spec.translate import problems_of

SELECTORS: dict[Path, bool] = {("dataset", "path"): True, ("dataset", "train"): True, ("dataset", "name"): False}
"""Settings that choose the dataset: `--set dataset.path=...` takes nothing over from a named one."""


def load(path: str | FilePath, overrides: Iterable[str] = (), *, recorded: bool = False) -> tuple[Experiment, Document]:
    """Reads, overrides and checks a config.

    Args:
        path: a file, which may extend others and refer to environment variables.
        overrides: settings such as ``trainer.epochs=3``, which come last.
        recorded: the file is the ``experiment.yaml`` of a run, which does neither: it may be a stranger's.

    Returns:
        The experiment, and the document that later problems are located with.

    Raises:
        ConfigError: with every problem, in the order of files and lines.
    """
    file = FilePath(path)
    document = Document.read(file) if recorded else read(file)
    if document.values.get("runtime") == "auto":
        document.values["runtime"] = {}
    override(document, overrides, SELECTORS, _component)
    document.values.setdefault("name", re.sub(r"[^A-Za-z0-9_.-]", "-", file.stem).lstrip("-._") or "run")
    return check(document, glance=not recorded), document


def read(path: FilePath) -> Document:
    """The values of a config on top of those that it extends, not checked.

    Raises:
        ConfigError: a file is missing or not a plain YAML mapping, or they extend one another in a circle.
    """
    return inherit(path, _read, _merge)


def _read(path: FilePath) -> Document:
    document = Document.read(path, os.environ)
    if isinstance(dataset := document.values.get("dataset"), str):
        document.values["dataset"] = {"path" if FilePath(dataset).suffix or "/" in dataset else "name": dataset}
    return document


def _merge(base: Document, over: Document) -> Document:
    return merge(base, over, Experiment, SELECTORS)


def _component(name: str, value: Any) -> dict[str, Any] | None:
    members = (family.member(name) for family in Family.__subclasses__())
    member = next((member for member in members if member), None)
    if member is None:
        return None
    if isinstance(value, dict):
        return value
    return {} if value is None else {member.first_argument(): value}


def check(document: Document, *, glance: bool = True) -> Experiment:
    """The experiment that a document describes.

    Args:
        document: a config.
        glance: whether the headers of its data are looked at too.

    Raises:
        ConfigError: with every problem.
    """
    with document.locating():
        unresolved = document.unresolved()
        places = {problem.position for problem in unresolved}
        try:
            experiment = parse(document.values)
            found = foresee(experiment).problems if glance else list(find_problems(experiment))
        except SpecError as error:
            found = list(error.problems)
        if problems := [*unresolved, *(problem for problem in found if document.position(problem.path) not in places)]:
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
