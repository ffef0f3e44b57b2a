"""The family of layers."""

import zlib
from collections.abc import Iterable, Iterator
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from dltrain.initializers.base import InitializerSpec
from dltrain.regularizers.base import RegularizerSpec
from dltrain.signature import Feature, Shape, Weight
from dltrain.spec.family import Family, type_name

if TYPE_CHECKING:
    import keras

LayerName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=64)]


class ShapeError(ValueError):
    """A layer cannot take an input of the given shape; the message says why and what to change."""


class LengthError(ShapeError):
    """A layer needs an axis of a fixed length, and that of the input varies, or is not known yet."""


class LayerSpec(Family):
    """A layer of the model.

    Fields carry the names and defaults of the Keras layer's arguments, and a subclass is called as
    the Keras class that it describes. What a setting of several layers means is said here.

    Attributes:
        name: unique in the model; by default the type with a number.
        trainable: false keeps the weights as they are, for fine-tuning.
        activation: the function that outputs go through.
        use_bias: whether each output has a number of its own that is added.
        padding: ``valid`` puts a window only where it fits; ``same`` adds zeros around the input, so that only
            strides make the output smaller; ``causal`` adds them before the first step alone, so that no
            output depends on a later step.
        kernel_initializer: the first values of the weights that inputs are multiplied by.
        recurrent_initializer: the first values of the weights that the state is multiplied by.
        depthwise_initializer: the first values of the filters of single channels.
        pointwise_initializer: the first values of the weights that mix channels.
        embeddings_initializer: the first values of the vectors.
        bias_initializer: the first values of the bias.
        beta_initializer: the first values of what is added to normalized values.
        gamma_initializer: the first values of what normalized values are multiplied by.
        moving_mean_initializer: the first value of the moving average of the means.
        moving_variance_initializer: the first value of the moving average of the variances.
        kernel_regularizer: a penalty on the weights that inputs are multiplied by.
        recurrent_regularizer: a penalty on the weights that the state is multiplied by.
        depthwise_regularizer: a penalty on the filters of single channels.
        pointwise_regularizer: a penalty on the weights that mix channels.
        embeddings_regularizer: a penalty on the vectors.
        bias_regularizer: a penalty on the bias.
        beta_regularizer: a penalty on what is added to normalized values.
        gamma_regularizer: a penalty on what normalized values are multiplied by.
        activity_regularizer: a penalty on the outputs.
    """

    noun = "layer"
    random: ClassVar[bool] = False
    """True for layers that draw random numbers when they are called, and so take a seed."""
    axes: ClassVar[tuple[str, ...]] = ()
    """Names of the axes of an input row, for layers that take no other number of axes."""
    supports_masking: ClassVar[bool] = False
    """Keras's attribute: the layer passes on which steps are masked."""
    needs_mask: ClassVar[bool] = False
    """True for layers whose output changes with every step that should have been masked and is not."""
    looks_up: ClassVar[bool] = False
    """True for layers whose weights are vectors that ids stand for."""
    takes_largest: ClassVar[bool] = False
    """True for layers that take the largest value over all steps."""
    repeats: ClassVar[bool] = True
    """False for layers whose outputs of two steps may differ although the inputs are equal."""
    weight_ranks: ClassVar[tuple[tuple[str, int], ...]] = ()
    """The number of axes of each weight that has settings, by the setting's first word, such as
    ``kernel`` for ``kernel_initializer``."""

    name: LayerName | None = None
    trainable: bool = True

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        for weight, rank in self.weight_ranks:
            for setting in (f"{weight}_initializer", f"{weight}_regularizer"):
                chosen: InitializerSpec | RegularizerSpec | None = getattr(self, setting, None)
                if chosen and rank not in chosen.ranks:
                    axes = "two axes" if len(chosen.ranks) == 1 else "two or more axes"
                    kind = type_name(type(chosen))
                    text = f"{kind} is for weights of {axes}, and the {weight} of {self.kind} has {rank}; use another"
                    raise self.refused(setting, text)
        return self

    @property
    def keeps_mask(self) -> bool:
        """Whether the next layer is told which steps are masked, and these change no other step's output."""
        return self.supports_masking

    @property
    def takes_mask(self) -> bool:
        """Whether Keras can compute the layer on masked steps."""
        return True

    def begins_mask(self, prepared: Feature) -> bool:
        """Whether the layer, as the first on such rows, masks the padding behind their ends."""
        return False

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one output row for input rows of `shape`, both without the batch axis.

        Raises:
            ShapeError: the layer cannot take such an input.
        """
        return shape

    def weights(self, shape: Shape) -> Iterable[Weight]:
        """The weights for input rows of a `shape` that the layer can take, in Keras's order, by their own names.

        Raises:
            LengthError: they depend on a length that is not known.
        """
        return ()

    def named_weights(self, name: str, shape: Shape) -> Iterator[Weight]:
        """The weights as they are where the layer is called `name`; none is trainable where it is frozen."""
        for weight in self.weights(shape):
            yield Weight(f"{name}/{weight.name}", weight.shape, weight.trainable and self.trainable)

    def parameters(self, shape: Shape) -> int:
        """The number of weights, trainable or not, for input rows of a `shape` that the layer can take.

        Raises:
            LengthError: it depends on a length that is not known.
        """
        return sum(weight.size for weight in self.weights(shape))

    def kept(self, shape: Shape, output: Shape) -> int | None:
        """How many numbers of a row a training step keeps until the gradients are known.

        At least so many: by default the layer's outputs.

        Args:
            shape: of an input row.
            output: of an output row.

        Returns:
            None where it depends on a length that varies.
        """
        known = [length for length in output if length is not None]
        return prod(known) if len(known) == len(output) else None

    def build(self, *, name: str, seed: int) -> "keras.layers.Layer":
        """The Keras layer, called `name`.

        Args:
            name: unique in the model.
            seed: decides the initial weights and, where the layer is random, what it draws.
        """
        import keras

        layer = getattr(keras.layers, type(self).__name__)(**self.seeded_arguments(seed), name=name)
        return self.frozen_if_asked(layer)

    def seeded_arguments(self, seed: int) -> dict[str, Any]:
        """The Keras layer's arguments but `name`; each initializer has its own seed made of `seed`."""
        initializers = {name: value for name, value in self if isinstance(value, InitializerSpec)}
        arguments = self.arguments("name", "trainable", *initializers)
        for name, initializer in initializers.items():
            arguments[name] = initializer.build(derived_seed(seed, name))
        if self.random:
            arguments["seed"] = seed
        return arguments

    def frozen_if_asked(self, layer: "keras.layers.Layer") -> "keras.layers.Layer":
        """The layer itself; it and the layers in it are not trainable where `trainable` is false."""
        if not self.trainable:
            layer.trainable = False
        return layer

    @property
    def kind(self) -> str:
        """The `type`, such as ``conv2d``, as messages show it."""
        return type_name(type(self))

    def refused(self, setting: str, text: str) -> ValidationError:
        """The error that validators raise for a setting that contradicts another one."""
        error = PydanticCustomError("setting", "{text}", {"text": text})
        details = InitErrorDetails(type=error, loc=(setting,), input=getattr(self, setting))
        return ValidationError.from_exception_data(self.kind, [details])


def derived_seed(seed: int, purpose: str) -> int:
    """A seed for one use of several, so that no two draw the same numbers; below 2 ** 31."""
    return zlib.crc32(f"{seed}/{purpose}".encode()) % (2**31 - 1)
