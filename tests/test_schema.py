"""The JSON Schema: takes what dltrain takes, and refuses what a schema can refuse."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from dltrain.errors import ConfigError
from dltrain.load import load, parse
from dltrain.schema import as_text, json_schema
from dltrain.spec.document import Document
from dltrain.spec.family import Family
from dltrain.spec.problems import SpecError
from dltrain.spec.scalars import resolve
from dltrain.spec.schema import Definitions, bare_names

REPOSITORY = Path(__file__).parent.parent
WRONG = REPOSITORY / "tests" / "golden" / "configs"
MODELINE = "# yaml-language-server: $schema=../docs/schema.json"

NOT_EXPRESSED = {
    "fraction-for-integer": "JSON Schema counts 32.0 as an integer",
    "many-stars": "stars in parts of a path",
    "yaml-anchor": "YAML has anchors, and they change no value",
    "yaml-duplicate-key": "schemas do not see it; editors' parsers do",
    "yaml-leading-zero": "YAML 1.2 reads 007 as 7",
    "yaml-not-utf-8": "the byte is in a comment",
    "yaml-tag": "YAML has tags, and this one changes no value",
}
"""Wrong by a setting or by the text alone, and yet accepted by the schema, each with the reason."""


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2 as editors read it, which does not refuse what dltrain finds ambiguous."""


def _scalar(loader: EditorLoader, node: yaml.ScalarNode) -> Any:
    if node.style is not None:
        return node.value
    try:
        return resolve(node.value)
    except ValueError:
        numeric = {".inf": float("inf"), "1e999": float("inf"), "007": 7}
        return numeric.get(node.value, node.value)


EditorLoader.yaml_implicit_resolvers = {}
EditorLoader.add_constructor("tag:yaml.org,2002:str", _scalar)


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8", errors="replace"), EditorLoader)


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = json_schema()
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_the_schema_in_docs_is_that_of_the_code():
    text = (REPOSITORY / "docs" / "schema.json").read_text(encoding="utf-8")
    assert text == as_text(json_schema()), "docs/schema.json is stale; run `make reference`"
    assert json.loads(text) == json.loads(json.dumps(json_schema()))


@pytest.mark.parametrize("config", sorted((REPOSITORY / "configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_config_names_the_schema_and_keeps_it(config, validator, stand_ins):
    assert MODELINE in config.read_text(encoding="utf-8").splitlines()
    assert list(validator.iter_errors(read(config))) == []
    resolved = load(config)[0].plain()
    assert list(validator.iter_errors(json.loads(json.dumps(resolved)))) == []


def _wrong_alone(path: Path) -> bool:
    """Whether the text or a single section is wrong, rather than what sections or files have to do with one another."""
    try:
        values = Document.read(path, {}).values
    except ConfigError:
        return True
    if "extends" in values:
        return not isinstance(values["extends"], str)
    if b"${env:" in path.read_bytes():
        return False
    if isinstance(dataset := values["dataset"], str):
        values["dataset"] = {"path" if "." in dataset or "/" in dataset else "name": dataset}
    try:
        parse({"name": "c", **values})
    except SpecError:
        return True
    return False


def _accepted(path: Path, validator: Draft7Validator) -> bool:
    try:
        return validator.is_valid(read(path))
    except yaml.YAMLError:
        return False


def test_the_schema_refuses_every_wrong_config_but_those_that_it_cannot_express(validator, monkeypatch):
    monkeypatch.chdir(WRONG)
    configs = sorted(WRONG.glob("*.yaml"))
    alone = [path for path in configs if _wrong_alone(path)]
    assert len(alone) > 60
    assert [path.stem for path in alone if _accepted(path, validator)] == sorted(NOT_EXPRESSED)


def test_a_config_that_is_wrong_only_by_other_sections_or_files_keeps_the_schema(validator, monkeypatch):
    monkeypatch.chdir(WRONG)
    others = [path for path in sorted(WRONG.glob("*.yaml")) if not _wrong_alone(path)]
    assert len(others) > 60
    refused = [path.stem for path in others if not _accepted(path, validator)]
    assert refused == ["expect-unknown-split"], "the names of splits are known to both"


def _families() -> list[type[Family]]:
    importlib.import_module("dltrain.experiment")
    return [family for family in Family.__subclasses__() if family.__module__.startswith("dltrain.")]


@pytest.mark.parametrize("family", _families(), ids=lambda family: family.noun.replace(" ", "-"))
def test_a_component_keeps_the_schema_in_each_of_its_written_forms(family, validator):
    definitions = Definitions()
    reference = definitions.refer(family)
    environment = {"environment": validator.schema["definitions"]["environment"]}
    own = Draft7Validator({**reference, "definitions": {**definitions.made, **environment}})
    for name in bare_names(family):
        settings = json.loads(json.dumps(family.choose(name).plain()))
        kind = settings.pop("type")
        for form in (name, {name: None}, {kind: settings}, {"type": name, **settings}):
            family.choose(form)
            assert list(own.iter_errors(form)) == [], form
        wrong = {**settings, "no_such_setting": 1}
        assert not own.is_valid({kind: wrong})
        assert not own.is_valid({"type": kind, **wrong})
    assert not own.is_valid("no_such_name")
    assert not own.is_valid({"type": "no_such_name"})


VALUES = [
    {"dataset": {"path": "a.csv", "target": "y"}},
    {"dataset": {"path": "A.CSV.GZ", "target": "y", "delimiter": ";"}},
    {"dataset": {"train": "a.parquet", "test": "b.parquet", "target": ["y", "z"]}},
    {"dataset": {"path": "${env:DATA}", "target": "y"}},
    {"dataset": "photos/"},
    {"dataset": "mnist.npz"},
    {"dataset": {"path": "photos", "size": 32, "augment": ["random_flip", {"random_rotation": 0.1}]}},
    {"dataset": {"name": "iris", "features": {"x": "numeric"}}},
    {"dataset": {"path": "a.csv", "target": "y", "features": {"a": {"bins": 8}, "b": {"categorical": "embedding"}}}},
    {"dataset": {"path": "a.csv", "target": "y", "missing_values": -1, "window": {"past": 3}}},
    {"splits": {"validation": 0.1, "test": 100}},
    {"splits": {"folds": 5, "group": "patient"}},
    {"splits": {"group": "patient", "test": 0.2}},
    {"splits": {"time": {"column": "date"}}},
    {"splits": {"type": "time", "time": "date"}},
    {"splits": {"column": "fold", "train": [0, 1], "validation": 2, "test": "none"}},
    {"optimizer": {"adam": 1}},
    {"optimizer": {"adam": {"learning_rate": {"learning_rate": 0.1}}}},
    {"optimizer": {"type": "adam", "clipnorm": None, "clipvalue": 1, "learning_rate": "${env:RATE:-0.1}"}},
    {"task": {"binary": {"positive": "yes"}}, "loss": "bce"},
    {"model": {"mlp": 64}},
    {"model": {"type": "mlp", "units": [64], "kernel_regularizer": {"l1": 0.1, "l2": 0.1}}},
    {"model": {"type": "mlp", "layers": [{"bidirectional": {"lstm": 3, "merge_mode": "sum"}}, {"permute": [2, 1]}]}},
    {
        "model": {
            "type": "cnn",
            "layers": [{"zero_padding2d": [1, [0, 2]]}, {"conv2d": {"filters": 1, "kernel_size": [3, 3]}}],
        }
    },
    {"trainer": {"class_weight": {"no": 1, "yes": 5}, "callbacks": ["early_stopping", {"early_stopping": None}]}},
    {"trainer": {"monitor": None}, "runtime": {"memory": "1.5 GB"}, "expect": {"test.accuracy": ">=.9"}},
    {"seed": "${env:SEED}", "metrics": ["${env:METRIC:-accuracy}"], "model": "${env:MODEL:-mlp}"},
]


@pytest.mark.parametrize("values", VALUES, ids=str)
def test_a_shorthand_keeps_the_schema(values, validator):
    assert list(validator.iter_errors({"dataset": "digits", "model": "mlp", **values})) == []


@pytest.mark.parametrize(
    "values",
    [
        {"trainer": {"epochs": "${EPOCHS}"}},
        {"trainer": {"epochs": True}},
        {"splits": {"group": "a", "column": "b"}},
        {"splits": {"test": 1.5}},
        {"dataset": {"path": "a.csv"}},
        {"dataset": {"name": "iris", "path": "a.csv"}},
        {"dataset": {"path": "photos", "target": "y"}},
        {"dataset": {"features": {"x": "image"}}},
        {"dataset": "image_folder"},
        {"model": {"type": "mlp", "layers": [{"bidirectional": {"merge_mode": "sum"}}]}},
        {"model": {"type": "mlp", "layers": [{"dense": None}]}},
        {"extend": "base.yaml"},
        {"name": "a b"},
    ],
    ids=str,
)
def test_what_dltrain_refuses_the_schema_refuses(values, validator):
    values = {"name": "c", "dataset": "digits", "model": "mlp", **values}
    assert not validator.is_valid(values)
    dataset = values["dataset"]
    with pytest.raises(SpecError):
        parse({**values, "dataset": {"name": dataset} if isinstance(dataset, str) else dataset})


def test_a_config_that_extends_another_may_leave_out_what_that_one_has(validator):
    assert not validator.is_valid({"optimizer": "adam"})
    for values in ({"optimizer": "adam"}, {"optimizer": {"learning_rate": 0.1}}, {"dataset": {"target": "z"}}):
        assert validator.is_valid({"extends": "base.yaml", **values}), values
    for values in ({"trainer": {"epochs": None}}, {"model": {"layers": [{"dense": 3}]}}):
        assert validator.is_valid({"extends": "base.yaml", **values}), values
    for values in ({"optimzer": "adam"}, {"optimizer": {"learning_rte": 0.1}}, {"model": {"layers": [{"dense": {}}]}}):
        assert not validator.is_valid({"extends": "base.yaml", **values}), values


def test_every_setting_is_described_and_its_examples_keep_the_schema(validator):
    examples = 0
    definitions = validator.schema["definitions"]
    for name, definition in definitions.items():
        assert definition.get("description"), name
        for setting, schema in definition.get("properties", {}).items():
            assert schema.get("description"), f"{name}.{setting}"
            own = Draft7Validator({**schema, "definitions": definitions})
            for example in [*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])]:
                examples += 1
                assert list(own.iter_errors(example)) == [], f"{name}.{setting}: {example!r}"
    assert examples > 500
