"""Training on raw texts."""

import json

import numpy as np
import pytest
import yaml

import dltrain
from dltrain.errors import ConfigError

pytestmark = pytest.mark.keras

GOOD, BAD = ("lovely", "great", "fine"), ("awful", "dull", "poor")
MODELS = {
    "lstm": ("{type: lstm, embedding: 4, units: [4]}", "{output: sequence, truncate: beginning, sequence_length: 6}"),
    "cnn": (
        "{type: cnn, layers: [{embedding: 4}, {conv1d: {filters: 4, kernel_size: 2}}, global_max_pooling1d]}",
        "{}",
    ),
    "mlp": ("{type: mlp, units: [4]}", "{ngrams: 2}"),
    "average": ("{type: mlp, layers: [{embedding: {output_dim: 4, mask_zero: true}}, global_average_pooling1d]}", "{}"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixty texts that a word gives away; two of the test texts have a word of their own."""
    folder = tmp_path_factory.mktemp("text")
    random = np.random.default_rng(0)
    for part, rows in (("train", 60), ("test", 20)):
        lines = ["text,label,year"]
        for row in range(rows):
            words = [
                random.choice((GOOD, BAD)[row % 2]),
                *random.choice(["a", "film", "seen", "by"], 5),
                *[f"{part}only"] * (row < 2),
            ]
            lines.append(f"{' '.join(random.permutation(words))},{('good', 'bad')[row % 2]},{1990 + row % 7}")
        (folder / f"{part}.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def fit(folder):
    def fit_text(name, model, text, more=""):
        config = folder / f"{name}.yaml"
        config.write_text(
            f"dataset: {{train: train.csv, test: test.csv, target: label, {more or 'ignore: year, '}"
            f"features: {{text: {{text: {text}}}}}}}\n"
            f"splits: {{validation: none, test: provided}}\nmodel: {model}\n"
            "optimizer: {adam: 0.05}\ntrainer: {epochs: 6, batch_size: 8}\n"
        )
        return dltrain.fit(config, runs_dir=folder / "runs")

    return fit_text


@pytest.fixture(scope="module")
def runs(fit):
    return {name: fit(name, *settings) for name, settings in MODELS.items()}


@pytest.mark.parametrize("name", MODELS)
def test_raw_texts_are_learned_from_words_of_the_training_rows_alone(runs, name):
    run = runs[name]
    assert run.scores["test"]["accuracy"] == 1.0
    vocabulary = json.loads((run.path / "preprocessing/statistics.json").read_text())["text"]["vocabulary"]
    assert {"trainonly", *GOOD, *BAD} <= set(vocabulary)
    assert "testonly" not in vocabulary
    assert dltrain.evaluate(run) == run.scores["test"]


@pytest.mark.parametrize(("name", "output"), [("lstm", "sequence"), ("mlp", "tf_idf")])
def test_the_resolved_experiment_says_what_texts_became_and_reruns(runs, folder, name, output):
    text = yaml.safe_load((runs[name].path / "experiment.yaml").read_text())["dataset"]["features"]["text"]
    assert text["output"] == output
    again = dltrain.fit(runs[name].path / "experiment.yaml", runs_dir=folder / "runs")
    assert again.scores == runs[name].scores


def test_texts_and_numbers_are_joined(fit):
    run = fit("joined", "{type: mlp, units: [4]}", "{vocabulary_size: 20}", "ignore: [], ")
    assert run.scores["test"]["accuracy"] == 1.0
    assert sorted(run.model.input) == ["text", "year"]


def test_a_sequence_beside_numbers_is_refused_where_it_is_written(fit):
    with pytest.raises(ConfigError) as raised:
        fit("refused", "lstm", "{}", "ignore: [], ")
    assert [str(problem).partition("refused.yaml:")[2] for problem in raised.value.problems] == [
        "1:89: dataset.features.text: 'text' becomes a sequence of ids, which cannot be joined with the other "
        "features; write output: tf_idf and model.type: mlp, or leave the others out"
    ]
