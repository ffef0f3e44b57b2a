"""JSON Schemas of the types of settings."""

from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft7Validator
from pydantic import Field

from dltrain.spec.fields import Count, Decay, Pair, Sequence, Written
from dltrain.spec.json_types import ENVIRONMENT, any_of, not_together, schema_of
from dltrain.spec.section import Section


class Inner(Section):
    pass


def refer(section, *, listed=False):
    return {"$ref": f"{section.__name__}{' in a list' * listed}"}


def schema(annotation, *metadata):
    return schema_of(annotation, metadata, refer)


def test_a_number_has_its_bounds_and_may_be_an_environment_variable():
    assert schema(Count) == {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 100_000_000}, ENVIRONMENT]}
    assert schema(Decay) == {"anyOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1}, ENVIRONMENT]}
    assert schema(bool) == {"anyOf": [{"type": "boolean"}, ENVIRONMENT]}


def test_text_may_be_an_environment_variable_in_any_case():
    assert schema(str, Field(max_length=5)) == {"type": "string", "maxLength": 5}
    pattern = {"type": "string", "pattern": "^a$"}
    assert schema(Annotated[str, Field(pattern="^a$")]) == {"anyOf": [pattern, ENVIRONMENT]}


def test_alternatives_stand_side_by_side():
    assert schema(Literal["a", "b"] | None) == {"anyOf": [{"enum": ["a", "b"]}, ENVIRONMENT, {"type": "null"}]}
    assert schema(Inner | str) == {"anyOf": [{"$ref": "Inner"}, {"type": "string"}]}


def test_lists_and_mappings_hold_what_they_say():
    entries = {"type": "array", "items": {"$ref": "Inner in a list"}, "minItems": 1}
    assert schema(tuple[Inner, ...], Sequence, Field(min_length=1)) == entries
    two = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    assert schema(tuple[str, str]) == two
    assert schema(tuple[str, Inner])["items"] == [{"type": "string"}, {"$ref": "Inner in a list"}]
    assert schema(dict[str, Inner]) == {"type": "object", "additionalProperties": {"$ref": "Inner"}}
    named = schema(dict[Annotated[str, Field(pattern="^a")], str])["propertyNames"]
    assert named["anyOf"][0] == {"type": "string", "pattern": "^a"}


def test_other_written_forms_take_the_place_of_the_type_and_keep_its_bounds():
    size = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
    listed = {"type": "array", "items": {"anyOf": [size, ENVIRONMENT]}, "minItems": 2, "maxItems": 2}
    assert schema(Pair) == {"anyOf": [size, ENVIRONMENT, listed]}
    names = schema(tuple[str, ...], Written(str | tuple[str, ...]), Field(max_length=3))
    assert names == {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 3}]}


def test_a_type_of_which_nothing_is_known_is_refused():
    with pytest.raises(TypeError, match=r"^no schema for typing\.Any; mark the field with `Written`$"):
        schema(Any)
    assert schema(Any, Written(str)) == {"type": "string"}


def test_each_alternative_is_there_once():
    assert any_of([{"type": "null"}, {"anyOf": [{"type": "null"}, ENVIRONMENT]}]) == {
        "anyOf": [{"type": "null"}, ENVIRONMENT]
    }
    assert any_of([ENVIRONMENT, ENVIRONMENT]) == ENVIRONMENT


@pytest.mark.parametrize(
    ("value", "fits"),
    [({}, True), ({"a": 1}, True), ({"a": 1, "b": 1}, False), ({"a": None, "b": 1}, True), ({"c": 1, "b": 1}, False)],
)
def test_two_settings_with_a_value_do_not_stand_together(value, fits):
    assert Draft7Validator(not_together("a", "b", "c")).is_valid(value) == fits
