"""A source is read once; its rows come back as they were, from memory or from a file."""

import numpy as np
import pytest

from dltrain.data.kept import KeptSource, keep, release
from dltrain.data.source import ArraySource, Dataset, Rows, Source
from dltrain.scratch import Scratch

CHUNKS = [
    Rows(
        {"text": np.array(texts, object), "number": np.array(numbers, "float32"), "image": image},
        np.array(targets),
        {"when": np.array(targets, "datetime64[s]")},
    )
    for texts, numbers, targets, image in [
        (["a", "", "ä" * 50], [1.5, np.nan, -0.0], [1, 2, 3], np.arange(24, dtype="uint8").reshape(3, 4, 2)),
        (["b"], [np.inf], [4], np.ones((1, 4, 2), "uint8")),
    ]
]


class Counted(Source):
    """Says how often it was read."""

    def __init__(self):
        self.reads = 0

    def chunks(self):
        self.reads += 1
        yield from CHUNKS


def same(found, wanted):
    arrays = [(found.features[name], wanted.features[name]) for name in wanted.features]
    arrays += [(found.target, wanted.target), (found.extras["when"], wanted.extras["when"])]
    return all(one.dtype == other.dtype and one.shape == other.shape for one, other in arrays) and all(
        one.tolist() == other.tolist() if one.dtype.kind == "O" else one.tobytes() == other.tobytes()
        for one, other in arrays
    )


@pytest.mark.parametrize("limit", [0, 100, 1 << 20])
def test_rows_come_back_as_they_were_read_once(tmp_path, limit):
    source = Counted()
    kept = KeptSource(source, Scratch(tmp_path, limit))
    for _ in range(3):
        found = list(kept.chunks())
        assert len(found) == 2
        assert all(map(same, found, CHUNKS))
    assert source.reads == 1
    assert [column.tolist() for column in kept.column("text")] == [["a", "", "ä" * 50], ["b"]]


def test_a_reading_that_was_broken_off_is_begun_again(tmp_path):
    source = Counted()
    kept = KeptSource(source, Scratch(tmp_path, limit=0))
    next(iter(kept.chunks()))
    assert len(list(kept.chunks())) == len(list(kept.chunks())) == 2
    assert source.reads == 2


def test_what_is_released_is_read_again_and_its_memory_is_free(tmp_path):
    source, scratch = Counted(), Scratch(tmp_path, limit=2000)
    dataset = keep(Dataset({"train": source}, (), "y", "", "here"), scratch)
    list(dataset.parts["train"].chunks())
    assert not scratch.claim(2000)
    release(dataset)
    assert scratch.claim(2000)
    assert len(list(dataset.parts["train"].chunks())) == 2
    assert source.reads == 2


def test_rows_that_lie_in_memory_are_not_kept_twice(tmp_path):
    source = ArraySource({"x": np.zeros((3, 2))}, np.arange(3))
    assert keep(Dataset({"train": source}, (), "y", "", "here"), Scratch(tmp_path)).parts["train"] is source
