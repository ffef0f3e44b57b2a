"""The family of callbacks, and how they know which way is better."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from dltrain.spec.family import Family

if TYPE_CHECKING:
    import keras

Mode = Literal["min", "max"]
"""Whether small or large values are better."""

Monitor = Annotated[str, Field(min_length=1, max_length=128)]
"""A name in the history, such as ``val_loss``."""

_SMALLER_IS_BETTER = frozenset(
    (
        *("loss", "error", "mse", "rmse", "mae", "mape", "msle", "crossentropy", "entropy", "divergence"),
        *("huber", "cosh", "logcosh", "hinge", "poisson", "deviance", "perplexity", "brier", "pinball", "false"),
    )
)
"""Words in the names of metrics; ``false`` as in ``false_positives``."""

_OF_BATCHES = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


def direction(metric: str) -> Mode:
    """The mode of a metric, from the words of its name: ``min`` for losses and errors, else ``max``."""
    return "min" if _SMALLER_IS_BETTER.intersection(metric.lower().split("_")) else "max"


class CallbackSpec(Family):
    """Something that happens during training, at the ends of epochs."""

    noun: ClassVar[str] = "callback"
    changes_learning_rate: ClassVar[bool] = False
    """True for callbacks that set the learning rate, and so need a constant one."""
    state: ClassVar[tuple[str, ...]] = ()
    """Attributes of the built callback that a checkpoint keeps; its `on_train_begin` resets them."""

    @property
    def monitored(self) -> str | None:
        """The name in the history that it watches; None where it watches the trainer's, or nothing."""
        return None

    def build(self, *, monitor: str, mode: Mode, folder: Path) -> "keras.callbacks.Callback":
        """The Keras callback, which prints nothing.

        Args:
            monitor: what the trainer watches.
            mode: which way that is better.
            folder: the run directory.

        Raises:
            MissingRequirementError: it needs a package that is not installed.
        """
        raise NotImplementedError

    def require(self) -> None:
        """Looks for what it needs, before any work is done.

        Raises:
            MissingRequirementError: a package is not installed.
        """

    def keep_pictures(self, pictures: Mapping[str, bytes], *, folder: Path, step: int) -> None:
        """Takes the pictures of a completed run.

        Args:
            pictures: PNG files by name.
            folder: the run directory.
            step: the epoch whose weights were kept.

        Raises:
            RunError: the disk is full or read-only.
        """

    def patience_of(self, callback: "keras.callbacks.Callback") -> tuple[int, int] | None:
        """Epochs in a row without improvement, and how many of them end training; None where it ends none."""
        return None


class MonitoringSpec(CallbackSpec):
    """A callback that watches a value of the history."""

    if TYPE_CHECKING:
        # Subclasses have them among their own fields, in Keras's order.
        monitor: Monitor | None
        mode: Mode | None

    @property
    def monitored(self) -> str | None:
        """The name in the history that it watches; None where it watches the trainer's."""
        return self.monitor

    def watch(self, monitor: str, mode: Mode) -> tuple[str, Mode]:
        """What to watch and which way is better, where the trainer watches `monitor`."""
        watched = self.monitor or monitor
        inferred = mode if watched == monitor else direction(watched)
        return watched, self.mode or inferred


def hear_batches(callbacks: "Iterable[keras.callbacks.Callback]") -> bool:
    """Whether any of them does something before or after a batch; else Keras would start a thread to do nothing."""
    from keras.callbacks import Callback

    hooks = ((getattr(one, name), getattr(Callback, name)) for one in callbacks for name in _OF_BATCHES)
    return any(getattr(hook, "__func__", None) is not default for hook, default in hooks)
