"""Types and values in words."""

import pytest

from dltrain.spec.fields import PATH
from dltrain.spec.json_types import ENVIRONMENT
from dltrain.spec.words import inline, words

INTEGER = {"type": "integer", "minimum": 1}
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (INTEGER, "integer, at least 1"),
        ({"type": "integer", "minimum": 1, "maximum": 1_000_000}, "integer, at least 1"),
        ({"type": "integer", "minimum": -8, "maximum": 8}, "integer from -8 to 8"),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "number from 0 to below 1"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1e9}, "number above 0"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 10}, "number above 0, to 10"),
        ({"type": "number", "minimum": -1e9, "maximum": 1e9}, "number"),
        ({"type": "boolean"}, "`true` or `false`"),
        ({"type": "string", "pattern": PATH}, "path"),
        ({"type": "null"}, "nothing"),
        ({"enum": ["a", "b", "c"]}, "`a`, `b` or `c`"),
        ({"enum": list("abcdefghi")}, 'see ["a", "b", "c", "d", "e", "f", "g", "h", "i"]'),
        ({"$ref": "#/x"}, "see #/x"),
        ({"anyOf": [INTEGER, ENVIRONMENT, {"type": "null"}]}, "integer, at least 1"),
        ({"anyOf": [TEXT, {"type": "integer"}, {"type": "number"}]}, "text or number"),
        ({"anyOf": [TEXT, {"type": "array", "items": TEXT}]}, "text, or a list of such"),
        ({"type": "array", "items": TEXT}, "list of text"),
        ({"type": "array", "items": INTEGER}, "list (each integer, at least 1)"),
        ({"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}, "list of 2 (each text)"),
        ({"type": "object", "additionalProperties": TEXT}, "mapping of names to text"),
    ],
)
def test_a_type_is_said_in_words(schema, text):
    assert words(schema, lambda key: f"see {key}") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (1e-3, "0.001"),
        (1e-7, "1e-07"),
        (32, "32"),
        ("relu", "relu"),
        (">= 1", '">= 1"'),
        ("", ""),
        ({"l2": 0.1, "names": ["a", False]}, "{l2: 0.1, names: [a, false]}"),
    ],
)
def test_a_value_is_shown_as_a_config_has_it(value, text):
    assert inline(value) == text
