"""Curves in TensorBoard."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from dltrain.callbacks.base import CallbackSpec, Mode
from dltrain.errors import MissingRequirementError
from dltrain.spec.fields import Count, Natural, Written
from dltrain.spec.section import describe

if TYPE_CHECKING:
    import keras


def _frequency(value: Any) -> Any:
    number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000_000
    if not number and value not in ("epoch", "batch"):
        text = f"expected epoch, batch or a number of batches, got {describe(value)}"
        raise PydanticCustomError("setting", "{text}", {"text": text})
    return value


_FOLDER = "tensorboard"

_Frequency = Written(Literal["epoch", "batch"] | Count)


class TensorBoard(CallbackSpec):
    """Writes the history for TensorBoard, into the folder ``tensorboard`` of the run, with every backend.

    See it with ``tensorboard --logdir runs``. Needs ``pip install 'dltrain[tensorboard]'``. The report's pictures,
    such as the confusion matrix, mistakes, and a training batch, are there too unless ``--no-report`` is given.

    Attributes:
        histogram_freq: every so many epochs, histograms of the weights; 0 for none.
        write_graph: write the layers of the model.
        write_images: with histograms, the weights as pictures too.
        write_steps_per_second: write the speed of training.
        update_freq: how often losses and metrics are written besides those of epochs: ``epoch`` for not at all,
            ``batch``, or a number of batches.
    """

    type: Literal["tensorboard"] = "tensorboard"
    histogram_freq: Natural = 0
    write_graph: bool = True
    write_images: bool = False
    write_steps_per_second: bool = False
    update_freq: Annotated[int | str, BeforeValidator(_frequency), _Frequency] = "epoch"

    @override
    def require(self) -> None:
        if find_spec("tensorboard") is None:
            text = "the callback tensorboard needs TensorBoard; install it: pip install 'dltrain[tensorboard]'"
            raise MissingRequirementError(text)

    @override
    def build(self, *, monitor: str, mode: Mode, folder: Path) -> "keras.callbacks.Callback":
        """Writes with TensorBoard's own code, not with TensorFlow's as ``keras.callbacks.TensorBoard`` does."""
        self.require()
        from dltrain.callbacks.tensorboard_callback import Recorder, callback_class

        callback: keras.callbacks.Callback = callback_class()(Recorder(folder / _FOLDER, self.arguments()))
        return callback

    @override
    def keep_pictures(self, pictures: Mapping[str, bytes], *, folder: Path, step: int) -> None:
        from dltrain.callbacks.event_files import EventFiles

        events = EventFiles(folder / _FOLDER / "pictures")
        for name, png in pictures.items():
            events.pictures(name, [png], step)
        events.close()
