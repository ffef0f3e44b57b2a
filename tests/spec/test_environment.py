"""References to environment variables."""

from pathlib import Path

import pytest

from dltrain.spec.document import Document
from dltrain.spec.environment import escaped, expand
from dltrain.spec.problems import Position, Problem

VARIABLES = {
    "EPOCHS": "12",
    "NAME": "mnist",
    "EMPTY": "",
    "NO": "no",
    "OCTAL": "010",
    "LIST": "[1, 2]",
    "LONG": "x" * 4097,
    "LINES": "a\nb",
    "BYTES": "caf\udce9",
    "INNER": "${env:NAME}",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${env:EPOCHS}", 12),
        ("${env:NAME}", "mnist"),
        ("${env:EPOCHS}0", "120"),
        ("a/${env:NAME}/${env:EPOCHS}.csv", "a/mnist/12.csv"),
        ("${env:GONE:-1e-3}", 0.001),
        ("${env:GONE:-true}", True),
        ("${env:GONE:-null}", None),
        ("${env:GONE:-}", None),
        ("${env:GONE:-~/data}", "~/data"),
        ("${env:EPOCHS:-7}", 12),
        ("${env:EMPTY:-7}", 7),
        ("${env:EMPTY}", None),
        ("x${env:EMPTY}y", "xy"),
        ("${env:LIST}", "[1, 2]"),
        ("${env:INNER}", "${env:NAME}"),
        ("$${env:NAME}", "${env:NAME}"),
        ("$$${env:NAME}", "$${env:NAME}"),
        ("$${", "${"),
    ],
)
def test_a_reference_has_the_value_that_its_text_would_have_in_the_config(text, value):
    assert expand(text, VARIABLES, plain=True)[0] == value


def test_in_quotes_a_reference_is_text():
    assert expand("${env:EPOCHS}", VARIABLES, plain=False)[0] == "12"
    assert expand("${env:NO}", VARIABLES, plain=False)[0] == "no"
    assert expand("${env:EMPTY}", VARIABLES, plain=False)[0] == ""


WRONG = "is no reference to an environment variable; write ${env:NAME} or ${env:NAME:-default}, or $${ for the text ${"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("${env:GONE}", "the environment variable GONE is not set; set it, or write a default: ${env:GONE:-default}"),
        ("${NAME}", f"'${{NAME}}' {WRONG}"),
        ("${env:}", f"'${{env:}}' {WRONG}"),
        ("${env:1A}", f"'${{env:1A}}' {WRONG}"),
        ("${env:NAME-x}", f"'${{env:NAME-x}}' {WRONG}"),
        ("a ${env:NAME", f"'${{env:NAME' {WRONG}"),
        (
            "${env:NO}",
            "the value of NO: 'no' is a boolean in YAML 1.1 and text in YAML 1.2; write false, or quote it for text",
        ),
        (
            "${env:A:-010}",
            "the default of A: '010' has a leading zero, which YAML 1.1 reads as octal; write 10, or quote it",
        ),
        ("${env:LONG}", "the environment variable LONG has more than 4,096 characters; shorten it"),
        (
            "${env:LINES}",
            "the environment variable LINES holds the invisible or control character U+000A; set it without",
        ),
        ("${env:BYTES}", "the environment variable BYTES is not UTF-8; set it anew"),
    ],
)
def test_what_has_no_value_says_why_and_stays_as_it_is(text, error):
    value, reference = expand(text, VARIABLES, plain=True)
    assert (value, reference.error) == (text, error)


def test_a_reference_knows_its_variables_and_whose_default_holds():
    _, reference = expand("${env:NAME}-${env:GONE:-1}-${env:NAME}", VARIABLES, plain=True)
    assert (reference.names, reference.unset, reference.error) == (("NAME", "GONE"), {"GONE"}, None)


def test_escaped_text_reads_back():
    for text in ("${env:NAME}", "$${", "a$b{c", "${${"):
        assert expand(escaped(text), {}, plain=True)[0] == text


TEXT = "a: ${env:NAME}\nb: [x, 'is ${env:EPOCHS}']\nc: {d: '${env:GONE}'}\n"


def parse(environment):
    return Document.parse(TEXT.encode(), source="c.yaml", folder=Path("/configs"), environment=environment)


def test_a_document_takes_its_values_from_the_variables():
    document = parse({**VARIABLES, "GONE": "x"})
    assert document.values == {"a": "mnist", "b": ["x", "is 12"], "c": {"d": "x"}}
    assert (document.variables, document.unresolved()) == (["EPOCHS", "GONE", "NAME"], [])
    assert document.values["a"].folder == Path("/configs")


def test_a_document_keeps_its_text_where_a_value_cannot_be_had():
    document = parse(VARIABLES)
    text = "the environment variable GONE is not set; set it, or write a default: ${env:GONE:-default}"
    assert document.values["c"] == {"d": "${env:GONE}"}
    assert document.unresolved() == [Problem(text, ("c", "d"), Position("c.yaml", 3, 8))]


def test_keys_and_comments_refer_to_nothing():
    data = b"${env:NAME}: 1 # ${env:GONE}\n"
    assert Document.parse(data, source="c.yaml", folder=Path(), environment={}).values == {"${env:NAME}": 1}
