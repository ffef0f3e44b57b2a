"""`dltrain explain`: what it prints, and that nothing heavy is needed for it."""

import json
import sys

import pytest

import dltrain
from dltrain.cli.app import run
from dltrain.runtime.devices import processors
from tests.test_architecture import HEAVY
from tests.test_architecture import run as run_apart

ROWS = "a,color,y\n" + "".join(f"{number},{('red', 'blue')[number % 2]},{number % 3}\n" for number in range(60))
CONFIG = """\
dataset: {path: rows.csv, target: y}
splits: {validation: 6, test: 12}
model: {type: mlp, units: [4], dropout: 0.5}
optimizer: {sgd: {learning_rate: {cosine_decay: 0.1}, momentum: 0.9}}
trainer: {batch_size: 8, epochs: 5}
"""

WHAT_ROWS_TELL = f"""\
derived
  dataset.type: csv                           # from c.yaml:1
  splits.type: auto                           # from c.yaml:2
  name: c                                     # the name of the file
  dataset.features.a: numeric                 # holds numbers
  dataset.features.color: categorical         # holds labels: 4 prepared columns
  rows of splits: {{train: 42, validation: 6, test: 12}}
      # validation 6, test 12; by time for windows of a series; stratified where
      # each class has ten rows or more; else random
  task: multiclass_classification             # from few whole numbers
  loss: sparse_categorical_crossentropy
      # the default of multiclass_classification
  metrics: [accuracy]  # the default of multiclass_classification
  classes: ['0', '1', '2']                    # the values of 'y', in order
  output layer: dense, 3 x softmax
      # what sparse_categorical_crossentropy takes for this target
  steps of an epoch: 6                        # 42 rows in batches of 8
  optimizer.learning_rate.decay_steps: 30
      # the run has 6 steps in each of 5 epochs
  trainer.monitor: val_accuracy               # val_ and the first metric
  runtime.threads: {processors():<27}# all processors of this machine
  runtime.intra_op_threads: 1
      # threads would wait for one another longer than they compute
  runtime.steps_per_execution: 6  # less than a second, and at most 64
  runtime.jit_compile: ?  # on a GPU; on a processor it slows convolutions
  runtime.deterministic: ?                    # on a processor; not on a GPU
  runtime.onednn: true                        # faster on a processor
  runtime.memory: 30%                         # of what is free at the start

defaults
  seed 42, baselines usual, expect {{}}
  dataset: features {{}}, augment [], ignore [], missing_values [], missing error,
      encoding utf-8, decimal .
  model: activation relu, batch_normalization false
  optimizer: use_ema false, ema_momentum 0.99, nesterov false
  optimizer.learning_rate: alpha 0.0
  trainer: checkpoint_seconds 60, callbacks []
  runtime: device auto, backend tensorflow, precision float32

the short form of the model, written out
  layers:
    - dense: {{units: 4, activation: relu}}
    - dropout: 0.5

layers
  layer           output shape  parameters
  inputs            (batch, 5)
  dense             (batch, 4)          24
  dropout           (batch, 4)           0
  output (dense)    (batch, 3)          15
  39 parameters, 39 of them trained

memory of a training step, batch size 8
  weights         156 bytes
  gradients       156 bytes
  optimizer, sgd  156 bytes
  activations     608 bytes
  at least           1.1 kB

"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory, with a config and its data."""
    (tmp_path / "c.yaml").write_text(CONFIG)
    (tmp_path / "rows.csv").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["dltrain", "explain", *arguments])
    with pytest.raises(SystemExit) as caught:
        run()
    printed = capsys.readouterr()
    return caught.value.code, printed.out, printed.err


def test_all_rows_tell_everything(folder, monkeypatch, capsys):
    assert said(monkeypatch, capsys, "c.yaml", "--data") == (0, WHAT_ROWS_TELL, "")


def test_what_a_glance_does_not_tell_is_said_to_depend_on_the_data(folder, monkeypatch, capsys):
    code, printed, errors = said(monkeypatch, capsys, "c.yaml")
    assert (code, errors) == (0, "")
    assert printed.partition("\nlayers\n")[2] == (
        "  layer           output shape  parameters\n"
        "  inputs            (batch, ?)\n"
        "  dense             (batch, 4)           ?\n"
        "  dropout           (batch, 4)           0\n"
        "  output (dense)    (batch, 3)          15\n"
        "  the numbers of parameters: depends on the data; add --data\n\n"
        "memory of a training step, batch size 8\n"
        "  depends on the data; add --data\n\n"
    )


def test_a_terminal_of_80_columns_is_wide_enough(folder, monkeypatch, capsys):
    code, printed, _ = said(monkeypatch, capsys, "c.yaml", "--data", "--set", "model.activation=leaky_relu")
    assert (code, max(map(len, printed.splitlines())) <= 80) == (0, True)


def test_json_is_one_object_with_the_same(folder, monkeypatch, capsys):
    code, printed, errors = said(monkeypatch, capsys, "c.yaml", "--data", "--json")
    found = json.loads(printed)
    assert (code, errors, printed.count("\n")) == (0, "", 1)
    assert (found["file"], found["data_read"], found["complete"]) == ("c.yaml", True, True)
    assert found["derived"][2] == {
        "path": "dataset.features.color",
        "value": "categorical",
        "why": "holds labels: 4 prepared columns",
    }
    assert found["implied"]["dataset.type"] == {"value": "csv", "source": "from c.yaml:1"}
    assert found["defaults"]["optimizer.ema_momentum"] == 0.99
    assert found["layers"][2] == {
        "name": "output", "type": "dense", "path": "model", "output_shape": [None, 3], "parameters": 15
    }  # fmt: skip
    assert (found["parameters"], found["trained_parameters"]) == (39, 39)
    assert found["memory"] == {"weights": 156, "gradients": 156, "optimizer": 156, "activations": 608, "total": 1076}
    assert found["written_out"] == [{"dense": {"units": 4, "activation": "relu"}}, {"dropout": 0.5}]


def test_python_has_the_same(folder):
    found = dltrain.explain("c.yaml", overrides=["model.units=[6]"], data=True)
    assert (found.parameters, found.experiment.task.type) == (6 * 6 + 7 * 3, "multiclass_classification")
    assert dltrain.explain("c.yaml").parameters is None


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["none.yaml"], "none.yaml: no such file or directory; give the path of a YAML config\n"),
        (
            ["c.yaml", "--set", "model=mpl"],
            "--set model=mpl: model: unknown model 'mpl'; expected cnn, lstm, mlp or sequential; did you mean 'mlp'?\n",
        ),
        (["c.yaml", "--data", "--set", "dataset.path=holes.csv"], "holes.csv: row 2: 'a' is missing; "),
    ],
)
def test_what_is_wrong_is_an_error_with_its_place(arguments, text, folder, monkeypatch, capsys):
    (folder / "holes.csv").write_text(ROWS.replace("1,blue,1", ",blue,1", 1))
    code, printed, errors = said(monkeypatch, capsys, *arguments)
    assert (code, printed) == (2, "")
    assert errors.startswith(text)


def test_a_glance_imports_nothing_heavy_and_reading_no_backend(folder):
    code, printed, imported = run_apart("explain", "c.yaml", cwd=folder)
    assert (code, printed.startswith("derived\n"), imported & HEAVY) == (0, True, set())
    code, _, imported = run_apart("explain", "c.yaml", "--data", cwd=folder)
    assert (code, imported & HEAVY & {"tensorflow", "keras", "jax", "torch"}) == (0, set())
