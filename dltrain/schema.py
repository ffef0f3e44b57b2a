"""The JSON Schema of configs."""

from __future__ import annotations

import json
from typing import Any

from dltrain.data.base import DatasetSpec, pattern_of_files
from dltrain.experiment import Experiment
from dltrain.spec.family import type_name
from dltrain.spec.json_types import Schema, any_of
from dltrain.spec.schema import Definitions

TITLE = "dltrain config"

EXTENDS = (
    "A config, relative to this file, whose settings are taken where this one has none. Mappings are merged key by "
    "key; a list, and a component of another type, take the place of the other config's; `null` takes a setting away."
)
ENVIRONMENT = "The value of an environment variable: `${env:NAME}`, or `${env:NAME:-default}` where it may not be set."
_NAME = "The name of a dataset, or the path of a file or folder that needs no other setting."


def json_schema() -> Schema:
    """The schema of a config file, draft 7, which YAML editors complete and check with."""
    whole = complete_definitions()
    partial = Definitions(whole)
    complete, extending = whole.refer(Experiment), partial.refer(Experiment)
    _as_in_files(partial, extending)
    definitions = {
        "environment": {
            "type": "string",
            "pattern": r"\$\{env:[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}",
            "description": ENVIRONMENT,
        }
    }
    definitions |= whole.made | partial.made
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": TITLE,
        "type": "object",
        "if": {"required": ["extends"]},
        "then": extending,
        "else": complete,
        "definitions": definitions,
    }


def complete_definitions() -> Definitions:
    """The definitions of everything in a config that extends no other one."""
    whole = Definitions()
    _as_in_files(whole, whole.refer(Experiment))
    return whole


def as_text(schema: Schema) -> str:
    """A schema as it is kept in a file: a line for each definition."""
    definitions = ",\n".join(f"{json.dumps(name)}: {_compact(made)}" for name, made in schema["definitions"].items())
    rest = _compact({name: value for name, value in schema.items() if name != "definitions"})
    return f'{rest[:-1]}, "definitions": {{\n{definitions}\n}}}}\n'


def _compact(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def _as_in_files(definitions: Definitions, reference: Schema) -> None:
    """Changes the schema of the whole experiment to that of a file, as `load` reads it."""
    experiment = definitions.at(reference)
    settings: dict[str, Any] = experiment["properties"]
    settings["extends"] = {"type": "string", "minLength": 1, "description": EXTENDS, "examples": ["base.yaml"]}
    names = [type_name(member) for member in DatasetSpec.choices().values() if "name" in member.model_fields]
    tables = pattern_of_files(*(name for name in DatasetSpec.types() if _needs_more(name)))
    path = {"type": "string", "pattern": r"[./]", "not": {"pattern": tables}, "description": _NAME}
    bare: list[Schema] = [{"enum": names, "description": _NAME}, path]
    described = {key: value for key, value in settings["dataset"].items() if key not in ("$ref", "anyOf")}
    family = {key: value for key, value in settings["dataset"].items() if key not in described}
    settings["dataset"] = {**described, **any_of([*bare, family])}
    if "required" in experiment:
        experiment["required"].remove("name")


def _needs_more(name: str) -> bool:
    """Whether a dataset cannot do with a path alone."""
    fields = DatasetSpec.choices()[name].model_fields
    return any(field.is_required() for name, field in fields.items() if name != "path")
