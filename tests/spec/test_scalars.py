"""What an unquoted word means."""

import pytest

from dltrain.spec.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, None) for text in ("", "~", "null", "Null", "NULL")),
        *((text, True) for text in ("true", "True", "TRUE")),
        *((text, False) for text in ("false", "False", "FALSE")),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("9" * 40, 10**40 - 1),
        ("1e-3", 0.001),
        ("1E+5", 100000.0),
        ("5.", 5.0),
        (".5", 0.5),
        ("-.5e1", -5.0),
        ("0.1", 0.1),
        ("01.5", 1.5),
        ("1e-999", 0.0),
    ],
)
def test_yaml_1_2_has_constants_integers_and_floats(text, value):
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        *("y", "N", "tRue", "nULL", "nan", "inf", "0b1", "1_000", "0x", "0o8", "1e", "e5", ".", "-", "=", "1.2.3"),
        *("2020-01-01", "\uff11\uff12", "1,5", "10%", "relu", "val_loss"),
    ],
)
def test_everything_else_is_text(text):
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("no", "'no' is a boolean in YAML 1.1 and text in YAML 1.2; write false, or quote it for text"),
        ("Off", "'Off' is a boolean in YAML 1.1 and text in YAML 1.2; write false, or quote it for text"),
        ("YES", "'YES' is a boolean in YAML 1.1 and text in YAML 1.2; write true, or quote it for text"),
        ("on", "'on' is a boolean in YAML 1.1 and text in YAML 1.2; write true, or quote it for text"),
        ("010", "'010' has a leading zero, which YAML 1.1 reads as octal; write 10, or quote it"),
        ("-007", "'-007' has a leading zero, which YAML 1.1 reads as octal; write -7, or quote it"),
        ("00", "'00' has a leading zero, which YAML 1.1 reads as octal; write 0, or quote it"),
        ("12:30", "'12:30' is a base-60 number in YAML 1.1; quote it if it is text"),
        ("1:02:03.5", "'1:02:03.5' is a base-60 number in YAML 1.1; quote it if it is text"),
        (".nan", ".nan is not a number that a setting can use; write a finite number"),
        ("-.Inf", "-.Inf is not a number that a setting can use; write a finite number"),
        ("1e999", "1e999 is too large for a float; write a smaller number"),
        ("9" * 41, "integer has more than 40 digits; write a smaller one"),
        ("0x" + "f" * 39, "integer has more than 40 digits; write a smaller one"),
    ],
)
def test_what_two_readers_of_yaml_would_take_differently_is_refused(text, error):
    with pytest.raises(ValueError, match=r".") as raised:
        resolve(text)
    assert str(raised.value) == error
