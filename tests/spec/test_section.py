"""Sections: closed, strict, immutable; and their errors in dltrain's words."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from dltrain.spec.fields import Count, DataPath, Pair, Positive, Seed, Sequence, Single, locate
from dltrain.spec.section import Section
from dltrain.spec.text import Text
from dltrain.spec.translate import problems_of


class Inner(Section):
    rate: Positive = 0.5
    size: Pair = (3, 3)


class Outer(Section):
    count: Count = 1
    flag: bool = False
    name: Annotated[str, Field(min_length=1, max_length=5)] = "x"
    mode: Literal["same", "valid"] = "same"
    inner: Inner = Field(default_factory=Inner)
    inners: Annotated[tuple[Inner, ...], Sequence, Field(max_length=2)] = ()
    words: dict[str, float] = Field(default_factory=dict)
    seed: Seed | None = None


def problems(values, section=Outer):
    with pytest.raises(ValidationError) as raised:
        section.model_validate(values)
    return [str(problem) for problem in problems_of(raised.value)]


def test_a_section_has_its_defaults_and_is_immutable():
    section = Outer.model_validate({"inner": {"rate": 2}})
    assert (section.count, section.inner.rate, section.inner.size) == (1, 2.0, (3, 3))
    with pytest.raises(ValidationError, match="frozen"):
        section.count = 2


def test_plain_is_what_validates_to_the_same_section():
    section = Outer.model_validate({"inners": [{"size": 5}], "words": {"a": 1}, "name": Text.of("y", None)})
    assert section.plain() == {
        "count": 1,
        "flag": False,
        "name": "y",
        "mode": "same",
        "inner": {"rate": 0.5, "size": [3, 3]},
        "inners": [{"rate": 0.5, "size": [5, 5]}],
        "words": {"a": 1.0},
    }
    assert type(section.plain()["name"]) is str
    assert Outer.model_validate(section.plain()) == section


def test_sections_lists_every_section_below_with_its_path():
    section = Outer.model_validate({"inners": [{}, {}]})
    assert [path for path, _ in section.sections()] == [(), ("inner",), ("inners", 0), ("inners", 1)]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"count": "5"}, "count: expected an integer, got '5'; write 5 without quotes"),
        ({"count": " 5"}, "count: expected an integer, got ' 5'; write 5"),
        ({"count": "1_000"}, "count: expected an integer, got '1_000'; write 1000"),
        ({"count": "five"}, "count: expected an integer, got 'five'"),
        ({"count": "5.5"}, "count: expected an integer, got '5.5'"),
        ({"count": 5.0}, "count: expected an integer, got 5.0; write 5"),
        ({"count": 5.5}, "count: expected an integer, got 5.5"),
        ({"count": True}, "count: expected an integer, got true"),
        ({"count": None}, "count: expected an integer, got nothing; write a value or delete the key"),
        ({"count": [5]}, "count: expected an integer, got a list"),
        ({"count": {"a": 1}}, "count: expected an integer, got a mapping"),
        ({"count": 0}, "count: must be at least 1, got 0"),
        ({"count": 10**9}, "count: must be at most 100,000,000, got 1000000000"),
        ({"count": 10**39}, f"count: must be at most 100,000,000, got {10**39}"),
        ({"flag": 1}, "flag: expected true or false, got 1; write true"),
        ({"flag": 0}, "flag: expected true or false, got 0; write false"),
        ({"flag": "true"}, "flag: expected true or false, got 'true'; write true without quotes"),
        ({"name": 5}, 'name: expected text, got 5; write "5" in quotes'),
        ({"name": ""}, "name: needs at least 1 characters, got ''"),
        ({"name": "toolong"}, "name: longer than 5 characters; shorten it"),
        ({"mode": "sane"}, "mode: expected same or valid, got 'sane'; did you mean 'same'?"),
        ({"inner": {"rate": True}}, "inner.rate: expected a number, got true"),
        ({"inner": {"rate": "1e-3"}}, "inner.rate: expected a number, got '1e-3'; write 1e-3 without quotes"),
        ({"inner": {"rate": "nan"}}, "inner.rate: expected a number, got 'nan'"),
        ({"inner": {"rate": 0}}, "inner.rate: must be greater than 0, got 0"),
        ({"inner": {"rate": float("nan")}}, "inner.rate: expected a finite number, got nan"),
        ({"inner": {"size": [3]}}, "inner.size: expected one integer, or two as [height, width]"),
        ({"inner": {"size": True}}, "inner.size: expected one integer, or two as [height, width]"),
        ({"inner": {"size": [3, 0]}}, "inner.size.1: must be at least 1, got 0"),
        ({"inner": {"rat": 1}}, "inner.rat: unknown key 'rat'; did you mean 'rate'?"),
        ({"inner": {"xyz": 1}}, "inner.xyz: unknown key 'xyz'; expected rate or size"),
        ({"inner": 3}, "inner: expected a mapping of settings, got 3"),
        ({"inner": "rate:3"}, "inner: expected a mapping of settings, got 'rate:3'; write a space after the colon"),
        ({"inners": {"rate": 1}}, "inners: expected a list, got a mapping; begin each entry with `- `"),
        ({"inners": "x"}, "inners: expected a list, got 'x'; write [x]"),
        ({"inners": [{}, {"rate": -1}]}, "inners.1.rate: must be greater than 0, got -1"),
        ({"inners": [{}, {}, {}]}, "inners: takes at most 2 entries, got more"),
        ({"words": {"a.b": "x"}}, "words.\"a.b\": expected a number, got 'x'"),
        ({"seed": 2**32}, "seed: must be less than 4,294,967,296, got 4294967296"),
    ],
)
def test_nothing_is_coerced_and_every_message_says_what_to_write(values, problem):
    assert problems(values) == [problem]


def test_an_integer_is_taken_for_a_real_number():
    assert type(Inner.model_validate({"rate": 2}).rate) is float


class Needs(Section):
    one: Annotated[tuple[Inner, ...], Sequence, Field(min_length=1)]
    two: int


def test_what_is_required_is_named():
    assert problems({"one": []}, Needs) == ["one: needs 1 or more entries, got 0", "two: required, but not set; add it"]


def test_a_list_with_a_wrong_entry_is_not_also_too_short():
    assert problems({"one": [{"rate": 0}], "two": 2}, Needs) == ["one.0.rate: must be greater than 0, got 0"]


class Paths(Section):
    path: DataPath
    width: Single = 1


def test_a_path_is_relative_to_its_config_then_to_the_shared_data(tmp_path, monkeypatch):
    config, shared, here = tmp_path / "config", tmp_path / "shared", tmp_path / "here"
    for folder in (config, shared, here):
        folder.mkdir()
    for file in (config / "own.csv", shared / "own.csv", shared / "common.csv"):
        file.touch()
    monkeypatch.setenv("DLTRAIN_DATA", str(shared))
    monkeypatch.chdir(here)

    def path(text):
        return Paths(path=Text.of(text, config)).path

    assert path("own.csv") == str(config / "own.csv")
    assert path("common.csv") == "common.csv"
    assert path("none.csv") == str(config / "none.csv")
    assert path("../config/own.csv") == str(config / "own.csv")
    assert path(str(shared / "common.csv")) == str(shared / "common.csv")
    assert Paths(path="x.csv").path == str(here / "x.csv")
    assert locate("common.csv") == shared / "common.csv"
    assert locate(path("own.csv")) == config / "own.csv"


def test_a_path_below_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Paths(path="~/x.csv").path == str(tmp_path / "x.csv")


@pytest.mark.parametrize("path", ["", "a\0b", "https://example.org/a.csv"])
def test_what_is_no_file_on_this_machine_is_refused(path):
    assert problems({"path": path}, Paths) == [f"path: expected the path of a file on this machine, got {path!r}"]


def test_a_list_of_one_is_taken_for_one_integer():
    assert Paths(path="x", width=[7]).width == 7
