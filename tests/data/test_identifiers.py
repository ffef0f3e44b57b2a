"""What is said of columns that number rows, and of targets that are numbers with words among them."""

import pytest

from data.conftest import refusal, spec

ROWS = range(30)
SAID = "has another value in every row, like a number or a name of the row; leave it out with `dataset.ignore:"


def notes(write, name, values, target=None):
    rows = zip(values, target or ["yes", "no"] * 15, strict=True)
    lines = [f"{name},x,y", *(f"{value},{row % 3},{label}" for row, (value, label) in enumerate(rows))]
    return spec(path=write("\n".join(lines) + "\n"), target="y").load().notes


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("case", [f"K-{row}" for row in ROWS]),
        ("case", [row + 17 for row in reversed(ROWS)]),
        ("user_id", [row * row for row in ROWS]),
        ("PassengerId", [row * row for row in ROWS]),
        ("id", [row * row for row in ROWS]),
    ],
)
def test_a_column_that_numbers_or_names_rows_is_noted(write, name, values):
    assert notes(write, name, values) == (f"'{name}' {SAID} [\"{name}\"]`",)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("income", [row * row for row in ROWS]),
        ("humid", [row * row for row in ROWS]),
        ("id", [row + 0.5 for row in ROWS]),
        ("id", [*range(29), ""]),
        ("id", [*range(29), 28]),
        ("case", [f"K-{row % 29}" for row in ROWS]),
    ],
)
def test_other_columns_are_not(write, name, values):
    text = [f"{name},x,y", *(f"{value},{row % 3},{row % 2}" for row, value in enumerate(values))]
    assert spec(path=write("\n".join(text) + "\n"), target="y", missing="mean").load().notes == ()


def test_a_few_rows_show_nothing(write):
    assert notes(write, "id", range(19), ["a", "b"] * 9 + ["a"]) == ()


def test_a_target_of_whole_numbers_with_a_word_among_them_is_noted(write):
    target = [*range(28), "n/a", "n/a"]
    assert notes(write, "z", [row % 7 for row in ROWS], target) == (
        "the target 'y' holds numbers, but also 'n/a', as in t.csv: row 29, so its values are classes; "
        "mend or drop such rows if it is a number",
    )
    assert notes(write, "z", [row % 7 for row in ROWS], ["1", "2", "x"] * 10) == ()


def test_a_target_of_fractions_with_a_word_among_them_is_refused(write):
    lines = ["x,y", *(f"{row % 3},{row / 4}" for row in ROWS), "1,n/a"]
    assert refusal(path=write("\n".join(lines) + "\n"), target="y") == (
        "t.csv: row 31: column 'y' holds numbers, but also 'n/a'; mend or drop the row"
    )
