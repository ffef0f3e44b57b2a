"""Types of settings that name axes or their lengths."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.spec.fields import Sequence, Written


def _not_the_batch(axis: int) -> int:
    if axis == 0:
        text = "axis 0 is the batch; the axes of a row begin at 1, and -1 is the last"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return axis


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Axis = Annotated[int, Field(ge=-8, le=8), AfterValidator(_not_the_batch)]
"""An axis counted with the batch as 0; -1 is the last."""

Axes = Annotated[
    tuple[Axis, ...],
    Sequence,
    Field(min_length=1, max_length=8),
    BeforeValidator(_listed),
    Written(Axis | tuple[Axis, ...]),
]
"""One axis or several."""
