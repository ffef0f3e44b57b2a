"""What a run has saved, opened as by another process, and compared with the model that was trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dltrain.data.source import ArraySource, Dataset, Rows
from dltrain.errors import RunError
from dltrain.evaluation.predictions import predict_source
from dltrain.opening import load_weights, open_assembly, opening, read_weights
from dltrain.runs.directory import RunDirectory
from dltrain.signature import STRING
from dltrain.study import within

if TYPE_CHECKING:
    import numpy as np

_ROWS_OF_SAVED_MODEL = 4
_MOST_CLASSES = 20


class Reloaded:
    """The record of a run, and its `model.keras` as Keras alone reads it.

    Raises:
        RunError: one cannot be opened.
    """

    def __init__(self, run: RunDirectory) -> None:
        import keras

        keras.utils.clear_session()
        self.run = run
        self.assembly = open_assembly(run)
        load_weights(run, self.assembly, read_weights(run, self.assembly))
        with opening(run):
            self.model = keras.saving.load_model(run.model, compile=False, safe_mode=True)
        if own := [layer.name for layer in self.model.layers if type(layer).__module__.startswith("dltrain")]:
            raise RunError(f"{run.model.name} holds layers of dltrain: {', '.join(own)}; it would not load elsewhere")

    def check(self, features: dict[str, np.ndarray], outputs: np.ndarray, origin: str) -> None:
        """Predicts raw rows.

        Args:
            features: raw rows.
            outputs: of the trained model for them, (rows, units).
            origin: what messages call the rows.

        Raises:
            RunError: predictions differ from those of the trained model by more than rounding does.
            DataError: a row cannot be prepared.
        """
        assembly = self.assembly
        tables = predict_source(assembly, ArraySource(features, None), origin, most_classes=_MOST_CLASSES)
        found = {name: column for table in tables for name, column in table.items()}
        wanted = assembly.task.decode(outputs, assembly.target, assembly.head, most_classes=_MOST_CLASSES)
        for name, column in wanted.items():
            if column.dtype.kind == "f":
                self._compare("the run that was opened again", found[name], column)
        if (few := _given(assembly.preprocessing.features, features)) is not None and self._takes_raw_rows:
            scale, offset = assembly.target.scale or 1.0, assembly.target.offset if assembly.target.scale else 0.0
            in_unit = outputs[: len(few[0])] * scale + offset
            self._compare(self.run.model.name, self._predicted(few), in_unit)

    @property
    def _takes_raw_rows(self) -> bool:
        """On other backends, layers for strings are built but do not run."""
        experiment, features = self.assembly.experiment, self.assembly.preprocessing.features
        return experiment.runtime.backend == "tensorflow" or all(feature.dtype != STRING for feature in features)

    def _predicted(self, few: list[np.ndarray]) -> np.ndarray:
        """What the saved model says of raw rows."""
        import keras

        columns = dict(zip(self.assembly.preprocessing.inputs, few, strict=True))
        outputs = self.model.predict_on_batch(columns if len(columns) > 1 else next(iter(columns.values())))
        found: np.ndarray = keras.ops.convert_to_numpy(outputs)
        return found

    def _compare(self, what: str, found: np.ndarray, wanted: np.ndarray) -> None:
        import numpy as np

        loose = self.assembly.experiment.runtime.precision != "float32"
        near = np.isclose(found, wanted, rtol=1e-1 if loose else 1e-3, atol=2e-2 if loose else 1e-4)
        if not near.all():
            worst = float(np.abs(np.asarray(found, "float64") - wanted).max())
            raise RunError(f"{what} predicts other values than the trained model, by up to {worst:.3g}")


def raw_rows(dataset: Dataset, ids: np.ndarray) -> dict[str, np.ndarray]:
    """The features of some rows, by their ids."""
    import numpy as np

    picked: list[tuple[Rows, np.ndarray]] = []
    start = 0
    for source in dataset.parts.values():
        for rows in source.chunks():
            chosen = within(ids, start, len(rows))
            start += len(rows)
            if len(chosen):
                picked.append((rows, chosen))
    return {
        feature.name: np.concatenate([rows.features[feature.name][chosen] for rows, chosen in picked])
        for feature in dataset.features
    }


def _given(features: Any, rows: dict[str, np.ndarray]) -> list[np.ndarray] | None:
    """A few rows as a model takes them; one alone where rows have different shapes; None where there are none."""
    import numpy as np

    given = []
    for feature in features:
        values = rows[feature.name][:_ROWS_OF_SAVED_MODEL]
        if values.dtype == object and not isinstance(values[0], str):
            if len(rows) > 1:
                return None
            values = np.asarray(values[0])[None]
        given.append(values)
    return given
