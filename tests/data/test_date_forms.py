"""Columns of dates in another form than ISO 8601."""

import pyarrow as pa
import pytest

from dltrain.data.columns import Sighting
from dltrain.data.date_forms import without_other_dates
from dltrain.errors import DataError


def sighting(*values):
    return Sighting("when", pa.chunked_array([pa.array(values, pa.string())]), "t.csv", ".", untyped=True)


@pytest.mark.parametrize(
    ("values", "example", "form"),
    [
        (("1/12/2024", None, "13/02/2023"), "13/02/2023", "%d/%m/%Y"),
        (("12/31/2024", "1/1/2024"), "12/31/2024", "%m/%d/%Y"),
        (("24.12.2024 17:30",), "24.12.2024 17:30", "%d.%m.%Y %H:%M"),
        (("2024/12/24T17:30:05",), "2024/12/24T17:30:05", "%Y/%m/%d %H:%M:%S"),
    ],
)
def test_dates_whose_form_is_not_known_are_refused_rather_than_taken_for_labels(values, example, form):
    with pytest.raises(DataError) as raised:
        without_other_dates(sighting(*values))
    assert str(raised.value) == (
        f"t.csv: column 'when' holds dates such as '{example}', and which number is what is not told by itself; "
        f'write their form, such as `dataset.features: {{when: {{datetime: {{format: "{form}"}}}}}}`, '
        "or `{when: categorical}` for labels"
    )


@pytest.mark.parametrize("values", [("2024-12-31",), ("1.2.10",), ("31/12/2024", "x"), (None,), ("07-12",), ("5",)])
def test_other_columns_are_left_alone(values):
    column = sighting(*values)
    assert without_other_dates(column) is column
