"""Arrays as safetensors: the library reads what is written here, and the other way round; bad files are refused."""

import json

import ml_dtypes
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save

from dltrain.runs.array_file import pieces, views

TYPES = ["bool", "u1", "i1", "u2", "i2", "f2", "u4", "i4", "f4", "u8", "i8", "f8", "c8"]
NARROW = ["bfloat16", "float8_e5m2", "float8_e4m3fn", "float8_e8m0fnu", "float8_e4m3fnuz", "float8_e5m2fnuz"]


def arrays():
    made = {kind: np.arange(6).astype(kind).reshape(2, 3) for kind in TYPES}
    return {**made, "none": np.empty((0, 3), "f4"), "single": np.array(7, "i2"), "é/kernel": np.ones(1, "f4")}


def content(arrays, metadata=None):
    return np.concatenate(pieces(arrays, metadata or {}))


def same(found, expected):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape), name
        assert found[name].tobytes() == array.tobytes(), name


def test_the_library_reads_what_is_written(tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content(arrays(), {"format": "x"}).tobytes())
    with safe_open(path, "np") as file:
        same({name: file.get_tensor(name) for name in file.keys()}, arrays())  # noqa: SIM118 (no mapping)
        assert file.metadata() == {"format": "x"}


def test_what_the_library_writes_is_read():
    written = save(arrays(), {"format": "x"})
    found, metadata = views(np.frombuffer(written, np.uint8))
    same(found, arrays())
    assert metadata == {"format": "x"}


@pytest.mark.parametrize("name", NARROW)
def test_the_narrow_types_of_deep_learning_come_back(name):
    array = np.arange(256, dtype=np.uint8).repeat(2).view(getattr(ml_dtypes, name)).reshape(2, -1)
    same(views(content({"a": array}))[0], {"a": array})


def test_strided_and_swapped_arrays_come_back_by_value():
    strided, swapped = np.arange(12.0).reshape(3, 4)[::2, ::-1].T, np.arange(5, dtype=">i4")
    found = views(content({"strided": strided, "swapped": swapped}))[0]
    assert (found["strided"] == strided).all()
    assert (found["swapped"] == swapped).all()


def test_arrays_are_written_without_a_copy_and_read_aligned():
    given = {"bytes": np.zeros(3, "u1"), "doubles": np.zeros(4), "floats": np.zeros((2, 2), "f4")}
    header, *data = pieces(given, {})
    assert len(header) % 64 == 0
    assert [len(piece) for piece in data] == [32, 16, 3]
    assert [piece.base is not None and piece.ctypes.data for piece in data] == [
        given[name].ctypes.data for name in ("doubles", "floats", "bytes")
    ]
    found = views(content(given))[0]
    assert all(array.flags.aligned for array in found.values())


@pytest.mark.parametrize("array", [np.zeros(1, "c16"), np.array(["a"]), np.array([None])])
def test_a_type_that_safetensors_lacks_is_refused(array):
    with pytest.raises(ValueError, match=f"^safetensors holds no array 'a' of type {array.dtype}$"):
        pieces({"a": array}, {})


def test_more_arrays_than_are_read_are_not_written(monkeypatch):
    monkeypatch.setattr("dltrain.runs.array_file._MOST_HEADER", 60_000)
    with pytest.raises(ValueError, match=r"^safetensors does not hold 2,000 arrays$"):
        pieces(dict.fromkeys(map(str, range(2000)), np.zeros(0, "u1")), {})


def entry(dtype="U8", shape=(4,), place=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(place)}


NO_FIT = "the type and shape of its array 'a' do not fit its bytes"
NO_PLACE = "the place of its array 'a' is wrong"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ([], "its header is not a table of arrays"),
        ({"__metadata__": 3}, "its metadata are not a table"),
        ({}, "its arrays are not as long as the file"),
        ({"a": entry(place=(0, 3), shape=(3,))}, "its arrays are not as long as the file"),
        ({"a": entry(place=(1, 4), shape=(3,))}, "its arrays overlap or leave bytes out"),
        ({"a": entry(), "b": entry()}, "its arrays overlap or leave bytes out"),
        ({"a": None}, NO_PLACE),
        ({"a": {}}, NO_PLACE),
        ({"a": entry(place=(4, 0))}, NO_PLACE),
        ({"a": entry(place=(-4, 0))}, NO_PLACE),
        ({"a": entry(place=(0, 4.0))}, NO_PLACE),
        ({"a": entry(place=(False, 4))}, NO_PLACE),
        ({"a": entry(place=(0, 2, 4))}, NO_PLACE),
        ({"a": entry(place=(0, 10**30))}, "its arrays are not as long as the file"),
        ({"a": entry(shape=(5,))}, NO_FIT),
        ({"a": entry(shape=(10**30, 10**30))}, NO_FIT),
        ({"a": entry(shape=(-2, -2))}, NO_FIT),
        ({"a": entry(shape=(1,) * 65 + (4,))}, NO_FIT),
        ({"a": entry("F32", (4,))}, NO_FIT),
        ({"a": entry("F4", (4,))}, NO_FIT),
        ({"a": entry(["U8"], (4,))}, NO_FIT),
        ({"a": entry(), "b": entry(shape=(0, 10**30), place=(4, 4))}, "Maximum allowed dimension exceeded"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header, text):
    raw = json.dumps(header).encode()
    file = len(raw).to_bytes(8, "little") + raw + b"\1\2\3\4"
    with pytest.raises(ValueError, match=r".") as raised:
        views(np.frombuffer(file, np.uint8))
    assert str(raised.value) == text


@pytest.mark.parametrize("raw", [b"", b"1234567", b"\x09" + bytes(15), b"\xff" * 16])
def test_a_file_without_a_header_is_refused(raw):
    with pytest.raises(ValueError, match=r"^it has no header$"):
        views(np.frombuffer(raw, np.uint8))


@pytest.mark.parametrize("header", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5000])
def test_a_header_that_is_not_json_is_refused(header):
    with pytest.raises(ValueError, match=r"^its header is not JSON$"):
        views(np.frombuffer(len(header).to_bytes(8, "little") + header, np.uint8))
