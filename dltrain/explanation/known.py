"""What is known of an experiment's data: by a glance at it, or from all of its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dltrain.assemble import Assembly
from dltrain.completion import foresee_task
from dltrain.experiment import Experiment
from dltrain.foresight import foresee
from dltrain.models.base import PlannedLayer
from dltrain.preprocessing.base import FeatureSpec, Statistics, need_keras
from dltrain.runtime.start import start
from dltrain.scratch import Scratch
from dltrain.signature import Feature, Head, SeenTarget, Target
from dltrain.study import study
from dltrain.tasks.base import possible


@dataclass(frozen=True)
class Known:
    """What is known. Whatever is not known is None, or empty.

    Attributes:
        experiment: with task, loss and metrics, where the task is known.
        reason: why the task is what it is.
        features: what raw rows hold.
        specs: how each of them is prepared.
        statistics: what was learned of each from the training rows.
        prepared: what a prepared row is, with None for lengths that are not known.
        target: what is predicted; classes and labels are empty where they are not known.
        head: the output layer, with 0 units where their number is not known.
        layers: of the training model, up to the first that lengths which are not known decide about.
        rows: of each split.
    """

    experiment: Experiment
    reason: str
    features: tuple[Feature, ...]
    specs: Mapping[str, FeatureSpec]
    statistics: Mapping[str, Statistics]
    prepared: Feature | None
    target: Target | None
    head: Head | None
    layers: tuple[PlannedLayer, ...]
    rows: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether the layers reach the output."""
        if not self.layers or not self.head:
            return False
        written = self.experiment.model.layers if self.experiment.model.has_own_output else None
        if written is None:
            return self.layers[-1].name == "output"
        return self.layers[-1].path == f"model.layers.{len(written) - 1}"


def by_glance(experiment: Experiment) -> Known:
    """What headers, first rows and names of datasets tell, without NumPy."""
    found = foresee(experiment)
    return Known(
        experiment=found.experiment,
        reason=_reason(experiment, found.glance.target),
        features=found.glance.features or (),
        specs=found.specs or {},
        statistics={},
        prepared=found.prepared,
        target=found.target,
        head=found.head,
        layers=tuple(found.plan),
        rows=found.sizes,
    )


def by_reading(experiment: Experiment) -> Known:
    """What all rows tell.

    Raises:
        SpecError: the config does not fit the data.
        DataError: the data cannot be trained on.
    """
    if need_keras((foresee(experiment).specs or {}).values()):
        # Keras imported without a start would write to the screen.
        start(experiment.runtime.model_copy(update={"device": "cpu"}), seed=experiment.seed)
    found = study(experiment, Scratch(Path(tempfile.gettempdir()), experiment.runtime.row_memory))
    assembly: Assembly = found.assembly
    return Known(
        experiment=assembly.experiment,
        reason=found.reason,
        features=assembly.preprocessing.features,
        specs=assembly.preprocessing.specs,
        statistics=assembly.preprocessing.statistics,
        prepared=assembly.preprocessing.prepared,
        target=assembly.target,
        head=assembly.head,
        layers=tuple(assembly.plan),
        rows={name: len(ids) for name, ids in found.splits.items()},
    )


def _reason(experiment: Experiment, seen: SeenTarget | None) -> str:
    """Why the task is what it is, or which it may be."""
    if experiment.task:
        return "as the config says"
    seen = seen or SeenTarget("")
    tasks = sorted(foresee_task(experiment, seen))
    if len(tasks) > 1:
        return f"{' or '.join(tasks)}, which depends on the data"
    if len(possible(seen)) == 1:
        return f"'{seen.name}' holds {_held(tasks[0], seen)}"
    decisive = f"the loss '{experiment.loss.type}' is" if experiment.loss else "the metrics are"
    return f"{decisive} for nothing else"


def _held(task: str, seen: SeenTarget) -> str:
    """What decides between tasks, as `tasks.base.derive` says it of all rows."""
    if task == "regression":
        return "real numbers" if seen.holds == "real" else "many different numbers"
    return "labels" if seen.are_classes or seen.holds == "text" else "few whole numbers"
