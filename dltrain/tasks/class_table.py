"""The classes or labels among training rows: how many rows have them, and what these count."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dltrain.signature import Target
from dltrain.spec.problems import Problem, SpecError, one_of, suggestion
from dltrain.tasks.base import TaskSpec

if TYPE_CHECKING:
    import numpy as np

_MOST_SHOWN = 6


@dataclass(frozen=True)
class ClassTable:
    """The classes or labels among the training rows.

    Attributes:
        noun: ``classes``, or ``labels`` where a row has any number of them.
        names: of each.
        rows: how many training rows have it.
        weights: by what the loss of a row of each class is multiplied; empty where by nothing.
    """

    noun: str
    names: tuple[str, ...]
    rows: tuple[int, ...]
    weights: tuple[float, ...] = ()

    def __str__(self) -> str:
        """``no 10,000 (0.60), yes 2,000 (3.00)``; of many only the rarest and the most frequent."""
        if len(self.names) <= _MOST_SHOWN:
            return ", ".join(map(self._entry, range(len(self.names))))
        rarest, most = (choose(range(len(self.names)), key=self.rows.__getitem__) for choose in (min, max))
        return f"{len(self.names):,}, from {self._entry(rarest)} to {self._entry(most)}"

    def plain(self) -> dict[str, Any]:
        """For the manifest: rows, and weights where there are some, by name."""
        found = {"rows": self.rows, "weights": self.weights}
        return {key: dict(zip(self.names, values, strict=True)) for key, values in found.items() if values}

    def _entry(self, index: int) -> str:
        name = self.names[index] if len(self.names[index]) <= 24 else f"{self.names[index][:23]}…"
        return f"{name} {self.rows[index]:,}" + (f" ({self.weights[index]:.2f})" if self.weights else "")


def class_table(task: TaskSpec, values: "np.ndarray", target: Target, class_weight: Any) -> ClassTable | None:
    """The classes or labels of raw targets, with their weights; None for numbers.

    Args:
        task: reads the targets.
        values: of the training rows.
        target: their description.
        class_weight: as `trainer.class_weight` says.

    Raises:
        SpecError: `class_weight` names no class, or not all of them.
    """
    counts = task.counts(values, target).tolist()
    if not counts:
        return None
    noun, names = ("classes", target.classes) if target.classes else ("labels", target.labels)
    return ClassTable(noun, names, tuple(counts), _weights(class_weight, names, counts))


def _weights(given: Any, names: tuple[str, ...], counts: list[int]) -> tuple[float, ...]:
    if given is None:
        return ()
    if given == "balanced":
        return tuple(sum(counts) / (len(counts) * count) for count in counts)
    check_weights(given, names)
    return tuple(float(given[name]) for name in names)


def check_weights(given: Any, names: tuple[str, ...]) -> None:
    """Refuses weights by name that are not those of the classes.

    Args:
        given: as `trainer.class_weight` says.
        names: of all classes.

    Raises:
        SpecError: they name no class, or not all of them.
    """
    if not isinstance(given, Mapping):
        return
    path, known = ("trainer", "class_weight"), f"the classes are {one_of(names, limit=12)}"
    problems = [
        Problem(f"there is no class '{name}'; {known}{suggestion(name, names)}", (*path, name), key=True)
        for name in given
        if name not in names
    ]
    if not problems and (missing := [name for name in names if name not in given]):
        problems = [Problem(f"the class '{missing[0][:40]}' has no weight; {known}; write one for each", path)]
    if problems:
        raise SpecError(problems)
