"""A run's `model.keras` loads where dltrain is not, takes raw rows, and predicts what the run itself does."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import dltrain
from dltrain.opening import open_assembly

pytestmark = pytest.mark.keras

ELSEWHERE = """
import pickle, sys
sys.modules["dltrain"] = None
import keras
path, given, found = sys.argv[1:]
model = keras.saving.load_model(path)
with open(given, "rb") as file:
    columns = pickle.load(file)
outputs = model(columns if len(columns) > 1 else next(iter(columns.values())), training=False)
with open(found, "wb") as file:
    pickle.dump(keras.ops.convert_to_numpy(outputs), file)
"""


def predicted_elsewhere(model, columns, folder):
    """The outputs of a saved model in a process that cannot import dltrain.

    `columns` are raw numpy arrays by the names of the model's inputs; texts are arrays of objects.
    """
    given, found = folder / "given.pickle", folder / "found.pickle"
    given.write_bytes(pickle.dumps(columns))
    command = [sys.executable, "-I", "-c", ELSEWHERE, str(model), str(given), str(found)]
    done = subprocess.run(command, cwd=folder, env=dict(os.environ), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return pickle.loads(found.read_bytes())


def raw_columns(run, path):
    """The features of a file of the run's format, by the names of the model's inputs."""
    assembly = open_assembly(run.directory)
    features = assembly.preprocessing.features
    chunks = list(assembly.experiment.dataset.open_file(str(path), features, labelled=False).chunks())
    columns = [np.concatenate([rows.features[feature.name] for rows in chunks]) for feature in features]
    return dict(zip(assembly.preprocessing.inputs, columns, strict=True))


def check_reload(config, data, folder, column="prediction"):
    """Trains a config, and compares what its saved model says of the rows of `data` with the run's own predictions.

    Returns:
        The names of the saved model's inputs.
    """
    run = dltrain.fit(config, runs_dir=folder / "runs")
    columns = raw_columns(run, data)
    outputs = predicted_elsewhere(run.path / "model.keras", columns, folder)
    own = dltrain.predict(run, data)[column]
    np.testing.assert_allclose(outputs.reshape(len(own), -1)[:, -1], own, rtol=1e-5, atol=1e-6)
    return list(columns)


EVERY_KIND = """
name: preprocessing
dataset:
  path: t.csv
  target: y
  missing_values: ["?"]
  missing: median
  features:
    a/b: {numeric: {indicator: true}}
    a_b: {numeric: log}
    normalization: {numeric: {scaling: robust, missing: constant, fill_value: -1}}
    preprocessing: {numeric: {scaling: min_max, missing: most_frequent}}
    target_unit: {boolean: {missing: most_frequent}}
    color (é): {categorical: {missing: constant, indicator: true}}
    shop: {categorical: {encoding: embedding, length: 3, missing: most_frequent}}
    street: {categorical: {encoding: hashing, bins: 5, missing: most_frequent}}
    when: {datetime: {parts: [year, month, hour], missing: mean, indicator: true}}
model: {type: mlp, units: [8]}
optimizer: {adam: 0.05}
trainer: {epochs: 2, batch_size: 16}
"""


def everything(rows=100):
    """A table with a column of each kind, each with missing values, and with labels that training never sees."""
    random = np.random.default_rng(5)

    def holes(values):
        return ["?" if random.random() < 0.1 else value for value in values]

    return {
        "a/b": holes(random.normal(50, 9, rows).round(3)),
        "a_b": holes(random.lognormal(3, 2, rows).round(3)),
        "normalization": holes(random.integers(0, 9, rows)),
        "preprocessing": holes(random.integers(0, 4, rows)),
        "target_unit": holes(random.choice(["true", "false"], rows)),
        "color (é)": holes(random.choice(["rød", "[UNK]", "NA", "green"], rows)),
        "shop": holes(random.choice([f"{number:03}" for number in range(12)], rows)),
        "street": holes([f"street {number}" for number in random.integers(0, 60, rows)]),
        "when": holes(
            [f"202{year}-0{month}-11 1{hour}:30:00" for year, month, hour in random.integers(1, 9, (rows, 3))]
        ),
        "y": random.normal(1000, 50, rows).round(2),
    }


def write_csv(path, table):
    lines = [list(table), *zip(*table.values(), strict=True)]
    path.write_text("".join(",".join(map(str, line)) + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_table_with_every_kind_of_column(tmp_path):
    table = everything()
    write_csv(tmp_path / "t.csv", table)
    unseen = {**everything(20), "color (é)": ["never seen", ""] * 10, "shop": ["999", "?"] * 10}
    data = write_csv(tmp_path / "new.csv", unseen)
    (tmp_path / "c.yaml").write_text(EVERY_KIND, encoding="utf-8")
    names = check_reload(tmp_path / "c.yaml", data, tmp_path)
    expected = ["a_b", "a_b_", *list(table)[2:-1]]
    assert names == expected


def test_a_table_of_one_column_of_labels(tmp_path):
    table = {"shop": ["x", "y", "z", "x"] * 10, "y": ["p", "q", "q", "p"] * 10}
    data = write_csv(tmp_path / "t.csv", table)
    (tmp_path / "c.yaml").write_text(
        "dataset: {path: t.csv, target: y}\nmodel: {type: mlp, units: [4]}\ntrainer: {epochs: 2, batch_size: 8}\n"
    )
    names = check_reload(tmp_path / "c.yaml", data, tmp_path, column="probability_q")
    assert names == ["shop"]


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("{type: lstm, embedding: 3, units: [4]}", "{truncate: beginning, sequence_length: 5, standardize: lower}"),
        ("{type: mlp, units: [4]}", "{output: tf_idf, ngrams: 2, vocabulary_size: 9}"),
        ("{type: mlp, units: [4]}", "{output: count, tokens: characters, standardize: none}"),
    ],
)
def test_texts(tmp_path, model, text):
    table = {"review": ["a good film", "a dull, dull film", "good fun", "dull"] * 10, "y": ["p", "q", "p", "q"] * 10}
    write_csv(tmp_path / "t.csv", {name: [f'"{value}"' for value in values] for name, values in table.items()})
    unseen = {"review": ['"A good, good film: [UNK]"', "größe", "?!", "  ", "dull " * 50]}
    data = write_csv(tmp_path / "new.csv", unseen)
    (tmp_path / "c.yaml").write_text(
        f"dataset: {{path: t.csv, target: y, features: {{review: {{text: {text}}}}}}}\nmodel: {model}\n"
        "trainer: {epochs: 2, batch_size: 8}\n"
    )
    assert check_reload(tmp_path / "c.yaml", data, tmp_path, column="probability_q") == ["review"]


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_photos_of_another_size(tmp_path, resize):
    from PIL import Image

    random = np.random.default_rng(3)
    for label, bright in [("day", 200), ("night", 20)]:
        (tmp_path / "photos" / label).mkdir(parents=True)
        for index in range(12):
            pixels = random.integers(0, 50, (8 + index % 3, 9, 3)) + bright
            Image.fromarray(pixels.astype("uint8")).save(tmp_path / "photos" / label / f"{index}.png")
    (tmp_path / "c.yaml").write_text(
        f"dataset: {{path: photos/, size: 6, resize: {resize}, augment: [random_flip]}}\n"
        "model: {type: cnn, filters: [4], units: [4]}\ntrainer: {epochs: 2, batch_size: 8}\n"
    )
    run = dltrain.fit(tmp_path / "c.yaml", runs_dir=tmp_path / "runs")
    (tmp_path / "new").mkdir()
    photos = random.integers(0, 255, (3, 15, 11, 3)).astype("uint8")
    for index, pixels in enumerate(photos):
        Image.fromarray(pixels).save(tmp_path / "new" / f"{index}.png")
    outputs = predicted_elsewhere(run.path / "model.keras", {"image": photos}, tmp_path)
    own = dltrain.predict(run, tmp_path / "new")["probability_night"]
    np.testing.assert_allclose(outputs[:, 0], own, rtol=1e-5, atol=1e-6)
    assert len(set(own.tolist())) == 3


@pytest.mark.parametrize("difference", ["true", "false"])
def test_windows_of_a_series(tmp_path, difference):
    steps = np.arange(120)
    table = {"t": steps, "load": (np.sin(steps / 3) * 9 + steps).round(3), "heat": np.cos(steps / 5).round(3)}
    data = write_csv(tmp_path / "t.csv", table)
    (tmp_path / "c.yaml").write_text(
        "dataset: {path: t.csv, target: load, window: {time: t, past: 6, horizon: 2}}\n"
        f"task: {{regression: {{difference: {difference}}}}}\nmodel: {{type: lstm, units: [4]}}\n"
        "trainer: {epochs: 2, batch_size: 16}\n"
    )
    run = dltrain.fit(tmp_path / "c.yaml", runs_dir=tmp_path / "runs")
    outputs = predicted_elsewhere(run.path / "model.keras", raw_columns(run, data), tmp_path)
    own = dltrain.predict(run, data)
    names = [name for name in own if name.startswith("prediction")]
    assert len(names) == 2
    np.testing.assert_allclose(outputs, np.stack([own[name] for name in names], axis=1), rtol=1e-5)


@pytest.mark.parametrize("model", ["{type: lstm, units: [4]}", "{type: cnn, filters: [4], units: []}"])
def test_whole_series_of_different_lengths(tmp_path, model):
    random = np.random.default_rng(2)
    names = [f"s{number}" for number in range(30) for _ in range(2 + number % 4)]
    table = {"s": names, "a": random.normal(50, 9, len(names)).round(3), "b": ["", *range(len(names) - 1)]}
    table["y"] = ["pq"[int(name[1:]) % 2] for name in names]
    write_csv(tmp_path / "t.csv", table)
    unseen = {"s": list("uuvwww"), "a": [40, 50, 60, 40, 50, 60], "b": [1, "", 3, "", "", 9]}
    data = write_csv(tmp_path / "new.csv", unseen)
    (tmp_path / "c.yaml").write_text(
        "dataset: {path: t.csv, target: y, missing: mean, window: {group: s}}\n"
        f"model: {model}\ntrainer: {{epochs: 2, batch_size: 8}}\n"
    )
    assert check_reload(tmp_path / "c.yaml", data, tmp_path, column="probability_q") == ["window"]


def test_arrays_of_vectors_and_of_word_ids(tmp_path):
    random = np.random.default_rng(0)
    for name, x, model in [
        ("vectors", random.normal(size=(40, 3)).astype("float32"), "mlp"),
        ("ids", random.integers(0, 9, (40, 5)), "lstm"),
    ]:
        np.savez(tmp_path / f"{name}.npz", x=x, y=np.arange(40) % 2)
        kind = ", features: {x: ids}" if name == "ids" else ""
        config = tmp_path / f"{name}.yaml"
        config.write_text(
            f"dataset: {{path: {name}.npz{kind}}}\nmodel: {{type: {model}, units: [4]}}\ntrainer: {{epochs: 1}}\n"
        )
        assert check_reload(config, tmp_path / f"{name}.npz", tmp_path, column="probability_1") == ["x"]
