"""How long and in what steps to train."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.callbacks.base import CallbackSpec
from dltrain.spec.fields import Count, NonNegative, Sequence, Written
from dltrain.spec.section import Section, describe


def _class_weight(value: Any) -> Any:
    """``balanced``, or a weight for each class by its name."""
    if value == "balanced":
        return str(value)
    text = ""
    if not isinstance(value, Mapping) or not value:
        text = f"expected balanced, or a weight for each class such as {{no: 1, yes: 5}}; got {describe(value)}"
    elif wrong := [name for name, weight in value.items() if not _is_weight(weight)]:
        text = f"the weight of '{wrong[0]}' is {describe(value[wrong[0]])}; write a number from 0 to 1e9"
    elif not any(value.values()):
        text = "every class has the weight 0, so nothing would be learned; write a larger one"
    if text:
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return {str(name): weight for name, weight in value.items()}


def _is_weight(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9


ClassWeight = Annotated[
    Any,
    BeforeValidator(_class_weight),
    Written(Literal["balanced"] | Annotated[dict[str, NonNegative], Field(min_length=1)]),
]
"""``balanced``, or a mapping of the names of all classes to numbers."""


class TrainerSpec(Section):
    """How long and in what steps to train.

    Attributes:
        epochs: passes over the training rows, at most.
        batch_size: rows per weight update; the last batch of an epoch may be smaller.
        monitor: the score of each epoch that decides which epoch's weights are kept, such as
            ``val_f1_macro``; by default ``val_`` and the first metric. Without validation, the
            last epoch's weights are kept.
        class_weight: by what the loss of each training row is multiplied for its class:
            ``balanced`` for n / (k count), with n training rows, k classes and the number of rows
            of the class, so that all classes count the same; or a number for the name of each
            class, such as ``{no: 1, yes: 5}``. It multiplies `dataset.weight`. The validation
            loss, metrics and scores are not weighted.
        checkpoint_seconds: a state to go on from is saved so many seconds after the one before, and at the
            ends of epochs; but not so often that it would take more than 1 % of the run. With 0, after
            every call of the compiled function, whatever that costs.
        callbacks: early stopping, plateau and others, in order, such as ``[early_stopping: {patience: 3}]``.
    """

    epochs: Count = 10
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] = 32
    monitor: Annotated[str, Field(max_length=100)] | None = None
    class_weight: ClassWeight | None = None
    checkpoint_seconds: Annotated[float, Field(ge=0, le=86_400)] = 60
    callbacks: Annotated[tuple[CallbackSpec, ...], Sequence, Field(max_length=100)] = ()
