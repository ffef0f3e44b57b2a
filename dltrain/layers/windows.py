"""Settings and arithmetic of windows that slide over steps or pixels."""

from typing import Literal, NamedTuple, Self

from pydantic import model_validator

from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.layers.shapes import briefly, crossed
from dltrain.signature import Shape
from dltrain.spec.fields import Pair, Single, Size

Padding = Literal["valid", "same"]
"""``valid``: only windows that lie in the input. ``same``: zeros around it, so that with a stride of 1
the output is as long as the input."""

CausalPadding = Literal["valid", "same", "causal"]
"""As `Padding`; with ``causal``, zeros only before the first step, so that no output looks ahead."""


class Window(NamedTuple):
    """A window with one entry for each axis that it slides over.

    Attributes:
        setting: what the config calls its size, ``kernel_size`` or ``pool_size``.
        padding: as Keras names it.
        dilation: the distance between two neighbours in the window.
    """

    setting: str
    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: str
    dilation: tuple[int, ...]

    def positions(self, lengths: Shape) -> Shape:
        """The number of places that the window takes along each axis.

        Raises:
            ShapeError: it is larger than the input.
        """
        spans = tuple((size - 1) * dilation + 1 for size, dilation in zip(self.size, self.dilation, strict=True))
        if self.padding != "valid":
            spans = (1,) * len(lengths)
        elif any(length is not None and span > length for span, length in zip(spans, lengths, strict=True)):
            raise self._too_large(lengths, spans)
        fitted = zip(lengths, spans, self.strides, strict=True)
        return tuple(None if length is None else (length - span) // stride + 1 for length, span, stride in fitted)

    def _too_large(self, lengths: Shape, spans: tuple[int, ...]) -> ShapeError:
        known = tuple(1 if length is None else length for length in lengths)
        largest = tuple(
            size if length is None else (length - 1) // dilation + 1
            for length, size, dilation in zip(lengths, self.size, self.dilation, strict=True)
        )
        spread = (
            "" if spans == self.size else f" with dilation_rate {briefly(self.dilation)} spans {briefly(spans)} and"
        )
        shape = crossed(known) if None not in lengths else " x ".join(str(length or "any") for length in lengths)
        text = f"{self.setting} {briefly(self.size)}{spread} does not fit an input of {shape}"
        return ShapeError(f"{text}; use at most {briefly(largest)}, or padding: same")


class Filters(LayerSpec):
    """Puts `filters` before the settings of the kernel, so that a single number means it.

    Attributes:
        filters: the number of output channels.
    """

    filters: Size


class Kernel(LayerSpec):
    """What convolutions over one axis and over two have in common."""

    @property
    def window(self) -> Window:
        """The kernel as it slides over the input."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _strides_or_dilation(self) -> Self:
        window = self.window
        if max(window.strides) > 1 and max(window.dilation) > 1:
            text = f"strides {briefly(window.strides)} and dilation_rate {briefly(window.dilation)} exclude each other"
            raise self.refused("strides", f"{text}; keep one of the two above 1")
        return self


class Kernel1D(Kernel):
    """A kernel over steps.

    Attributes:
        kernel_size: steps that a kernel sees.
        strides: steps between two positions of a kernel.
        dilation_rate: steps between two neighbours in a kernel; above 1 only with `strides` of 1.
    """

    kernel_size: Single
    strides: Single = 1
    padding: CausalPadding = "valid"
    dilation_rate: Single = 1

    @property
    def window(self) -> Window:
        """The kernel as it slides over the steps."""
        return Window("kernel_size", (self.kernel_size,), (self.strides,), self.padding, (self.dilation_rate,))


class Kernel2D(Kernel):
    """A kernel over pixels.

    Attributes:
        kernel_size: height and width of a kernel; one integer stands for both.
        strides: pixels between two positions of a kernel, down and across.
        dilation_rate: pixels between two neighbours in a kernel; above 1 only with `strides` of 1.
    """

    kernel_size: Pair
    strides: Pair = (1, 1)
    padding: Padding = "valid"
    dilation_rate: Pair = (1, 1)

    @property
    def window(self) -> Window:
        """The kernel as it slides over the image."""
        return Window("kernel_size", self.kernel_size, self.strides, self.padding, self.dilation_rate)


class EqualStrides(Kernel2D):
    """A kernel that goes as far down as across: TensorFlow convolves single channels in no other way."""

    @model_validator(mode="after")
    def _equal_strides(self) -> Self:
        if len(set(self.strides)) > 1:
            text = f"strides {crossed(self.strides)} differ, and {self.kind} needs equal ones; write one integer"
            raise self.refused("strides", text)
        return self
