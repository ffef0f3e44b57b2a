"""Rows in another shape, their values unchanged."""

from math import prod
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.layers.shapes import require_axes, shown, size
from dltrain.signature import Shape
from dltrain.spec.fields import Sequence, Size, Written


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_unknown(lengths: tuple[int, ...]) -> tuple[int, ...]:
    if 0 in lengths:
        text = f"{list(lengths)} has an axis of length 0; write at least 1, or -1 for what is left"
    elif lengths.count(-1) > 1:
        text = f"{list(lengths)} has more than one -1; write all lengths but one"
    else:
        return lengths
    raise PydanticCustomError("setting", "{text}", {"text": text})


def _permutation(dims: tuple[int, ...]) -> tuple[int, ...]:
    if sorted(dims) == list(range(1, len(dims) + 1)):
        return dims
    text = f"{list(dims)} does not name each of the axes 1 to {len(dims)} once; write them in their new order"
    raise PydanticCustomError("setting", "{text}", {"text": text})


_Length = Annotated[int, Field(ge=-1, le=1_000_000)]
Lengths = Annotated[
    tuple[_Length, ...],
    Sequence,
    Field(min_length=1, max_length=8),
    Written(_Length | tuple[_Length, ...]),
    BeforeValidator(_listed),
    AfterValidator(_one_unknown),
]
"""Lengths of axes, of which one may be -1: what the others leave."""

_Axis = Annotated[int, Field(ge=1, le=8)]
Order = Annotated[
    tuple[_Axis, ...],
    Sequence,
    Field(min_length=1, max_length=8),
    Written(_Axis | tuple[_Axis, ...]),
    BeforeValidator(_listed),
    AfterValidator(_permutation),
]
"""The axes of a row, which begin at 1, in a new order."""


class Flatten(LayerSpec):
    """All values of a row in one vector: ``(batch, ...)`` to ``(batch, features)``."""

    type: Literal["flatten"] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """``(features,)``."""
        return (size(shape),)

    def kept(self, shape: Shape, output: Shape) -> int:
        """Nothing of its own: the values stay where they are."""
        return 0


class Reshape(LayerSpec):
    """The values of a row in another shape, the last axis running fastest.

    Attributes:
        target_shape: lengths of the axes without the batch; one may be -1, which is computed.
    """

    type: Literal["reshape"] = "reshape"
    target_shape: Lengths

    def output_shape(self, shape: Shape) -> Shape:
        """`target_shape`, with -1 replaced by what is left."""
        target, values = self.target_shape, size(shape)
        known = prod(length for length in target if length != -1)
        if values is None:
            return tuple(None if length == -1 else length for length in target)
        if values != known and (-1 not in target or values % known):
            text = f"{values} values of shape {shown(shape)} do not fill {shown(target)}"
            raise ShapeError(f"{text}; the products of the lengths must be equal, and one length may be -1")
        return tuple(values // known if length == -1 else length for length in target)

    def kept(self, shape: Shape, output: Shape) -> int:
        """Nothing of its own: the values stay where they are."""
        return 0


class Permute(LayerSpec):
    """The axes of a row in another order: ``permute: [2, 1]`` exchanges steps and features.

    Attributes:
        dims: the axes, which begin at 1, in their new order.
    """

    type: Literal["permute"] = "permute"
    dims: Order

    def output_shape(self, shape: Shape) -> Shape:
        """The lengths in the new order."""
        if len(shape) != len(self.dims):
            text = f"dims names {len(self.dims)} axes, and inputs of shape {shown(shape)} have {len(shape)}"
            raise ShapeError(f"{text}; write each of them once")
        return tuple(shape[dim - 1] for dim in self.dims)


class RepeatVector(LayerSpec):
    """A vector, `n` times: ``(batch, features)`` to ``(batch, n, features)``.

    Attributes:
        n: how often.
    """

    type: Literal["repeat_vector"] = "repeat_vector"
    n: Size

    def output_shape(self, shape: Shape) -> Shape:
        """``(features,)`` to ``(n, features)``."""
        require_axes(self, shape, ("features",))
        return (self.n, *shape)
