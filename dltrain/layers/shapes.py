"""Arithmetic of shapes, and the words for what is wrong with one."""

from math import prod

from dltrain.layers.base import LayerSpec, LengthError, ShapeError
from dltrain.signature import Shape

STEPS = ("steps", "features")
IMAGE = ("height", "width", "channels")


def shown(shape: Shape) -> str:
    """``(28, 28, 1)`` as it is; an unknown length as ``any``."""
    inner = ", ".join("any" if length is None else str(length) for length in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def crossed(lengths: tuple[int, ...]) -> str:
    """``4 x 5``."""
    return " x ".join(map(str, lengths))


def briefly(lengths: tuple[int, ...]) -> str:
    """As `crossed`, but equal lengths once: 3 for (3, 3)."""
    return str(lengths[0]) if len(set(lengths)) == 1 else crossed(lengths)


def require_axes(layer: LayerSpec, shape: Shape, axes: tuple[str, ...]) -> None:
    """Refuses input rows that do not have exactly these axes.

    Raises:
        ShapeError: with the `reshape`, or the other layer, that would help.
    """
    if len(shape) != len(axes):
        wanted = f"({', '.join(axes)})"
        raise ShapeError(f"{layer.kind} needs inputs of shape {wanted}, got {shown(shape)}; {_remedy(shape, axes)}")


def require_length(layer: LayerSpec, shape: Shape, axis: int, what: str) -> int:
    """The length of an axis of the input rows, on which the shape of weights depends.

    Raises:
        LengthError: it varies.
    """
    length = shape[axis]
    if length is None:
        text = f"{layer.kind} needs inputs with a fixed number of {what}, got {shown(shape)}"
        raise LengthError(f"{text}; pad or cut the inputs to one length")
    return length


def axis_index(layer: LayerSpec, shape: Shape, axis: int) -> int:
    """The index into `shape` of an axis counted as Keras does, with the batch as axis 0.

    Raises:
        ShapeError: there is no such axis, or it is the batch.
    """
    index = axis - 1 if axis > 0 else axis + len(shape)
    if 0 <= index < len(shape) and axis != 0:
        return index
    allowed = f"use 1 to {len(shape)}, or -1 for the last" if shape else "put `reshape: [1]` before it"
    raise ShapeError(f"{layer.kind}: inputs of shape {shown(shape)} have no axis {axis}, 0 being the batch; {allowed}")


def size(shape: Shape) -> int | None:
    """The number of values in a row; None where it varies."""
    known = [length for length in shape if length is not None]
    return prod(known) if len(known) == len(shape) else None


def times(length: int | None, factor: int) -> int | None:
    """The product; None where the length varies."""
    return None if length is None else length * factor


def plus(length: int | None, more: int) -> int | None:
    """The sum; None where the length varies."""
    return None if length is None else length + more


def _remedy(shape: Shape, axes: tuple[str, ...]) -> str:
    if axes == STEPS and len(shape) == 1:
        steps = f", or `reshape: [{shape[0]}, 1]` for numbers" if shape[0] else ""
        return f"put `embedding` before it for ids{steps}"
    lengths = [str(length) for length in shape]
    if None in shape or not shape:
        return "put `reshape` before it"
    if len(shape) == len(axes) - 1:
        return f"put `reshape: [{', '.join([*lengths, '1'])}]` before it"
    if len(shape) > len(axes):
        return f"put `reshape: [{', '.join([*lengths[: len(axes) - 1], '-1'])}]` before it"
    return f"put `reshape` before it, or leave out what takes the {axes[0]} away"
