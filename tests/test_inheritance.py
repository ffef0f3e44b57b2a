"""`extends`: one config on top of another."""

from pathlib import Path

import pytest

from dltrain.errors import ConfigError
from dltrain.load import load, read
from dltrain.spec.sources import is_value, sources

BASE = """\
seed: 7
dataset: digits
model:
  type: mlp
  units: [64, 64]
  dropout: 0.2
optimizer: {adam: 1e-3}
trainer:
  epochs: 20
  callbacks:
    - early_stopping: {patience: 3}
    - tensorboard
expect: {test.accuracy: ">= 0.9"}
"""


@pytest.fixture
def extended(write, tmp_path, monkeypatch):
    """Loads `text` on top of BASE, or on top of another one."""
    monkeypatch.chdir(tmp_path)

    def extend(text, *settings, base=BASE):
        write(base, "base.yaml")
        return load(write(f"extends: base.yaml\n{text}", "over.yaml").relative_to(tmp_path), settings)

    return extend


@pytest.fixture
def merged(write):
    """The values of `text` on top of those of `base`, whether or not the files they name are there."""

    def merge(text, base):
        write(base, "base.yaml")
        return read(write(f"extends: base.yaml\n{text}", "over.yaml")).values

    return merge


def refusal(call, *arguments, **named):
    with pytest.raises(ConfigError) as raised:
        call(*arguments, **named)
    return str(raised.value)


def test_what_is_not_written_is_the_bases(extended):
    experiment, _ = extended("")
    alone, _ = load("base.yaml")
    assert experiment == alone.completed(name="over")


def test_mappings_are_merged_key_by_key(extended):
    experiment, _ = extended(
        'trainer: {batch_size: 8}\nexpect: {validation.accuracy: "> 0.5"}\nmodel: {dropout: 0.5}\n'
    )
    assert (experiment.trainer.epochs, experiment.trainer.batch_size) == (20, 8)
    assert experiment.expect == {"test.accuracy": ">= 0.9", "validation.accuracy": "> 0.5"}
    assert (experiment.model.type, experiment.model.units, experiment.model.dropout) == ("mlp", (64, 64), 0.5)


def test_lists_take_the_place_of_lists(extended):
    experiment, _ = extended("model: {units: [8]}\ntrainer: {callbacks: [tensorboard]}\n")
    assert experiment.model.units == (8,)
    assert [callback.type for callback in experiment.trainer.callbacks] == ["tensorboard"]


def test_nothing_takes_a_setting_of_the_base_away(extended):
    experiment, _ = extended("trainer: {callbacks: null, epochs: , batch_size: }\nexpect:\nseed: ~\nloss:\n")
    assert (experiment.trainer.callbacks, experiment.trainer.epochs, experiment.expect) == ((), 10, {})
    assert experiment.seed == 42


def test_the_name_is_not_inherited(extended):
    assert extended("", base=f"name: base\n{BASE}")[0].name == "over"
    assert extended("name: other\n", base=f"name: base\n{BASE}")[0].name == "other"


@pytest.mark.parametrize(
    "old", ["adam", "{adam: 0.1}", "{adam: {learning_rate: 0.1}}", "{type: adam, learning_rate: 0.1}"]
)
@pytest.mark.parametrize("new", ["{beta_1: 0.8}", "{adam: {beta_1: 0.8}}", "{type: adam, beta_1: 0.8}"])
def test_settings_reach_the_same_component_however_both_are_written(extended, old, new):
    base = f"dataset: digits\nmodel: mlp\noptimizer: {old}\n"
    experiment, document = extended(f"optimizer: {new}\n", base=base)
    rate = 0.001 if old == "adam" else 0.1
    assert (experiment.optimizer.type, experiment.optimizer.learning_rate.learning_rate) == ("adam", rate)
    assert experiment.optimizer.beta_1 == 0.8
    found = sources(experiment, document)
    assert str(found["optimizer", "beta_1"]) == "over.yaml:2"
    if old != "adam":
        assert str(found["optimizer", "learning_rate", "learning_rate"]) == "base.yaml:3"
    assert str(found["optimizer", "type"]) == ("base.yaml:3" if new == "{beta_1: 0.8}" else "over.yaml:2")


@pytest.mark.parametrize("new", ["sgd", "{sgd: {momentum: 0}}", "{type: sgd}", "{sgd: }"])
@pytest.mark.parametrize("old", ["adam", "{adam: 0.1}", "{type: adam, learning_rate: 0.1, weight_decay: 0.5}"])
def test_another_type_takes_nothing_over(extended, old, new):
    experiment, _ = extended(f"optimizer: {new}\n", base=f"dataset: digits\nmodel: mlp\noptimizer: {old}\n")
    alone, _ = extended(f"optimizer: {new}\n", base="dataset: digits\nmodel: mlp\n")
    assert experiment == alone


def test_a_bare_component_takes_its_defaults(extended):
    assert extended("optimizer: adam\n")[0].optimizer.learning_rate.learning_rate == 0.001


def test_components_within_components_are_merged(extended):
    cosine = "{cosine: {initial_learning_rate: 0.2, alpha: 0.1}}"
    base = f"dataset: digits\nmodel: mlp\noptimizer: {{sgd: {{learning_rate: {cosine}}}}}\n"
    rate = extended("optimizer: {learning_rate: {decay_epochs: 2}}\n", base=base)[0].optimizer.learning_rate
    assert (rate.type, rate.alpha, rate.decay_epochs) == ("cosine_decay", 0.1, 2)
    rate = extended("optimizer: {sgd: {learning_rate: 0.3}}\n", base=base)[0].optimizer.learning_rate
    assert (rate.type, rate.learning_rate) == ("constant", 0.3)


def test_a_key_that_only_another_type_has_chooses_it(merged):
    base = "dataset: digits\nmodel: mlp\nsplits: {group: patient, test: 0.3}\n"
    assert merged("splits: {folds: 3}\n", base)["splits"] == {"folds": 3}
    assert merged("splits: {time: date}\n", base)["splits"] == {"time": "date"}
    assert merged("splits: {test: none}\n", base)["splits"] == {"type": "group", "column": "patient", "test": "none"}
    assert merged("splits: {group: site}\n", base)["splits"] == {"type": "group", "column": "site", "test": 0.3}


def test_features_are_merged_by_name(merged):
    base = "dataset: {path: a.csv, target: y, features: {image: {text: {max_words: 9}}, age: numeric}}\nmodel: mlp\n"
    over = "dataset: {features: {image: {ngrams: 2}, age: {categorical: {}}, text: ids}}\n"
    assert merged(over, base)["dataset"]["features"] == {
        "image": {"type": "text", "max_words": 9, "ngrams": 2},
        "age": {"categorical": {}},
        "text": "ids",
    }


def test_another_dataset_takes_nothing_over_and_another_file_the_settings(merged):
    base = "dataset: {type: csv, path: a.csv, target: y}\nmodel: mlp\n"
    for text, values in (
        ("dataset: iris", {"name": "iris"}),
        ("dataset: {name: iris}", {"name": "iris"}),
        ("dataset: {type: iris}", {"type": "iris"}),
        ("dataset: {path: b.parquet}", {"path": "b.parquet", "target": "y"}),
        ("dataset: {target: z}", {"type": "csv", "path": "a.csv", "target": "z"}),
        ("dataset: {train: b.csv, target: z}", {"train": "b.csv", "target": "z"}),
    ):
        assert merged(f"{text}\n", base)["dataset"] == values
    assert merged("dataset: {path: a.npz}\n", "dataset: iris\nmodel: mlp\n")["dataset"] == {"path": "a.npz"}


def test_a_chain_of_files_ends_in_the_file_that_was_asked_for(write, tmp_path):
    (tmp_path / "lower").mkdir()
    write("dataset: digits\nmodel: mlp\nseed: 1\ntrainer: {epochs: 1, batch_size: 1}\n", "lower/one.yaml")
    write("extends: one.yaml\nseed: 2\ntrainer: {epochs: 2}\n", "lower/two.yaml")
    path = write("extends: lower/two.yaml\ntrainer: {epochs: 3}\n", "three.yaml")
    experiment, document = load(path, ["seed=4"])
    assert (experiment.name, experiment.seed, experiment.trainer.epochs, experiment.trainer.batch_size) == (
        "three",
        4,
        3,
        1,
    )
    assert [base.source for base in document.bases] == [
        str(tmp_path / "lower" / name) for name in ("two.yaml", "one.yaml")
    ]
    assert document.text == path.read_text()


def test_paths_are_relative_to_the_file_that_wrote_them(write, tmp_path):
    for folder in ("lower", "."):
        (tmp_path / folder / "data").mkdir(parents=True)
        (tmp_path / folder / "data" / "a.npz").touch()
    write("dataset: data/a.npz\nmodel: mlp\n", "lower/base.yaml")
    values = read(write("extends: lower/base.yaml\n", "a.yaml")).values
    assert values["dataset"]["path"].folder == tmp_path / "lower"
    values = read(write("extends: lower/base.yaml\ndataset: data/a.npz\n", "b.yaml")).values
    assert values["dataset"]["path"].folder == tmp_path


def test_problems_have_the_place_in_the_file_that_wrote_the_value(extended):
    base = "dataset: digits\nmodel: {type: mlp, unit: [4]}\noptimizer: {adam: {beta_1: x}}\ntrainer: {epochs: 0}\n"
    over = "seed: -1\ntrainer: {batch_size: 0}\n"
    assert refusal(extended, over, "trainer.checkpoint_seconds=x", base=base).splitlines() == [
        "--set trainer.checkpoint_seconds=x: trainer.checkpoint_seconds: expected a number, got 'x'",
        "over.yaml:2:7: seed: must be at least 0, got -1",
        "over.yaml:3:23: trainer.batch_size: must be at least 1, got 0",
        "base.yaml:2:20: model.unit: unknown key 'unit'; did you mean 'units'?",
        "base.yaml:3:28: optimizer.adam.beta_1: expected a number, got 'x'",
        "base.yaml:4:19: trainer.epochs: must be at least 1, got 0",
    ]


def test_a_base_may_be_incomplete_but_not_the_whole(extended):
    assert extended("model: mlp\n", base="dataset: digits\n")[0].model.type == "mlp"
    assert (
        refusal(extended, "seed: 1\n", base="dataset: digits\n")
        == "over.yaml:1:1: model: required, but not set; add it"
    )


def test_a_base_that_is_not_yaml_is_refused_at_its_place(extended):
    assert refusal(extended, "", base="dataset: [1\n") == (
        "base.yaml:2:1: the bracket opened at 1:10 is not closed, or lacks a comma; add it"
    )


def test_files_that_extend_one_another_in_a_circle_are_refused(extended, write):
    write("extends: over.yaml\n", "other.yaml")
    assert refusal(extended, "", base="seed: 1\nextends: ./other.yaml\n") == (
        "other.yaml:1:10: extends: the files extend one another in a circle, "
        "over.yaml -> base.yaml -> other.yaml -> over.yaml; take one `extends` out"
    )


def test_ten_files_may_extend_one_another_and_no_more(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("dataset: digits\nmodel: mlp\n", "1.yaml")
    for number in range(2, 12):
        write(f"extends: {number - 1}.yaml\n", f"{number}.yaml")
    assert load("10.yaml")[0].dataset.type == "digits"
    assert refusal(load, "11.yaml") == "2.yaml:1:10: extends: more than 10 files extend one another; join some"


@pytest.mark.parametrize("path", ["/dev/zero", "a\\0b", "x" * 300, "~nobody-here/a.yaml"])
def test_what_is_no_file_is_refused_and_not_read(write, path):
    assert "1:10: extends: " in refusal(load, write(f'extends: "{path}"\n'))


def test_a_base_is_found_through_a_variable(extended, monkeypatch, tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "c.yaml").write_text("extends: ${env:FLAVOUR}.yaml\n")
    monkeypatch.setenv("FLAVOUR", "base")
    assert load(tmp_path / "c.yaml")[0].seed == 7


def test_a_setting_cannot_extend(write):
    error = "--set extends=a.yaml: only a file can say what it extends; write it there, or give the other file"
    assert refusal(load, write(BASE), ["extends=a.yaml"]) == error


def test_variables_decide_values_in_files_and_settings(write, monkeypatch):
    path = write("dataset: digits\nmodel: mlp\nseed: ${env:SEED:-3}\ntrainer:\n  epochs: ${env:EPOCHS}\n")
    monkeypatch.setenv("EPOCHS", "4")
    monkeypatch.delenv("SEED", raising=False)
    experiment, document = load(path, ["trainer.batch_size=${env:EPOCHS}"])
    assert (experiment.seed, experiment.trainer.epochs, experiment.trainer.batch_size) == (3, 4, 4)
    assert document.variables == ["EPOCHS", "SEED"]


def test_a_variable_need_not_be_set_where_its_value_is_replaced(extended, monkeypatch):
    monkeypatch.delenv("GONE", raising=False)
    base = f"{BASE}runtime:\n  threads: ${{env:GONE}}\n"
    assert extended("runtime: {threads: 2}\n", base=base)[0].runtime.threads == 2
    assert extended("", "runtime.threads=3", base=base)[0].runtime.threads == 3
    assert extended("runtime:\n", base=base)[0].runtime.threads is None
    text = "the environment variable GONE is not set; set it, or write a default: ${env:GONE:-default}"
    assert refusal(extended, "", base=base) == f"base.yaml:15:12: runtime.threads: {text}"
    assert refusal(extended, "", "seed=${env:GONE}") == f"--set seed=${{env:GONE}}: {text}"


def test_the_record_of_a_run_neither_extends_nor_knows_variables(write, monkeypatch):
    monkeypatch.setenv("SEED", "1")
    path = write("name: x\nextends: base.yaml\ndataset: digits\nmodel: mlp\nseed: ${env:SEED}\n")
    assert [line.partition("yaml:")[2][:30] for line in refusal(load, path, recorded=True).splitlines()] == [
        "2:1: extends: unknown key 'ext", "5:7: seed: the environment var",
    ]  # fmt: skip


SHORTHANDS = """dataset: {name: digits}
splits: {folds: 3}
model: {type: cnn, layers: [{conv2d: {filters: 4, kernel_size: 3}}, flatten, {dropout: 0.5}]}
loss: mse
task: regression
optimizer: {sgd: 0.1}
trainer:
  epochs: 3
"""


def test_the_source_of_a_value_is_where_it_is_written_or_what_implies_it(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    experiment, document = load(Path(write(SHORTHANDS).name), ["trainer.batch_size=8"])
    found = sources(experiment, document)
    layers = ("model", "layers")
    expected = {
        ("name",): "derived",
        ("seed",): "default",
        ("dataset", "type"): "from test.yaml:1",
        ("dataset", "name"): "test.yaml:1",
        ("splits", "type"): "from test.yaml:2",
        ("splits", "folds"): "test.yaml:2",
        (*layers, 0, "type"): "test.yaml:3",
        (*layers, 0, "kernel_size"): "test.yaml:3",
        (*layers, 0, "padding"): "default",
        (*layers, 0, "bias_initializer", "type"): "default",
        (*layers, 1, "type"): "test.yaml:3",
        (*layers, 2, "rate"): "test.yaml:3",
        ("loss", "type"): "test.yaml:4",
        ("optimizer", "type"): "test.yaml:6",
        ("optimizer", "learning_rate", "type"): "from test.yaml:6",
        ("optimizer", "learning_rate", "learning_rate"): "test.yaml:6",
        ("optimizer", "momentum"): "default",
        ("trainer", "epochs"): "test.yaml:8",
        ("trainer", "batch_size"): "--set trainer.batch_size=8",
        ("trainer", "callbacks"): "default",
    }
    assert {path: str(found[path]) for path in expected} == expected


def test_every_value_of_every_shipped_config_has_a_source(configs, stand_ins):
    for path in sorted(configs.glob("*.yaml")):
        experiment, document = load(path)
        found = sources(experiment, document)
        assert list(found) == list(values_in(experiment.plain())), path
        kinds = [source.kind for source in found.values()]
        assert {kind: kinds.count(kind) > 0 for kind in ("written", "default")} == {"written": True, "default": True}


def values_in(plain, path=()):
    if is_value(plain):
        yield path
    else:
        for key, item in plain.items() if isinstance(plain, dict) else enumerate(plain):
            yield from values_in(item, (*path, key))
