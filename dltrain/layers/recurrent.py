"""Recurrent layers, which read a sequence step by step."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from typing_extensions import override

from dltrain.initializers.base import InitializerSpec
from dltrain.initializers.constant import Zeros
from dltrain.initializers.matrix import Orthogonal
from dltrain.initializers.scaling import GlorotUniform
from dltrain.layers.activations import Activation
from dltrain.layers.base import LayerSpec, LengthError, ShapeError
from dltrain.layers.shapes import STEPS, require_axes, require_length, shown
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Shape, Weight
from dltrain.spec.fields import Decay, Size

_MOST_UNROLLED = 1000


class Recurrent(LayerSpec):
    """What recurrent layers have in common.

    ``(batch, steps, features)`` to ``(batch, units)``, or with `return_sequences` to
    ``(batch, steps, units)``.

    Attributes:
        units: the length of the output, and of the state that goes from step to step.
        recurrent_activation: the function that gates go through.
        dropout: the share of the inputs that is dropped while training.
        recurrent_dropout: the share of the state that is dropped while training; slow on a GPU.
        return_sequences: give the outputs of all steps, not only of the last.
        go_backwards: read from the last step to the first.
        unroll: one copy of the step for each step, which is faster for short sequences and needs memory.
    """

    noun = "recurrent layer"
    random = True
    supports_masking = True
    needs_mask = True
    weight_ranks = (("kernel", 2), ("recurrent", 2), ("bias", 1))
    gates: ClassVar[int]
    """How many vectors of `units` a step computes."""
    states: ClassVar[int] = 1
    """How many it passes on."""

    units: Size
    activation: Activation | None = "tanh"
    use_bias: bool = True
    kernel_initializer: InitializerSpec = GlorotUniform.default()
    recurrent_initializer: InitializerSpec = Orthogonal.default()
    bias_initializer: InitializerSpec = Zeros.default()
    kernel_regularizer: RegularizerSpec | None = None
    recurrent_regularizer: RegularizerSpec | None = None
    bias_regularizer: RegularizerSpec | None = None
    activity_regularizer: RegularizerSpec | None = None
    dropout: Decay = 0.0
    recurrent_dropout: Decay = 0.0
    return_sequences: bool = False
    go_backwards: bool = False
    unroll: bool = False

    @property
    @override
    def keeps_mask(self) -> bool:
        """But for `go_backwards`, whose outputs Keras reverses, and the mask it does not."""
        return not self.go_backwards

    @property
    def bias_axes(self) -> tuple[int, ...]:
        """The axes of the biases before that of the units."""
        return ()

    def output_shape(self, shape: Shape) -> Shape:
        """``(units,)``, or ``(steps, units)`` with `return_sequences`."""
        require_axes(self, shape, STEPS)
        require_length(self, shape, -1, "features")
        if self.unroll and shape[0] is None:
            text = f"{self.kind} with unroll needs a fixed number of steps, got {shown(shape)}"
            raise LengthError(f"{text}; leave out `unroll`, or pad the inputs to one length")
        if self.unroll and (shape[0] or 0) > _MOST_UNROLLED:
            text = f"{self.kind} with unroll makes a copy of itself for each of {shape[0]:,} steps"
            raise ShapeError(f"{text}, and at most {_MOST_UNROLLED:,} can be built; leave out `unroll`")
        return (shape[0], self.units) if self.return_sequences else (self.units,)

    def weights(self, shape: Shape) -> Iterator[Weight]:
        """Of all gates beside one another: a kernel of (features, units), a recurrent one of (units, units), biases."""
        features, width = require_length(self, shape, -1, "features"), self.gates * self.units
        cell = f"{self.kind}_cell"
        yield Weight(f"{cell}/kernel", (features, width))
        yield Weight(f"{cell}/recurrent_kernel", (self.units, width))
        if self.use_bias:
            yield Weight(f"{cell}/bias", (*self.bias_axes, width))

    def kept(self, shape: Shape, output: Shape) -> int | None:
        """Of every step its states, and its gates where there are several; whatever is given to the next layer."""
        of_step = self.units * (self.states + (self.gates if self.gates > 1 else 0))
        return None if shape[0] is None else shape[0] * of_step


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997).

    A GPU's fast implementation is used with the defaults of `activation`, `recurrent_activation`,
    `use_bias`, `recurrent_dropout` and `unroll`.

    Attributes:
        unit_forget_bias: begin with 1 as the bias of the forget gate, so that states are kept.
    """

    type: Literal["lstm"] = "lstm"
    gates = 4
    states = 2
    recurrent_activation: Activation | None = "sigmoid"
    unit_forget_bias: bool = True


class GRU(Recurrent):
    """Gated recurrent units (Cho et al., 2014).

    A GPU's fast implementation is used with the defaults of `activation`, `recurrent_activation`,
    `use_bias`, `recurrent_dropout`, `unroll` and `reset_after`.

    Attributes:
        reset_after: reset the state after the product with the recurrent kernel, not before.
    """

    type: Literal["gru"] = "gru"
    gates = 3
    recurrent_activation: Activation | None = "sigmoid"
    reset_after: bool = True

    @property
    @override
    def bias_axes(self) -> tuple[int, ...]:
        """With `reset_after` there are biases of the inputs, and of the state."""
        return (2,) if self.reset_after else ()


class SimpleRNN(Recurrent):
    """Each output is ``activation(inputs @ kernel + last_output @ recurrent_kernel + bias)``."""

    type: Literal["simple_rnn"] = "simple_rnn"
    gates = 1
