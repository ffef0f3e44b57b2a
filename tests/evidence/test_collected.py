"""What real trainings keep to be looked at."""

from __future__ import annotations

import numpy as np
import pytest

import dltrain
from dltrain.evidence.record import read_evidence
from dltrain.runs.files import read_arrays

pytestmark = pytest.mark.keras

CONFIG = """
name: {name}
dataset: {dataset}
splits: {{validation: none, test: 0.5}}
model: {model}
trainer: {{epochs: 1, batch_size: 16}}
runtime: {{device: cpu}}
baselines: none
"""


@pytest.fixture(scope="module")
def fit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fits")

    def train(name, dataset, model, **files):
        for file, content in files.items():
            if isinstance(content, str):
                (folder / f"{file}.csv").write_text(content)
            else:
                np.savez(folder / f"{file}.npz", **content)
        path = folder / f"{name}.yaml"
        path.write_text(CONFIG.format(name=name, dataset=dataset, model=model))
        return dltrain.fit(path, runs_dir=folder / "runs").directory

    return train


def images():
    rng = np.random.default_rng(0)
    return {"x": rng.integers(0, 256, (40, 6, 6, 3), "uint8"), "y": np.arange(40) % 2}


def test_of_images_the_mistakes_a_batch_and_the_first_layer_are_kept(fit):
    data = images()
    dataset = "{path: i.npz, augment: [random_flip: horizontal]}"
    run = fit("conv", dataset, "{type: cnn, filters: [5], kernel_size: 3, units: [4]}", i=data)
    evidence, kept = read_evidence(run), read_arrays(run.predictions("test"))
    wrong = kept["row"][kept["truth"] != kept["predicted"]]
    assert (evidence.split, evidence.mistaken) == ("test", len(wrong))
    assert len(evidence.mistakes) == min(len(wrong), 12)
    for mistake, image in zip(evidence.mistakes, evidence.images, strict=True):
        assert mistake.row in wrong
        assert mistake.truth == str(data["y"][mistake.row])
        assert np.array_equal(image, data["x"][mistake.row])
    sure = [mistake.confidence for mistake in evidence.mistakes]
    assert sure == sorted(sure, reverse=True)
    assert (evidence.batch.shape, evidence.batch.dtype.name) == ((16, 6, 6, 3), "uint8")
    assert list(evidence.augmented) == ["random_flip"]
    assert {len(evidence.labels), *evidence.labels} == {16, "0", "1"}
    originals = {image.tobytes() for image in data["x"]} | {image[:, ::-1].tobytes() for image in data["x"]}
    assert {image.tobytes() for image in evidence.batch} <= originals
    weights = read_arrays(run.weights)["conv2d/kernel"]
    assert np.array_equal(evidence.kernels, weights.transpose(3, 0, 1, 2))
    assert (evidence.layer, evidence.units, list(evidence.outputs)) == ("conv2d", 5, [])


def test_a_linear_model_of_images_has_a_picture_for_each_class(fit):
    data = {**images(), "y": np.arange(40) % 3}
    run = fit("linear", "{path: l.npz}", "{type: mlp, units: []}", l=data)
    evidence = read_evidence(run)
    weights = read_arrays(run.weights)["output/kernel"]
    assert list(evidence.outputs) == ["0", "1", "2"]
    assert np.array_equal(evidence.kernels, weights.reshape(6, 6, 3, 3).transpose(3, 0, 1, 2))


def test_of_a_table_the_wrong_rows_are_kept_by_column(fit):
    rows = [f"{index},{'ab'[index % 2]},{'yes' if index * 7 % 5 < 2 else 'no'}" for index in range(60)]
    text = "\n".join(["n,letter,y", *rows]) + "\n"
    run = fit("table", "{path: t.csv, target: y}", "{type: mlp, units: [2]}", t=text)
    evidence = read_evidence(run)
    assert evidence.mistakes
    assert evidence.batch is None
    for mistake in evidence.mistakes:
        number, letter, truth = rows[mistake.row].split(",")
        assert mistake.values == {"n": number, "letter": letter}
        assert mistake.truth == truth != mistake.predicted


def test_of_numbers_the_largest_errors_are_kept(fit):
    rows = [f"{index},{index * index % 17}.5" for index in range(40)]
    run = fit("numbers", "{path: n.csv, target: y}", "{type: mlp, units: [2]}", n="\n".join(["n,y", *rows]) + "\n")
    evidence, kept = read_evidence(run), read_arrays(run.predictions("test"))
    errors = np.abs(kept["truth"] - kept["predicted"])[:, 0]
    order = np.argsort(-errors, kind="stable")[:12]
    assert [mistake.row for mistake in evidence.mistakes] == kept["row"][order].tolist()
    assert evidence.mistaken == 0
