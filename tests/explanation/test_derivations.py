"""Why values are what they are, where the config leaves them open."""

import pytest

from dltrain.experiment import Experiment
from dltrain.explanation.derivations import LATER, Derived, derivations
from dltrain.explanation.known import by_glance


def derived(**settings):
    """What is derived of an experiment by a glance, by path."""
    values = {"name": "test", "dataset": {"name": "iris"}, "model": "mlp", **settings}
    experiment = Experiment.model_validate(values)
    return {found.path: found for found in derivations(experiment, by_glance(experiment))}


@pytest.mark.parametrize(
    ("dataset", "task", "why"),
    [
        ("iris", "multiclass_classification", "'y' holds labels"),
        ("breast_cancer", "binary_classification", "'y' holds labels"),
        ("digits", "multiclass_classification", "'y' holds few whole numbers"),
        ("mnist", "multiclass_classification", "'y' holds labels"),
        ("diabetes", "regression", "'y' holds many different numbers"),
    ],
)
def test_the_task_follows_from_the_target(dataset, task, why):
    found = derived(dataset={"name": dataset})
    assert found["task"] == Derived("task", task, why)
    assert found["loss"].why == f"the default of {task}"


def test_a_loss_may_decide_the_task():
    found = derived(dataset={"name": "iris"}, loss="sparse_categorical_crossentropy")
    assert "loss" not in found
    assert found["output layer"].value == "dense, 3 x softmax"
    assert found["output layer"].why == "what sparse_categorical_crossentropy takes for this target"


def test_what_is_written_is_not_derived():
    found = derived(
        task="multiclass_classification",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        trainer={"monitor": "val_loss"},
        runtime={
            "threads": 1,
            "intra_op_threads": 1,
            "onednn": True,
            "steps_per_execution": 4,
            "jit_compile": False,
            "deterministic": True,
            "memory": "2GB",
        },
        dataset={"name": "iris", "features": {"x": {"numeric": {"scaling": "robust"}}}},
    )
    assert list(found) == ["rows of splits", "classes", "output layer", "steps of an epoch"]


@pytest.mark.parametrize(
    ("settings", "value", "why"),
    [
        ({"model": {"mlp": {"units": 8}}}, 1, "threads would wait for one another longer than they compute"),
        ({"model": {"mlp": {"units": [2000, 2000]}}}, 7, "all that there are"),
        ({"runtime": {"backend": "jax", "threads": 7}}, 7, "all that there are"),
    ],
)
def test_how_many_threads_share_an_operation(settings, value, why):
    found = derived(**({"runtime": {"threads": 7}} | settings))
    assert found["runtime.intra_op_threads"] == Derived("runtime.intra_op_threads", value, why)


@pytest.mark.parametrize(
    ("settings", "value", "why"),
    [
        ({}, "val_accuracy", "val_ and the first metric"),
        ({"metrics": ["f1_macro", "accuracy"]}, "val_f1_macro", "val_ and the first metric"),
        ({"metrics": []}, "val_loss", "val_ and the loss, as there are no metrics"),
        ({"splits": {"validation": "none"}}, "none", "without validation, the last epoch's weights are kept"),
        ({"optimizer": {"adam": {"use_ema": True}}}, "none", "use_ema keeps the average of the weights"),
    ],
)
def test_what_chooses_the_epoch(settings, value, why):
    assert derived(**settings)["trainer.monitor"] == Derived("trainer.monitor", value, why)


def test_steps_of_an_epoch_and_of_a_schedule_follow_from_the_rows():
    # 150 rows, of which 15 validate and 30 test: 105 in batches of 10.
    schedule = {"sgd": {"learning_rate": {"cosine_decay": {"initial_learning_rate": 0.1, "warmup_epochs": 2}}}}
    schedule["sgd"]["learning_rate"]["cosine_decay"]["warmup_target"] = 0.2
    found = derived(optimizer=schedule, trainer={"batch_size": 10, "epochs": 7})
    assert found["rows of splits"].value == {"train": 105, "validation": 15, "test": 30}
    assert found["steps of an epoch"] == Derived("steps of an epoch", 11, "105 rows in batches of 10")
    run = "the run has 11 steps in each of 7 epochs"
    assert found["optimizer.learning_rate.warmup_steps"] == Derived("optimizer.learning_rate.warmup_steps", 22, run)
    assert found["optimizer.learning_rate.decay_steps"] == Derived("optimizer.learning_rate.decay_steps", 55, run)


def test_columns_that_are_prepared_alike_stand_together(tmp_path):
    header = ",".join("abcdef")
    (tmp_path / "t.csv").write_text(f"{header},color,y\n" + "1,2,3,4,5,6.5,red,yes\n2,3,4,5,6,7.5,blue,no\n" * 20)
    dataset = {"path": str(tmp_path / "t.csv"), "target": "y", "missing": "mean"}
    found = derived(dataset=dataset)
    numbers = found["dataset.features.a, b and 4 more"]
    assert numbers.value == {"numeric": {"missing": "mean"}}
    assert numbers.why == "hold numbers; missing values as `dataset.missing` says: mean"
    assert found["dataset.features.color"].value == {"categorical": {"missing": "mean"}}


def test_a_text_is_prepared_as_the_model_reads_it(tmp_path):
    rows = "".join(
        f"a rather long text about the number {number} of films and what they are,{number % 2}\n"
        for number in range(60)
    )
    (tmp_path / "t.csv").write_text(f"review,y\n{rows}")
    dataset = {"path": str(tmp_path / "t.csv"), "target": "y", "features": {"review": "text"}}
    found = derived(dataset=dataset, model="lstm")["dataset.features.review"]
    assert (found.value, found.why) == ({"text": "sequence"}, "holds texts; as model.type: lstm reads it")


def test_data_that_is_not_here_leaves_open_what_depends_on_it(tmp_path):
    found = derived(dataset={"path": str(tmp_path / "none.csv"), "target": "y", "type": "csv"})
    for path in ("dataset.features", "rows of splits", "steps of an epoch", "output layer", "loss", "metrics"):
        assert (found[path].value, found[path].why) == (None, LATER)
    assert found["task"].value is None
    assert found["task"].why.endswith("which depends on the data")
