"""An experiment, explained: what `dltrain explain` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dltrain.experiment import Experiment
from dltrain.explanation.derivations import Derived, derivations
from dltrain.explanation.known import Known, by_glance, by_reading
from dltrain.explanation.short_form import written_out
from dltrain.footprint import Footprint, footprint, size
from dltrain.models.base import PlannedLayer
from dltrain.models.entry import after, entry
from dltrain.spec.document import Document
from dltrain.spec.problems import Path, dotted
from dltrain.spec.sources import Source, sources


@dataclass(frozen=True)
class Explanation:
    """What an experiment comes to.

    Attributes:
        experiment: with task, loss and metrics, where the task is known.
        read: whether all rows were read; otherwise, what depends on them is not known.
        derived: values that follow from something else.
        implied: values that follow from what is written beside them, with where that is.
        defaults: values that are always so unless something else is written, by path.
        layers: of the training model with shapes of rows, up to the first that a length decides about that is
            not known.
        complete: whether these are all of them.
        memory: what a training step needs at least; None where it is not known.
        written_out: the short form of the model as what `layers` would say; None where there is none.
    """

    experiment: Experiment
    read: bool
    derived: tuple[Derived, ...]
    implied: Mapping[Path, tuple[Any, Source]]
    defaults: Mapping[Path, Any]
    layers: tuple[PlannedLayer, ...]
    complete: bool
    memory: Footprint | None
    written_out: list[Any] | None

    @property
    def parameters(self) -> int | None:
        """The number of weights of the training model; None where it is not known."""
        if not self.complete or any(layer.known_parameters is None for layer in self.layers):
            return None
        return sum(layer.parameters for layer in self.layers)

    @property
    def trained_parameters(self) -> int | None:
        """Those that training changes."""
        if self.parameters is None:
            return None
        return size([weight for layer in self.layers for weight in layer.weights], trained=True)


def explain(experiment: Experiment, document: Document, *, read: bool = False) -> Explanation:
    """Explains a checked experiment, without TensorFlow.

    Args:
        experiment: as `load` gives it.
        document: what it was loaded from.
        read: whether to read all rows, for what depends on them. Texts that have to be cut into words need Keras.

    Raises:
        ConfigError: the config does not fit the data.
        DataError: the data cannot be trained on.
    """
    with document.locating():
        known = by_reading(experiment) if read else by_glance(experiment)
        derived = tuple(derivations(experiment, known))
    complete = known.complete
    found, plain = sources(experiment, document), experiment.plain()
    named = (Derived(dotted(path), _at(plain, path), "the name of the file") for path in _of_kind(found, "derived"))
    return Explanation(
        experiment=known.experiment,
        read=read,
        derived=(*named, *derived),
        implied={path: (_at(plain, path), found[path]) for path in _of_kind(found, "implied")},
        defaults={path: _at(plain, path) for path in _of_kind(found, "default")},
        layers=known.layers,
        complete=complete,
        memory=footprint(known.experiment, known.layers) if complete else None,
        written_out=_written_out(experiment, known),
    )


def _written_out(experiment: Experiment, known: Known) -> list[Any] | None:
    prepared = known.prepared
    return None if prepared is None else written_out(experiment.model, after(prepared, entry(prepared)))


def _of_kind(found: Mapping[Path, Source], kind: str) -> list[Path]:
    return [path for path, source in found.items() if source.kind == kind]


def _at(plain: Any, path: Path) -> Any:
    for part in path:
        plain = plain[part]
    return plain
