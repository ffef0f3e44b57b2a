"""What is known of a fit before the data is read."""

import numpy as np
import pytest

from dltrain.foresight import foresee
from dltrain.load import load, parse

MLP = {"type": "mlp", "units": [8]}


def found(values):
    return foresee(parse({"name": "a", "model": MLP, **values}))


def messages(foresight):
    return [str(problem) for problem in foresight.problems]


def table(folder, rows, header="n,t,y"):
    (folder / "a.csv").write_text(f"{header}\n" + "\n".join(rows) + "\n")
    return {"path": str(folder / "a.csv"), "target": "y"}


def test_all_of_a_bundled_dataset_is_known():
    foresight = found({"dataset": "iris"})
    assert [(layer.name, layer.output_shape, layer.known_parameters) for layer in foresight.plan] == [
        ("dense", (8,), 40),
        ("output", (3,), 27),
    ]
    assert foresight.sizes == {"train": 105, "test": 30, "validation": 15}
    assert (foresight.experiment.task.type, foresight.target.classes[0]) == ("multiclass_classification", "setosa")


def test_a_width_that_labels_decide_is_open_and_what_follows_it_known(tmp_path):
    foresight = found({"dataset": table(tmp_path, ["1,a,p", "2,b,q"] * 20), "splits": {"test": 0.5}})
    assert foresight.prepared.shape == (None,)
    assert [(layer.name, layer.output_shape, layer.known_parameters) for layer in foresight.plan] == [
        ("dense", (8,), None),
        ("output", (1,), 9),
    ]
    assert foresight.problems == []


def test_without_all_labels_the_output_is_left_open(tmp_path):
    foresight = found({"dataset": table(tmp_path, ["1,a,p", "2,b,q", "3,b,r"] * 8000)})
    assert (foresight.experiment.task.type, foresight.head.units) == ("multiclass_classification", 0)
    assert [layer.name for layer in foresight.plan] == ["dense"]


def test_two_labels_among_first_rows_leave_the_task_open(tmp_path):
    foresight = found({"dataset": table(tmp_path, ["1,a,p", "2,b,q"] * 8000)})
    assert (foresight.experiment.task, foresight.target, foresight.problems) == (None, None, [])


def test_a_loss_that_no_possible_task_has_is_refused(tmp_path):
    foresight = found({"dataset": table(tmp_path, ["1,a,p", "2,b,q"] * 8000), "loss": "mse"})
    assert messages(foresight) == [
        "loss: 'mean_squared_error' does not fit binary_classification or multiclass_classification; use "
        "binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy, categorical_focal_crossentropy, "
        "categorical_generalized_cross_entropy, categorical_hinge and 4 more"
    ]


def test_whole_numbers_among_first_rows_may_be_classes_or_a_quantity(tmp_path):
    for loss in ("mse", "sparse_categorical_crossentropy"):
        assert found({"dataset": table(tmp_path, ["1,a,4", "2,b,5"] * 8000), "loss": loss}).problems == []


def test_a_layer_that_an_open_length_may_not_fit_ends_the_plan(tmp_path):
    model = {"type": "mlp", "layers": [{"dropout": 0.1}, {"reshape": [7, 3]}, {"lstm": 4}]}
    foresight = found({"dataset": table(tmp_path, ["1,a,p", "2,b,q"] * 20), "model": model})
    assert foresight.problems == []
    assert [layer.name for layer in foresight.plan][:2] == ["dropout", "reshape"]


def test_every_mistake_of_several_kinds_is_told_at_once():
    values = {"dataset": "iris", "model": "lstm", "loss": "mse", "trainer": {"epochs": 2, "batch_size": 5000}}
    assert [problem.path for problem in found(values).problems] == [("loss",), ("model",), ("trainer", "batch_size")]


def test_a_batch_up_to_the_default_may_be_larger_than_a_tiny_split(tmp_path):
    values = {"dataset": table(tmp_path, ["1,a,p", "2,b,q"] * 5), "trainer": {"batch_size": 32}}
    assert found(values).problems == []


@pytest.mark.parametrize("batch_size", [60, 61])
def test_a_batch_is_at_most_the_train_split(batch_size):
    values = {"dataset": "iris", "splits": {"validation": 0.3, "test": 0.3}, "trainer": {"batch_size": batch_size}}
    assert len(found(values).problems) == (batch_size > 60)


def test_no_shipped_config_is_refused(configs, stand_ins):
    for path in sorted(configs.glob("*.yaml")):
        assert load(path)[0].name == path.stem


def test_a_missing_file_is_one_problem():
    foresight = found({"dataset": {"path": "/nowhere/a.csv", "target": "y"}})
    assert len(foresight.problems) == 1
    assert (foresight.glance.features, foresight.plan) == (None, [])


def test_an_archive_with_ids_is_no_input_of_an_mlp(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(40).reshape(10, 4), y=np.arange(10) % 2)
    values = {"dataset": {"path": str(tmp_path / "a.npz"), "features": {"x": "ids"}}, "splits": {"test": 0.5}}
    assert messages(found(values)) == [
        "model: the data is ids, which mean nothing as numbers; use type: lstm, or begin `layers` with `embedding`"
    ]
