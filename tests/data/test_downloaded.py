"""Keras's data sets: from $DLTRAIN_DATA, from Keras's cache, or an error that says where to put the file."""

import os
import subprocess
import sys

import numpy as np
import pytest

from data.conftest import census
from dltrain.data.base import DatasetSpec

SHARED = os.environ.get("DLTRAIN_DATA", "")
OFFLINE = """
import sys
from dltrain.data.base import DatasetSpec
from dltrain.errors import DltrainError
for name in sys.argv[1:]:
    try:
        DatasetSpec.choose(name).load()
    except DltrainError as error:
        print(error.exit_code, error)
"""


def archive(path, rows=3):
    path.parent.mkdir(parents=True, exist_ok=True)
    x, y = np.arange(rows * 4, dtype="uint8").reshape(rows, 2, 2), np.arange(rows) % 2
    np.savez(path, x_train=x, y_train=y, x_test=x[:1], y_test=y[:1])


@pytest.fixture
def places(tmp_path, monkeypatch):
    """$DLTRAIN_DATA and Keras's cache, both empty."""
    monkeypatch.setenv("DLTRAIN_DATA", str(tmp_path / "shared"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "shared", tmp_path / "keras" / "datasets"


def test_the_shared_folder_comes_before_the_cache(places):
    shared, cache = places
    archive(cache / "mnist.npz", rows=5)
    assert census(DatasetSpec.choose("mnist").load()).rows == {"train": 5, "test": 1}
    archive(shared / "mnist.npz", rows=4)
    assert census(DatasetSpec.choose("mnist").load()).rows == {"train": 4, "test": 1}


def test_pixels_are_8_bit_and_houses_are_real_numbers(places):
    shared, _ = places
    archive(shared / "mnist.npz")
    archive(shared / "california_housing.npz")
    mnist, houses = (DatasetSpec.choose(name).load().features[0] for name in ("mnist", "california_housing"))
    assert (mnist.kind, mnist.maximum, mnist.shape) == ("image", 255.0, (2, 2))
    assert (houses.kind, houses.maximum) == ("numeric", None)


@pytest.mark.data
@pytest.mark.skipif(not os.path.exists(os.path.join(SHARED, "mnist.npz")), reason="mnist.npz is not in $DLTRAIN_DATA")
def test_mnist_is_70000_digits():
    dataset = DatasetSpec.choose("mnist").load()
    found = census(dataset)
    assert found.rows == {"train": 60_000, "test": 10_000}
    assert np.bincount(found.target[:60_000]).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert dataset.features[0].shape == (28, 28)


@pytest.mark.keras
def test_offline_the_error_names_the_file_and_where_to_put_it(places):
    _, cache = places
    files = {"mnist": "mnist.npz", "imdb": "imdb.npz", "cifar10": "cifar-10-batches-py-target"}
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {**os.environ, **proxies, "no_proxy": "", "NO_PROXY": ""}
    command = [sys.executable, "-c", OFFLINE, *files]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    said = [line for line in done.stdout.splitlines() if line.startswith("4 ")]
    assert len(said) == len(files)
    for line, (name, file) in zip(said, files.items(), strict=True):
        assert line.startswith(f"4 the dataset '{name}' is not on this machine and cannot be downloaded (")
        where = f"{cache / file}" + " or $DLTRAIN_DATA/mnist.npz" * (name == "mnist")
        assert line.endswith(f"); connect to the network once, or put the file at {where}")


@pytest.mark.keras
def test_texts_are_cut_and_padded_to_one_length():
    texts = [[5, 6], [4, 5, 6, 7, 8]]
    front = DatasetSpec.choose({"name": "imdb", "sequence_length": 4})
    back = DatasetSpec.choose({"name": "imdb", "sequence_length": 4, "truncating": "post"})
    assert front._padded(texts).tolist() == [[5, 6, 0, 0], [5, 6, 7, 8]]
    assert back._padded(texts).tolist() == [[5, 6, 0, 0], [4, 5, 6, 7]]
