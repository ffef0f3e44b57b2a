"""Docstrings as descriptions."""

import pytest

from dltrain.errors import ConfigError
from dltrain.spec.docstrings import examples_in, settings_of, summary_of, text_of
from dltrain.spec.section import Section


class Base(Section):
    """What several have.

    Attributes:
        count: of things.
        rate: of the base.
    """

    count: int = 1
    rate: float = 1.0


class Derived(Base):
    """The rate, twice
    over::

        r <- 2 r

    Source: a book.

    Attributes:
        rate: ``r``, such as ``0.5``,
            in two lines.
        absent: no field of this class.

    After the settings.
    """


class Silent(Derived):
    extra: int = 0


def test_the_text_is_the_docstring_without_the_settings_in_markdown():
    text = "The rate, twice\nover:\n\n    r <- 2 r\n\nSource: a book.\n\nAfter the settings."
    assert text_of(Derived) == text
    assert summary_of(Derived) == "The rate, twice over:"


def test_a_setting_is_described_by_the_nearest_class_that_says_something():
    described = {"count": "of things.", "rate": "`r`, such as `0.5`, in two lines."}
    assert settings_of(Derived) == described
    assert settings_of(Silent) == described


def test_a_class_without_a_docstring_says_nothing():
    assert (text_of(Silent), summary_of(Silent)) == ("", "")


@pytest.mark.parametrize(
    ("text", "examples"),
    [
        ("a size, such as `2GB`; by default all.", ["2GB"]),
        ("such as `0.5`, `1` or `none`, but not `2`", [0.5, 1, "none"]),
        ('bounds such as `test.accuracy: ">= 0.9"`', [{"test.accuracy": ">= 0.9"}]),
        ("layers such as `[flatten, dense: {units: 3}]`", [["flatten", {"dense": {"units": 3}}]]),
        ("`max`, whether large is better", []),
    ],
)
def test_examples_are_what_stands_behind_such_as(text, examples):
    assert examples_in(text) == examples


def test_an_example_that_is_no_yaml_is_not_passed_over():
    with pytest.raises(ConfigError, match="cannot start any token"):
        examples_in("such as `%d`")
