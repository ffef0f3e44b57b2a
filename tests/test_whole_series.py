"""Fits on whole series of different lengths."""

import numpy as np
import pytest

import dltrain
from dltrain.load import load
from dltrain.preparation import gather
from dltrain.scratch import Scratch, is_mapped

pytestmark = pytest.mark.keras

RANDOM = np.random.default_rng(4)
LENGTHS = RANDOM.integers(2, 9, 60).tolist()
CONFIG = """
dataset: {path: t.csv, target: y, window: {group: s}}
splits: {validation: 0.2, test: 0.2}
model: {type: lstm, units: [6]}
trainer: {epochs: 2, batch_size: 8}
"""


def table(lengths, first=0):
    """A CSV text of series of two numbers, of which class p rises in its first and class q falls."""
    steps = [(number, step) for number, length in enumerate(lengths, start=first) for step in range(length)]
    lines = [
        f"s{number},{100 + step * (-1) ** number + RANDOM.normal():.3f},{RANDOM.normal():.3f},{'pq'[number % 2]}\n"
        for number, step in steps
    ]
    return "s,a,b,y\n" + "".join(lines)


@pytest.fixture
def config(write):
    write(table(LENGTHS), "t.csv")
    return write(CONFIG)


def test_statistics_are_of_the_real_steps_of_the_training_series_alone(config, tmp_path):
    experiment, _ = load(config)
    materials = gather(experiment, Scratch(tmp_path, 1 << 30))
    (found,) = materials.assembly.preprocessing.statistics.values()
    rows = np.genfromtxt(tmp_path / "t.csv", delimiter=",", skip_header=1, usecols=(1, 2), dtype="float32")
    series = np.repeat(np.arange(60), LENGTHS)
    real = rows[np.isin(series, materials.splits.train)].astype("float64")
    assert len(materials.splits.train) == 36
    np.testing.assert_allclose(found["offset"], real.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found["scale"], real.std(axis=0), rtol=1e-9)


def test_prepared_series_have_the_same_bits_in_memory_and_in_a_file(config, tmp_path):
    experiment, _ = load(config)
    in_memory = gather(experiment, Scratch(tmp_path, 1 << 30)).prepared
    in_files = gather(experiment, Scratch(tmp_path, 0)).prepared
    for name, split in in_memory.items():
        assert is_mapped(in_files[name].inputs)
        assert not is_mapped(split.inputs)
        np.testing.assert_array_equal(in_files[name].inputs, split.inputs)


def test_a_series_is_predicted_alike_alone_and_among_longer_ones(config, write, tmp_path):
    run = dltrain.fit(config, runs_dir=tmp_path / "runs")
    short, others = table([3], first=500), table([8, 2, 7, 8], first=600)
    alone = dltrain.predict(run, write(short, "short.csv"))
    together = dltrain.predict(run, write(short + others.partition("\n")[2], "both.csv"))
    assert alone["s"].tolist() == ["s500"]
    assert together["s"].tolist() == ["s500", "s600", "s601", "s602", "s603"]
    # A last batch of another size may differ in the last bit.
    np.testing.assert_allclose(together["probability_q"][:1], alone["probability_q"], rtol=1e-6)
