"""Layers in their places: names and shapes by arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass

from dltrain.layers.base import LayerSpec, LengthError, ShapeError
from dltrain.signature import Feature, Shape, Weight
from dltrain.spec.problems import SpecError

MOST_PARAMETERS = 2_000_000_000
MOST_OUTPUTS = 2_000_000_000

_FILLED = (5040, 10_080)


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
    def weights(self) -> tuple[Weight, ...]:
        """The weights, by their names in the model.

        Raises:
            LengthError: they depend on a length that is not known before the data is read.
        """
        return tuple(self.spec.named_weights(self.name, self.shape))

    @property
    def kept(self) -> int | None:
        """How many numbers a training step keeps of a row for this layer; None where a length is not known."""
        return self.spec.kept(self.shape, self.output_shape)

    @property
    def parameters(self) -> int:
        """The number of weights.

        Raises:
            LengthError: it depends on a length that is not known before the data is read.
        """
        return self.spec.parameters(self.shape)

    @property
    def known_parameters(self) -> int | None:
        """The same; None where it is not known before the data is read."""
        try:
            return self.parameters
        except LengthError:
            return None


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


def place(body: list[tuple[str, LayerSpec]], prepared: Feature) -> Iterator[PlannedLayer]:
    """Layers with names and shapes, up to the first that a length which is not known may not fit.

    Args:
        body: each layer with its path.
        prepared: the rows that the first takes.

    Raises:
        SpecError: a layer cannot take what the one before gives, two have one name, or the model is too large.
    """
    shape: Shape = prepared.shape
    first, total = True, 0
    for name, path, layer in _named(body):
        if layer.type == "embedding":
            layer = _embedding(layer, path, prepared, first)
        try:
            output = _output_shape(layer, shape)
        except ShapeError as error:
            raise SpecError.at(path, str(error)) from None
        if output is None:
            return
        planned = PlannedLayer(name, layer, path, shape, output)
        total += planned.known_parameters or 0
        outputs = 1
        for length in output:
            outputs *= length or 1
        if total > MOST_PARAMETERS or outputs > MOST_OUTPUTS:
            raise SpecError.at(
                path, f"up to here the model has {total:,} parameters and {outputs:,} outputs a row; make it smaller"
            )
        yield planned
        first, shape = False, output


def _output_shape(layer: LayerSpec, shape: Shape) -> Shape | None:
    """The shape of an output row; None where a length that is not known decides whether the layer fits.

    A layer that asks for such a length is shown two, which have many divisors: what does not differ then is known.
    """
    try:
        return layer.output_shape(shape)
    except LengthError:
        pass
    try:
        one, other = (layer.output_shape(tuple(length or filled for length in shape)) for filled in _FILLED)
    except ShapeError:
        return None
    return tuple(length if length == twin else None for length, twin in zip(one, other, strict=True))


def _embedding(layer: LayerSpec, path: str, prepared: Feature, first: bool) -> LayerSpec:
    """Fills in the size of the vocabulary."""
    if not first or prepared.kind != "ids":
        raise SpecError.at(path, "embedding looks up integer ids, and its inputs are real numbers; use `dense`")
    size = prepared.vocabulary_size
    if size is None:
        return layer
    if (written := getattr(layer, "input_dim", None)) is not None and written < size:
        raise SpecError.at(
            path, f"input_dim is {written}, and the ids go up to {size - 1}; write at least {size}, or leave it out"
        )
    return layer.model_copy(update={"input_dim": written or size})
