"""`--set key=value`."""

from pathlib import Path

import pytest

from dltrain.errors import ConfigError
from dltrain.spec.document import Document
from dltrain.spec.overrides import override
from dltrain.spec.problems import Position

TEXT = """\
name: one
dataset: {name: digits, target: y}
optimizer: adam
trainer:
  epochs: 3
  callbacks:
    - early_stopping: {patience: 1}
    - tensorboard
"""


def document():
    return Document.parse(TEXT.encode(), source="c.yaml", folder=Path("/configs"))


def component(name, value):
    """Stands for the families: only these names are components."""
    if name not in ("adam", "early_stopping"):
        return None
    return value if isinstance(value, dict) else {"first": value}


def after(*settings, selectors=None):
    changed = document()
    override(changed, settings, selectors or {}, component)
    return changed.values


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("name=two", "two"),
        ("name=", None),
        ("name=1e-3", 0.001),
        ("name='1e-3'", "1e-3"),
        ('name="a: b # c"', "a: b # c"),
        ("name=a=b=c", "a=b=c"),
        ("name==", "="),
        ("name=[1, 2.5, x]", [1, 2.5, "x"]),
        ("name={a: 1, b: [true]}", {"a": 1, "b": [True]}),
        ("name= padded ", "padded"),
        ("name=x # comment", "x"),
    ],
)
def test_a_value_is_yaml(setting, value):
    assert after(setting)["name"] == value


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("trainer.epochs=5", ("trainer", "epochs"), 5),
        ("trainer.batch_size=64", ("trainer", "batch_size"), 64),
        ("splits.validation=0.2", ("splits", "validation"), 0.2),
        ('expect."test.accuracy"=">= 0.9"', ("expect", "test.accuracy"), ">= 0.9"),
        ('dataset.features."my column"=numeric', ("dataset", "features", "my column"), "numeric"),
        ("dataset.features.0=numeric", ("dataset", "features", "0"), "numeric"),
        ("trainer.callbacks.0.early_stopping.patience=9", ("trainer", "callbacks", 0, "early_stopping", "patience"), 9),
        ("trainer.callbacks.1=x", ("trainer", "callbacks", 1), "x"),
        ("a.b.c=1", ("a", "b", "c"), 1),
    ],
)
def test_a_key_leads_into_sections_lists_and_what_is_not_there_yet(setting, path, value):
    found = after(setting)
    for part in path:
        found = found[part]
    assert found == value


def test_a_bare_component_on_the_way_becomes_a_mapping_with_its_type():
    assert after("optimizer.learning_rate=0.1")["optimizer"] == {"type": "adam", "learning_rate": 0.1}
    callbacks = after("trainer.callbacks.1.update_freq=batch")["trainer"]["callbacks"]
    assert callbacks[1] == {"type": "tensorboard", "update_freq": "batch"}


def test_the_name_of_a_component_may_be_left_out_where_the_setting_is_written():
    written = "optimizer={adam: {learning_rate: 1}}"
    assert after(written, "optimizer.learning_rate=2")["optimizer"] == {"adam": {"learning_rate": 2}}
    assert after(written, "optimizer.beta_1=0.8")["optimizer"] == {"adam": {"learning_rate": 1, "beta_1": 0.8}}
    assert after("optimizer={adam: 1}", "optimizer.beta_1=0.8")["optimizer"] == {"adam": {"first": 1, "beta_1": 0.8}}
    assert after("optimizer={nadam: 1}", "optimizer.beta_1=0.8")["optimizer"] == {"nadam": 1, "beta_1": 0.8}
    callbacks = after("trainer.callbacks.0.patience=9")["trainer"]["callbacks"]
    assert callbacks[0] == {"early_stopping": {"patience": 9}}


def test_later_settings_win():
    assert after("trainer.epochs=5", "trainer.epochs=7")["trainer"]["epochs"] == 7
    assert after("optimizer.learning_rate=1", "optimizer=sgd")["optimizer"] == "sgd"
    assert after("optimizer=sgd", "optimizer.momentum=0.9")["optimizer"] == {"type": "sgd", "momentum": 0.9}


def test_a_setting_that_chooses_something_else_drops_what_stood_beside_it():
    selectors = {("dataset", "path"): True, ("dataset", "name"): False}
    assert after("dataset.path=a.csv", selectors=selectors)["dataset"] == {"path": "a.csv"}
    assert after("dataset.name=iris", selectors=selectors)["dataset"] == {"name": "iris"}


def test_another_file_of_the_same_kind_keeps_what_stands_beside_it_but_the_type():
    settings = ("dataset={type: csv, path: a.csv, target: y}", "dataset.path=b.parquet")
    changed = after(*settings, selectors={("dataset", "path"): True})
    assert changed["dataset"] == {"path": "b.parquet", "target": "y"}


def test_paths_in_a_setting_are_relative_to_the_working_directory():
    assert after("dataset.path=a.csv")["dataset"]["path"].folder == Path.cwd()


def test_the_position_of_an_overridden_value_is_the_setting():
    changed = document()
    override(changed, ["trainer.callbacks={a: [b]}"], {}, component)
    place = Position("--set trainer.callbacks={a: [b]}")
    for path in [("trainer", "callbacks"), ("trainer", "callbacks", "a", 0)]:
        assert changed.position(path) == changed.position(path, key=True) == place
    assert changed.position(("trainer", "epochs")) == Position("c.yaml", 5, 11)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        *(
            (wrong, "not of the form key=value; write e.g. --set optimizer.learning_rate=1e-3")
            for wrong in ["", "name", "=5", ".name=5", "name.=5", "a..b=5", "a b=5", 'a."b=5']
        ),
        ("name.first=5 " + "x: y", "the value is not YAML: a key cannot stand here; indent keys of one mapping alike, "
         "with a space after each colon"),
        ("name=[1", "the value is not YAML: the bracket opened at 1:8 is not closed, or lacks a comma; add it"),
        ("name=1\nmodel: mlp", "the value is not one YAML value; quote it"),
        ("name=&x 1", "the value is not YAML: the anchor &x is not supported; write the value out where it is used"),
        ("trainer.epochs.x=1", "trainer.epochs is 3, which has no settings below it; set trainer.epochs itself"),
        ("trainer.callbacks.2=x", "trainer.callbacks is a list of 2; use an index from 0 to 1"),
        ("trainer.callbacks.first=x", "trainer.callbacks is a list of 2; use an index from 0 to 1"),
        ("trainer.callbacks.-1.x=1", "trainer.callbacks is a list of 2; use an index from 0 to 1"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_applied_is_refused_with_its_text(setting, reason):
    with pytest.raises(ConfigError) as raised:
        after(setting)
    assert str(raised.value) == f"--set {setting}: {reason}"


def test_all_wrong_settings_are_reported_together():
    with pytest.raises(ConfigError) as raised:
        after("name", "trainer.epochs=4", "trainer.callbacks.5=x")
    assert len(raised.value.problems) == 2


def test_a_step_into_an_empty_list_is_refused():
    with pytest.raises(ConfigError) as raised:
        after("trainer.callbacks=[]", "trainer.callbacks.0=x")
    assert str(raised.value) == ("--set trainer.callbacks.0=x: trainer.callbacks is a list of 0; set the whole list")
