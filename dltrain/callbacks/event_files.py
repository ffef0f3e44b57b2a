"""Event files, as TensorBoard reads them, written without TensorFlow."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.errors import RunError

if TYPE_CHECKING:
    import numpy as np


class EventFiles:
    """What TensorBoard calls a run: a folder, to which each process adds a file of its own.

    The file is made with the first event. What other files hold of its step and later ones is passed over: a run
    that goes on writes these steps again.

    Attributes:
        folder: of the files.
        resumes: whether an earlier process has written some.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.resumes = any(folder.glob("events.out.tfevents.*"))
        self._file: Any = None

    def scalars(self, values: dict[str, float], step: int) -> None:
        """Numbers by name."""
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        self._add([scalar_pb(name, value) for name, value in values.items()], step)

    def histogram(self, name: str, values: np.ndarray, step: int) -> None:
        """How these numbers are spread, in 30 intervals of the same width; nothing where none is finite."""
        import numpy as np

        finite = values[np.isfinite(values)].astype("float64")
        if not finite.size:
            return
        counts, edges = np.histogram(finite, bins=30)
        from tensorboard.plugins.histogram.metadata import create_summary_metadata

        buckets = np.stack([edges[:-1], edges[1:], counts], axis=1)
        self._add([_summary(name, create_summary_metadata(None, None), buckets)], step)

    def pictures(self, name: str, pngs: Sequence[bytes], step: int) -> None:
        """PNG files, shown beside one another; all are as large as the first."""
        from tensorboard.plugins.image.metadata import create_summary_metadata

        # IHDR, the first chunk of each PNG, begins with both at byte 16.
        size = [str(int.from_bytes(pngs[0][start : start + 4], "big")).encode() for start in (16, 20)]
        self._add([_summary(name, create_summary_metadata(None, None), [*size, *pngs])], step)

    def keras_model(self, text: str) -> None:
        """The layers of a model, as JSON of Keras, for the tab of graphs."""
        from tensorboard.compat.proto.summary_pb2 import SummaryMetadata

        # Keras itself has this name of the plugin, and this version, in its callback.
        plugin = SummaryMetadata.PluginData(plugin_name="graph_keras_model", content=b"1")
        self._add([_summary("keras", SummaryMetadata(plugin_data=plugin), text)], 0)

    def flush(self) -> None:
        """What was added can be read."""
        if self._file is not None:
            with _storing(self.folder):
                self._file.flush()

    def close(self) -> None:
        """Ends the file; the next event would begin another."""
        if self._file is not None:
            with _storing(self.folder):
                self._file.close()
            self._file = None

    def _add(self, summaries: Sequence[Any], step: int) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        if self._file is None:
            self._open(step)
        self._write(step=step, summary=Summary(value=[value for each in summaries for value in each.value]))

    def _open(self, step: int) -> None:
        from tensorboard.compat.proto.event_pb2 import SessionLog
        from tensorboard.summary.writer.record_writer import RecordWriter

        # TensorBoard reads the files of a folder in the order of their names.
        name = f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}.{os.getpid()}"
        with _storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = RecordWriter((self.folder / name).open("wb"))
        self._write(file_version="brain.Event:2")
        # The first of these in a folder begins it, and each other one takes back what is of its step or later.
        self._write(step=step, session_log=SessionLog(status=SessionLog.START))

    def _write(self, **event: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        with _storing(self.folder):
            self._file.write(Event(wall_time=time.time(), **event).SerializeToString())


def png_of(pixels: np.ndarray) -> bytes:
    """A grey PNG of numbers, the smallest black and the largest white.

    Args:
        pixels: (height, width).
    """
    import numpy as np
    from PIL import Image

    numbers = np.nan_to_num(pixels.astype("float64"))
    low, span = numbers.min(), float(np.ptp(numbers)) or 1.0
    file = BytesIO()
    Image.fromarray(((numbers - low) / span * 255).round().astype("uint8")).save(file, format="png")
    return file.getvalue()


def _summary(name: str, metadata: Any, content: Any) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.util.tensor_util import make_tensor_proto

    return Summary(value=[Summary.Value(tag=name, metadata=metadata, tensor=make_tensor_proto(content))])


@contextmanager
def _storing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(f"cannot write events for TensorBoard in {folder}: {error.strerror}") from None
