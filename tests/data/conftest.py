"""Tables in files, and what is read from them."""

from pathlib import Path

import numpy as np
import pytest

from dltrain.data.base import DatasetSpec
from dltrain.data.source import take_census
from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import settle
from dltrain.scratch import Scratch
from dltrain.spec.problems import SpecError


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes into a file and returns its path."""

    def write_file(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write_file


@pytest.fixture
def written(tmp_path):
    """A CSV file with columns."""

    def write(columns, name="t.csv"):
        path = tmp_path / name
        rows = [list(columns), *zip(*columns.values(), strict=True)]
        path.write_text("".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows))
        return str(path)

    return write


def spec(**settings):
    return DatasetSpec.choose(settings)


def columns(dataset, part="train"):
    """All rows of a part: each feature as a list with None where a value is missing, and the target."""
    chunks = list(dataset.parts[part].chunks())
    found = {}
    for feature in dataset.features:
        values = np.concatenate([rows.features[feature.name] for rows in chunks])
        found[feature.name] = [_plain(value) for value in values]
    return found, np.concatenate([rows.target for rows in chunks]).tolist()


def _plain(value):
    if isinstance(value, str):
        return value or None
    numbers = [None if np.isnan(number) else float(number) for number in np.ravel(value)]
    return numbers if np.ndim(value) else numbers[0]


def kinds(dataset):
    return {feature.name: feature.kind for feature in dataset.features}


def refusal(**settings):
    """The text with which data is refused when it is opened or read."""
    with pytest.raises((DataError, SpecError)) as raised:
        columns(spec(**settings).load())
    return str(raised.value)


def census(dataset, **features):
    """What one pass finds, its features prepared by their kind or as given."""
    given = {name: FeatureSpec.choose(value) for name, value in features.items()}
    return take_census(dataset, settle(dataset.features, given), scratch=Scratch(Path(), limit=1 << 30))
