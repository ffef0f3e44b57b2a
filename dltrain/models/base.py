"""The family of models: from settings to a plan of layers with known shapes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from dltrain.layers.base import LayerSpec, ShapeError
from dltrain.signature import Feature, Head, Shape
from dltrain.spec.family import Family
from dltrain.spec.fields import DataPath, Sequence
from dltrain.spec.problems import SpecError

Layers = Annotated[tuple[LayerSpec, ...], Sequence, Field(min_length=1, max_length=1000)]
MOST_PARAMETERS = 2_000_000_000
MOST_OUTPUTS = 2_000_000_000


def _listed(value: Any) -> Any:
    """One integer stands for a list of one."""
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Sizes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...], Sequence, Field(max_length=1000), BeforeValidator(_listed)
]


@dataclass(frozen=True)
class PlannedLayer:
    """A layer in its place.

    Attributes:
        name: unique in the model.
        path: where the config writes it, such as ``model.layers.2``.
        shape: of an input row.
        output_shape: of an output row.
    """

    name: str
    spec: LayerSpec
    path: str
    shape: Shape
    output_shape: Shape

    @property
    def parameters(self) -> int:
        """The number of weights."""
        return self.spec.parameters(self.shape)


class ModelSpec(Family):
    """A stack of layers.

    Attributes:
        layers: the layers, written out; instead of the short form.
        weights_from: a run directory whose weights are taken as the initial ones, layer by layer
            by name; the output layer is taken where its shape fits.
    """

    noun: ClassVar[str] = "model"
    has_own_output: ClassVar[bool] = False
    """True where the last layer is the output; otherwise one is appended."""
    short_form: ClassVar[tuple[str, ...]] = ()
    """The settings that `layers` replaces."""

    layers: Layers | None = None
    weights_from: DataPath | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = [name for name in self.short_form if name in self.model_fields_set]
        if self.layers is not None and given:
            text = f"`layers` and `{given[0]}` describe the same thing; keep one of the two"
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return self

    def plain(self) -> dict[str, Any]:
        """Without the short form where `layers` is given."""
        hidden = self.short_form if self.layers is not None else ()
        return {name: value for name, value in super().plain().items() if name not in hidden}

    @property
    def reads_sequences(self) -> bool:
        """Whether a text comes to this model as a sequence of ids rather than as one vector."""
        return self.layers is not None and self.layers[0].type == "embedding"

    def body(self, prepared: Feature) -> Iterable[tuple[str, LayerSpec]]:
        """Layers, without the appended output, each with the path of the setting it comes from.

        Raises:
            SpecError: such a model cannot take these inputs.
        """
        raise NotImplementedError

    def plan(self, prepared: Feature, head: Head) -> list[PlannedLayer]:
        """Every layer with its shapes, the output last.

        Raises:
            SpecError: a layer cannot take what the one before gives, or the output does not fit.
        """
        body = list(self.body(prepared))
        if self.has_own_output:
            planned = list(_place(_named(body), prepared))
            self._check_output(planned[-1], head)
            return planned
        output = LayerSpec.choose({"dense": {"units": head.units, "activation": head.activation, "name": "output"}})
        self._check_last(body, head)
        planned = list(_place(_named(body), prepared))
        last = planned[-1].output_shape if planned else prepared.shape
        if len(last) != 1:
            message = f"the last layer gives rows of shape {show(last)}, and the output takes a vector; {_flat(last)}"
            raise SpecError.at(planned[-1].path if planned else "model", message)
        return [*planned, PlannedLayer("output", output, "model", last, output.output_shape(last))]

    def _check_last(self, body: list[tuple[str, LayerSpec]], head: Head) -> None:
        if not body or body[-1][1].type != "dense":
            return
        path, last = body[-1]
        if (getattr(last, "units", 0), getattr(last, "activation", "")) == (head.units, head.activation):
            output = f"{head.units} units with {head.activation}"
            raise SpecError.at(path, f"the output layer, {output}, is appended by itself; delete this layer")

    def _check_output(self, last: PlannedLayer, head: Head) -> None:
        if last.output_shape != (head.units,):
            wanted = f"`dense: {{units: {head.units}, activation: {head.activation}}}`"
            message = f"the last layer gives {show(last.output_shape)}, and the target needs ({head.units},)"
            raise SpecError.at(last.path, f"{message}; write {wanted}")
        activation = getattr(last.spec, "activation", None) or "linear"
        if activation != head.activation and last.spec.type in ("dense", "activation"):
            message = f"the last layer has the activation {activation}, and the loss takes {head.activation}"
            raise SpecError.at(last.path, f"{message}; write `activation: {head.activation}`")


def show(shape: Shape) -> str:
    """``(28, 28, 1)`` as it is, an unknown length as ``any``."""
    inner = ", ".join("any" if length is None else str(length) for length in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def _flat(shape: Shape) -> str:
    if len(shape) == 2:
        return (
            "set `return_sequences: false` on the last recurrent layer, or put `flatten` or a global pooling after it"
        )
    return "put `flatten` or a global pooling after it"


def _named(body: list[tuple[str, LayerSpec]]) -> Iterator[tuple[str, str, LayerSpec]]:
    """Gives each layer its own name or, as Keras does, its type with a number from the second on."""
    taken = {layer.name for _, layer in body if layer.name} | {"output"}
    counts: dict[str, int] = {}
    seen: set[str] = set()
    for path, layer in body:
        if layer.name:
            if layer.name in seen:
                raise SpecError.at(path, f"two layers are called '{layer.name}'; names are unique")
            if layer.name == "output":
                raise SpecError.at(path, "the name 'output' is the appended layer's; choose another")
            seen.add(layer.name)
            yield layer.name, path, layer
            continue
        kind = str(layer.type)
        while True:
            number = counts.get(kind, 0)
            counts[kind] = number + 1
            name = f"{kind}_{number}" if number else kind
            if name not in taken:
                break
        yield name, path, layer


def _place(named: Iterable[tuple[str, str, LayerSpec]], prepared: Feature) -> Iterator[PlannedLayer]:
    shape: Shape = prepared.shape
    first, total = True, 0
    for name, path, layer in named:
        if layer.type == "embedding":
            layer = _embedding(layer, path, prepared, first)
        try:
            output = layer.output_shape(shape)
        except ShapeError as error:
            raise SpecError.at(path, str(error)) from None
        planned = PlannedLayer(name, layer, path, shape, output)
        total += planned.parameters
        outputs = 1
        for length in output:
            outputs *= length or 1
        if total > MOST_PARAMETERS or outputs > MOST_OUTPUTS:
            raise SpecError.at(
                path, f"up to here the model has {total:,} parameters and {outputs:,} outputs a row; make it smaller"
            )
        yield planned
        first, shape = False, output


def _embedding(layer: LayerSpec, path: str, prepared: Feature, first: bool) -> LayerSpec:
    """Fills in the size of the vocabulary."""
    if not first or prepared.kind != "ids":
        raise SpecError.at(path, "embedding looks up integer ids, and its inputs are real numbers; use `dense`")
    size = prepared.vocabulary_size or 0
    if (written := getattr(layer, "input_dim", None)) is not None and written < size:
        raise SpecError.at(
            path, f"input_dim is {written}, and the ids go up to {size - 1}; write at least {size}, or leave it out"
        )
    return layer.model_copy(update={"input_dim": written or size})
