"""What is done with each column of a table."""

from __future__ import annotations

import pyarrow as pa
import pytest

from dltrain.data.columns import Sighting
from dltrain.proposal.columns import marks_in, role_of

ROWS = 60


def sighting(values, name="column"):
    return Sighting(name, pa.chunked_array([values]), "a.csv", ".", untyped=pa.array(values).type == pa.string())


def role(values, name="column"):
    return role_of(sighting(values, name))


def test_numbers_and_labels_need_no_setting():
    numbers = role([f"{index / 7:.3f}" for index in range(ROWS)])
    assert (numbers.kind, numbers.setting, numbers.left_out) == ("numeric", None, False)
    labels = role(["a", "b", "c"] * 20)
    assert (labels.kind, labels.setting, labels.distinct) == ("categorical", None, 3)


def test_many_labels_get_a_vector_each():
    found = role([f"city{index % 51}" for index in range(510)])
    assert (found.setting, found.comment) == ({"categorical": "embedding"}, "51 labels: a vector for each")


def test_numbers_over_orders_of_magnitude_are_prepared_by_their_logarithm():
    assert role([f"{2 ** (index % 12)}.5" for index in range(240)]).setting == {"numeric": "log"}
    # No logarithm of negative numbers, and none where most are 0.
    assert role([f"{2 ** (index % 12) - 9}.5" for index in range(240)]).setting is None
    assert role(["0"] * 200 + [f"{2 ** (index % 12)}.5" for index in range(100)]).setting is None
    assert role([f"{index % 9 + 1}.5" for index in range(240)]).setting is None


@pytest.mark.parametrize(
    ("values", "name", "comment"),
    [
        ([str(index) for index in range(ROWS)], "id", "another value in every row: it numbers or names them"),
        ([None] * ROWS, "empty", "holds no value"),
        (["x"] * ROWS, "same", "has the same value in every row"),
        ([[1, 2]] * ROWS, "lists", "holds lists, which no feature can be made of"),
        (
            [f"k{index % 1100}" for index in range(2000)],
            "code",
            "another text in nearly every row, as names and codes have",
        ),
        (
            [f"{index}.jpg" for index in range(1100)],
            "photo",
            "names of images: they can be the only feature, as `features: {<column>: image}`",
        ),
        (
            [str(index % 20) for index in range(ROWS)],
            "patient_id",
            "tells who it is, which helps with nobody else; but see `splits`",
        ),
    ],
)
def test_columns_that_teach_nothing_are_left_out_with_the_reason(values, name, comment):
    found = role(values, name)
    assert (found.left_out, found.comment) == (True, comment)


def test_rows_of_one_person_are_a_group():
    assert role([str(index % 20) for index in range(ROWS)], "patient").group
    assert not role([str(index % 20) for index in range(ROWS)], "age").group
    assert not role(["m", "f"] * 30, "subject").group


def test_numbers_with_words_among_them_are_labels():
    found = role(["1", "2", "3", "4", "5", "six", "2.5", "3.5", "4.5"] * 10)
    assert (found.kind, found.setting) == ("categorical", "categorical")


def test_dates_in_another_form_get_it():
    found = role([f"{index % 28 + 1:02}/12/2024" for index in range(ROWS)])
    assert (found.kind, found.setting, found.form) == ("datetime", {"datetime": {"format": "%d/%m/%Y"}}, "%d/%m/%Y")


def test_usual_marks_among_numbers_stand_for_missing_values_and_among_labels_only_sure_ones():
    columns = [
        sighting(["1", "NA", "2.5"] * 9, "size"),
        sighting(["DE", "NA", "FR"] * 9, "country"),
        sighting(["red", "?", "blue"] * 9, "colour"),
    ]
    assert marks_in(columns) == {"NA": ["size"], "?": ["colour"]}
    assert marks_in(columns[1:2]) == {}
