"""How much of the rows a split gets."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.spec.fields import Count, Written
from dltrain.spec.section import describe

Share = float | int | str
"""A fraction of the rows, a number of rows, ``provided`` or ``none``."""


def _share(value: Any) -> Share:
    if isinstance(value, str) and value in ("provided", "none"):
        return str(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and ((isinstance(value, float) and 0 < value < 1) or (isinstance(value, int) and value >= 1)):
        return value
    hint = "; write none for no such split" if value in (0, None, False) else ""
    text = f"expected a fraction between 0 and 1, a number of rows, provided or none; got {describe(value)}{hint}"
    raise PydanticCustomError("setting", "{text}", {"text": text})


ShareField = Annotated[
    Any,
    BeforeValidator(_share),
    Written(Annotated[float, Field(gt=0, lt=1)] | Count | Literal["provided", "none"]),
]

ColumnName = Annotated[str, Field(min_length=1, max_length=1000)]
