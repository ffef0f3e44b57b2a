"""Units that give 0 whatever comes in, and so learn nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dltrain.assemble import Assembly
from dltrain.coach.case import Case
from dltrain.coach.check import Check
from dltrain.coach.finding import Finding
from dltrain.models.augmented import is_augmentation
from dltrain.workload import multiplications

if TYPE_CHECKING:
    import keras
    import numpy as np

MOST_ROWS = 1000
FEWEST_ROWS = 50
SHARE = 0.5
"""From so many of a layer's units on they are too many: some always die."""

_FEWEST_UNITS = 4
_MOST_MULTIPLICATIONS = 2 * 10**9
_BATCH = 128


@dataclass(frozen=True)
class Dead:
    """A layer with dead units.

    Attributes:
        layer: its name.
        dead: how many units give 0 on every row of the sample.
        units: of the layer; channels of a convolution, which are dead where they give 0 at every place.
    """

    layer: str
    dead: int
    units: int

    @property
    def share(self) -> float:
        """Of the units that are dead."""
        return self.dead / self.units


def sample(assembly: Assembly, inputs: np.ndarray) -> np.ndarray:
    """Training rows, evenly spread, (rows, ...): at most a thousand, and no more than is computed in a second or so."""
    import numpy as np

    of_row = max(1, sum(map(multiplications, assembly.plan)))
    most = min(len(inputs), MOST_ROWS, max(FEWEST_ROWS, _MOST_MULTIPLICATIONS // of_row))
    rows: np.ndarray = np.asarray(inputs[np.linspace(0, len(inputs) - 1, most).astype(int)])
    return rows


def dead_units(assembly: Assembly, rows: np.ndarray) -> list[Dead]:
    """Of every layer that ends in a ReLU.

    Args:
        assembly: with the weights that are looked at.
        rows: prepared, (rows, ...).
    """
    import numpy as np

    highest: dict[str, np.ndarray] = {}
    size = min(_BATCH, assembly.experiment.trainer.batch_size)
    for start in range(0, len(rows), size):
        for name, found in _highest(assembly, rows[start : start + size]):
            highest[name] = np.maximum(highest[name], found) if name in highest else found
    return [Dead(name, int((found <= 0).sum()), found.size) for name, found in highest.items()]


def _highest(assembly: Assembly, rows: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The highest output of each unit of each ReLU, (units,)."""
    import keras

    outputs: Any = keras.ops.convert_to_tensor(rows, assembly.preprocessing.prepared.dtype)
    for place in assembly.plan:
        if is_augmentation(place):
            continue
        layer = assembly.model.get_layer(place.name)
        outputs = layer(outputs, training=False)
        if is_relu(layer):
            numbers = keras.ops.convert_to_numpy(keras.ops.cast(outputs, "float32"))
            yield place.name, numbers.max(axis=tuple(range(numbers.ndim - 1)))


def is_relu(layer: keras.layers.Layer) -> bool:
    """Whether what the layer gives is what a ReLU gives."""
    import keras

    if isinstance(layer, keras.layers.ReLU):
        return not layer.negative_slope and not layer.threshold
    return getattr(layer, "activation", None) is keras.activations.relu


class DeadRelu(Check):
    """Half of a layer's units or more give 0 on every one of up to a thousand training rows."""

    name: ClassVar[str] = "dead_relu"
    rank: ClassVar[int] = 25
    explains: ClassVar[tuple[str, ...]] = ("underfitting",)

    def find(self, case: Case) -> Finding | None:
        """See the class."""
        inputs = case.materials.prepared["train"].inputs
        if len(inputs) < FEWEST_ROWS or not any(map(is_relu, case.assembly.model.layers)):
            return None
        rows = sample(case.assembly, inputs)
        found = [one for one in dead_units(case.assembly, rows) if one.units >= _FEWEST_UNITS and one.share >= SHARE]
        if not found:
            return None
        worst = max(found, key=lambda one: one.share)
        rates = case.course.of("learning_rate")
        text = f"{worst.dead} of {worst.units} units of '{worst.layer}' are dead: 0 on all of {len(rows):,} train rows"
        short = case.experiment.model.layers is None
        key = "model.activation" if short else "model.layers"
        where = "`model.activation: leaky_relu`" if short else f"`activation: leaky_relu` for '{worst.layer}'"
        remedy = f"{where}, or a lower learning rate, now {max(rates):g}"
        numbers = {"layer": worst.layer, "dead": worst.dead, "units": worst.units, "rows": len(rows)}
        return Finding(self.name, text, key, remedy, numbers)
