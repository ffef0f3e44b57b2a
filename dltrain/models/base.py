"""The family of models: from settings to a plan of layers with known shapes."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from dltrain.layers.base import LayerSpec, LengthError
from dltrain.models.placing import PlannedLayer as PlannedLayer
from dltrain.models.placing import place
from dltrain.signature import Feature, Head, Shape
from dltrain.spec.family import Family
from dltrain.spec.fields import DataPath, Sequence, Size, Written
from dltrain.spec.problems import SpecError

Layers = Annotated[tuple[LayerSpec, ...], Sequence, Field(min_length=1, max_length=1000)]


def _listed(value: Any) -> Any:
    """One integer stands for a list of one."""
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Sizes = Annotated[
    tuple[Size, ...], Sequence, Field(max_length=1000), BeforeValidator(_listed), Written(Size | tuple[Size, ...])
]


class ModelSpec(Family):
    """A stack of layers.

    Attributes:
        layers: the layers, written out, such as ``[flatten, dense: {units: 64, activation: relu}]``; instead of
            the short form.
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

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """Layers, or the short form."""
        from dltrain.spec.json_types import not_together

        return [not_together("layers", name) for name in cls.short_form]

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
            LengthError: they depend on lengths that are not known before the data is read.
            SpecError: such a model cannot take these inputs.
        """
        raise NotImplementedError

    def plan(self, prepared: Feature, head: Head) -> list[PlannedLayer]:
        """Every layer with its shapes, the output last.

        Where a length of a prepared row is not known before the data is read, it is None, and so are those
        that depend on it; layers stop at the first that such a length may not fit. Where the units of the
        head are not known, the output that is appended is left out.

        Raises:
            SpecError: a layer cannot take what the one before gives, or the output does not fit.
        """
        try:
            body = list(self.body(prepared))
        except LengthError:
            return []
        planned = list(place(body, prepared))
        if len(planned) < len(body):
            return planned
        if self.has_own_output:
            self._check_output(planned[-1], head)
            return planned
        self._check_last(body, head)
        last = planned[-1].output_shape if planned else prepared.shape
        if len(last) != 1:
            message = f"the last layer gives rows of shape {show(last)}, and the output takes a vector; {_flat(last)}"
            raise SpecError.at(planned[-1].path if planned else "model", message)
        if not head.units:
            return planned
        output = LayerSpec.choose({"dense": {"units": head.units, "activation": head.activation, "name": "output"}})
        return [*planned, PlannedLayer("output", output, "model", last, (head.units,))]

    def _check_last(self, body: list[tuple[str, LayerSpec]], head: Head) -> None:
        if not body or body[-1][1].type != "dense":
            return
        path, last = body[-1]
        if (getattr(last, "units", 0), getattr(last, "activation", "")) == (head.units, head.activation):
            output = f"{head.units} units with {head.activation}"
            raise SpecError.at(path, f"the output layer, {output}, is appended by itself; delete this layer")

    def _check_output(self, last: PlannedLayer, head: Head) -> None:
        if len(last.output_shape) != 1 or (head.units and last.output_shape not in ((head.units,), (None,))):
            wanted = f"`dense: {{units: {head.units}, activation: {head.activation}}}`"
            message = f"the last layer gives {show(last.output_shape)}, and the target needs ({head.units},)"
            if not head.units:
                message = f"the last layer gives rows of shape {show(last.output_shape)}, and the loss takes a vector"
                raise SpecError.at(last.path, f"{message}; {_flat(last.output_shape)}")
            raise SpecError.at(last.path, f"{message}; write {wanted}")
        activation = getattr(last.spec, "activation", None) or "linear"
        if head.activation and activation != head.activation and last.spec.type in ("dense", "activation"):
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
