"""Forecasts: against repeating the last value, and as differences from it."""

import json

import keras
import numpy as np
import pytest

from dltrain.api import evaluate, fit
from dltrain.errors import ConfigError
from dltrain.evaluation.naive import naive_scores
from dltrain.metrics.base import Predictions

pytestmark = pytest.mark.keras

CONFIG = """
name: test
dataset:
  path: series.csv
  target: {target}
  window: {{time: t, past: 4, horizon: {horizon}}}
  features: {{window: {{numeric: {scaling}}}}}
splits: {{validation: 0.2, test: 0.2}}
task: {{regression: {{difference: {difference}, scaling: {unit}}}}}
model: {model}
trainer: {{epochs: 1}}
"""


@pytest.fixture
def series(tmp_path, write):
    """Fits a model on a random walk far from zero and another column."""
    random = np.random.default_rng(0)
    walk, other = 500 + random.normal(size=200).cumsum(), random.normal(size=200)
    rows = [f"{index},{first},{second}" for index, (first, second) in enumerate(zip(other, walk, strict=True))]
    (tmp_path / "series.csv").write_text("\n".join(["t,other,walk", *rows]) + "\n")

    def fitted(overrides=(), **settings):
        settings = {
            "target": "walk", "horizon": 3, "scaling": "standard", "difference": "true", "unit": "standard",
            "model": "{mlp: {units: []}}",
        } | settings  # fmt: skip
        run = fit(write(CONFIG.format(**settings)), runs_dir=tmp_path / "runs", overrides=overrides)
        return run, np.stack([other, walk], axis=1)

    return fitted


def windows(columns, past=4):
    return np.lib.stride_tricks.sliding_window_view(columns, past, axis=0).swapaxes(1, 2).astype("float32")


def test_scores_are_compared_with_repeating_the_last_values():
    truth = np.array([[1.0, 10.0, 3.0, 10.0], [2.0, 20.0, 2.0, 24.0]])
    scores = naive_scores(Predictions(truth, truth + 1, None, ()), np.array([[1.0, 10.0], [2.0, 20.0]]))
    assert scores == {
        "naive_mean_squared_error": (2**2 + 4**2) / 8,
        "relative_mean_squared_error": 1 / 2.5,
        "relative_mean_absolute_error": 1 / ((2 + 4) / 8),
    }


def test_a_ratio_to_a_naive_forecast_without_an_error_is_not_defined():
    scores = naive_scores(Predictions(np.ones((2, 3)), np.zeros((2, 3)), None, ()), np.ones((2, 1)))
    assert (scores["naive_mean_squared_error"], scores["relative_mean_squared_error"]) == (0.0, None)


@pytest.mark.parametrize("target", ["walk", "[walk, other]"])
def test_every_split_of_a_forecast_is_scored_against_the_naive_one_and_evaluate_agrees(series, target):
    run, columns = series(target=target)
    scores = run.scores
    predicted = columns[:, [1]] if target == "walk" else columns[:, [1, 0]]
    ahead = np.stack([predicted[4 + step : 198 + step] for step in range(3)], axis=1)
    errors = np.square(ahead - predicted[3:197, None]).mean(axis=(1, 2))
    rows = {name: scores[name]["rows"] for name in scores}
    assert scores["train"]["naive_mean_squared_error"] == pytest.approx(errors[: rows["train"]].mean())
    assert scores["test"]["naive_mean_squared_error"] == pytest.approx(errors[-rows["test"] :].mean())
    for found in scores.values():
        ratio = found["mean_squared_error"] / found["naive_mean_squared_error"]
        assert found["relative_mean_squared_error"] == pytest.approx(ratio)
        assert found["root_mean_squared_error"] == pytest.approx(np.sqrt(found["mean_squared_error"]))
    assert evaluate(run) == scores["test"]


@pytest.mark.parametrize(
    ("settings", "exact"),
    [
        ({}, 1e-6),
        ({"target": "[walk, other]"}, 1e-6),
        ({"scaling": "robust"}, 1e-6),
        ({"scaling": "log"}, 1e-5),
        ({"scaling": "none", "unit": "none"}, 1e-6),
        ({"model": "{lstm: {units: [4]}}"}, 1e-6),
        ({"model": "{cnn: {filters: [4], units: [4]}}", "horizon": 1}, 1e-6),
    ],
)
def test_a_model_that_has_learnt_nothing_of_the_difference_repeats_the_last_value(series, settings, exact):
    run, columns = series(**settings, overrides=["optimizer={sgd: 1e-9}"])
    model = run.model
    # Without its output layer what is left is the mean difference of the training windows.
    output = next(layer for layer in model._flatten_layers() if layer.name == "output")
    output.set_weights([np.zeros_like(weight) for weight in output.get_weights()])
    inputs = windows(columns)
    found = model.predict(inputs, verbose=0)
    targets = columns[:, [1, 0]] if "other" in settings.get("target", "") else columns[:, [1]]
    last = np.tile(targets[3:], found.shape[1] // targets.shape[1])
    added = found - last
    assert np.abs(added - added[0]).max() <= exact * np.abs(last).max()
    if settings.get("unit") == "none":
        np.testing.assert_allclose(added, 0, atol=exact * np.abs(last).max())


def test_a_saved_model_of_differences_predicts_in_the_unit_of_the_target_without_dltrain(series):
    run, columns = series(model="{lstm: {units: [4]}}")
    loaded = keras.saving.load_model(run.path / "model.keras", compile=False)
    inputs = windows(columns)[:-3]
    found = loaded.predict(inputs, verbose=0)
    np.testing.assert_allclose(found, run.model.predict(inputs, verbose=0), rtol=1e-6)
    ahead = np.stack([columns[4 + step : 198 + step, 1] for step in range(3)], axis=1)
    test = len(found) - run.scores["test"]["rows"]
    error = np.square(found[test:] - ahead[test:]).mean()
    assert error == pytest.approx(run.scores["test"]["mean_squared_error"], rel=1e-3)


def test_what_is_learnt_is_the_standardised_difference(series):
    run, columns = series()
    target = json.loads((run.path / "signature.json").read_text())["target"]
    ahead = np.stack([columns[4 + step : 198 + step, 1] for step in range(3)], axis=1)[: run.scores["train"]["rows"]]
    last = columns[3 : 3 + len(ahead), [1]]
    np.testing.assert_allclose(target["scale"], (ahead - last).std(axis=0))
    np.testing.assert_allclose(
        np.subtract(target["offset"], target["difference"]["offset"]), (ahead - last).mean(axis=0)
    )


def test_a_difference_needs_the_targets_past_and_a_loss_that_takes_any_unit(series):
    with pytest.raises(ConfigError) as raised:
        series(overrides=["dataset.ignore=[walk]"])
    text = "needs the target's own past; write `dataset.window` with `past` and `horizon`"
    assert str(raised.value).endswith(f"task.difference: {text}")
    with pytest.raises(ConfigError) as raised:
        series(overrides=["loss=poisson"])
    text = "poisson is of the target as it is; use mean_squared_error, or delete `difference`"
    assert str(raised.value).endswith(f"loss: {text}")


def test_expectations_know_the_scores_of_forecasts(series):
    series(overrides=['expect={test.relative_mean_squared_error: "< 100"}'])
    with pytest.raises(ConfigError) as raised:
        series(overrides=['expect={test.relative_mean_squared_error: "< 100"}', "dataset.window.horizon=null"])
    assert "'relative_mean_squared_error' is not among the final scores" in str(raised.value)
