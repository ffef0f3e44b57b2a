"""The story of a smoke test: two batches of every stage of a fit, in a run directory that nobody keeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dltrain.assemble import Assembly
from dltrain.data.source import Dataset
from dltrain.errors import InterruptedRunError
from dltrain.evaluation.measured import recorded
from dltrain.evaluation.scores import Scorer
from dltrain.experiment import Experiment
from dltrain.foresight import foresee
from dltrain.preparation import Materials, prepare
from dltrain.record import finish, record, take_weights
from dltrain.runs.directory import RunDirectory, create
from dltrain.runs.writing import OpenRun, locked, writing
from dltrain.runtime.start import start
from dltrain.schedules.base import Horizon
from dltrain.scratch import Scratch
from dltrain.smoke.reloading import Reloaded, raw_rows
from dltrain.smoke.rows import FewRows, few_of_each, few_rows
from dltrain.smoke.stages import Stages
from dltrain.spec.document import Document
from dltrain.study import study
from dltrain.training.loop import Loop
from dltrain.training.observer import Observer
from dltrain.workflow import batches
from dltrain.workload import steps_per_execution

if TYPE_CHECKING:
    import numpy as np

BATCHES = 2
_BATCHES_READ = 20
_LEAST_READ = 2000
_PREDICTED = 32
_MANY_STEPS = 10**6
"""Of an epoch whose rows were not counted; a schedule that is too long for a fit was refused before."""


def smoke(experiment: Experiment, document: Document, folder: Path, stages: Stages) -> dict[str, int]:
    """Reads a few rows, trains and validates on two batches, evaluates, saves, opens what was saved, and predicts.

    Of several folds, the first one. Scores mean nothing here, so that what the config expects of them, and baselines,
    are left out.

    Args:
        experiment: as `load` gives it.
        document: places what is found wrong with the experiment.
        folder: a run directory is made in it.
        stages: is told of every stage.

    Returns:
        How many rows of each split were used.

    Raises:
        DltrainError: the subclass says what kind of failure it is.
    """
    with stages("read"):
        # Any kernels will do, so that one process can try configs that ask for others.
        spec = experiment.runtime.model_copy(update={"onednn": None})
        started = start(spec, seed=experiment.seed)
        with document.locating():
            materials, horizon = _materials(experiment, Scratch(folder, experiment.runtime.row_memory))
    with stages("build"), document.locating():
        _build(materials, horizon)
    run = create(folder, experiment.name)
    try:
        with locked(run), writing(run) as opened:
            record(run, document, materials, started)
            outputs = _trained(materials, opened, stages)
    except InterruptedRunError:
        raise InterruptedRunError("interrupted") from None
    _used(materials, run, outputs, stages)
    return {name: len(ids) for name, ids in materials.splits.items()}


def shrunk(experiment: Experiment) -> Experiment:
    """The same for one epoch of two batches: with one fold, and splits of no more rows than that takes."""
    enough, splits = BATCHES * experiment.trainer.batch_size, [*experiment.splits.repeats, experiment.splits][0]
    given = {name: getattr(splits, name, None) for name in ("validation", "test")}
    fewer = {name: enough for name, share in given.items() if isinstance(share, int) and share > enough}
    return experiment.completed(
        splits=splits.model_copy(update=fewer),
        trainer=experiment.trainer.model_copy(update={"epochs": 1}),
        baselines="none",
        expect={},
    )


def _materials(experiment: Experiment, scratch: Scratch) -> tuple[Materials, Horizon]:
    """Prepared rows, and how long a real training would be.

    Statistics of the features are those of all training rows that were read.
    """
    batch, cut = experiment.trainer.batch_size, list[FewRows]()

    def load(small: Experiment) -> Dataset:
        dataset, found = few_rows(small.dataset.load(small.extras), max(_BATCHES_READ * batch, _LEAST_READ))
        cut.extend(found)
        return dataset

    known = study(shrunk(experiment), scratch, load=load)
    rows = foresee(experiment).sizes.get("train", 0 if any(part.cut for part in cut) else len(known.splits.train))
    splits = few_of_each(known.splits, _classes(known.assembly, known.dataset), BATCHES * batch)
    prepared = prepare(known.assembly, known.dataset, splits, scratch)
    materials = Materials(known.assembly, known.dataset, splits, known.reason, known.findings, prepared)
    return materials, Horizon(-(-rows // batch) or _MANY_STEPS, experiment.trainer.epochs)


def _classes(assembly: Assembly, dataset: Dataset) -> np.ndarray | None:
    """The class of every row that was read; None where rows have none."""
    import numpy as np

    if not assembly.target.classes:
        return None
    targets = [rows.target for source in dataset.parts.values() for rows in source.chunks() if rows.target is not None]
    found: np.ndarray = assembly.task.encode(np.concatenate(targets), assembly.target, "index")
    return found


def _build(materials: Materials, horizon: Horizon) -> None:
    assembly = materials.assembly
    steps = len(batches(materials, "train"))
    assembly.compile(horizon, steps_per_execution=steps_per_execution(assembly.experiment, assembly.plan, steps))
    take_weights(assembly)


def _trained(materials: Materials, run: OpenRun, stages: Stages) -> np.ndarray:
    """Trains, evaluates and saves; returns the outputs for the last split, (rows, units)."""
    assembly = materials.assembly
    with stages("train"):
        training, validation = batches(materials, "train"), batches(materials, "validation")
        ended = Loop(assembly, training, validation or None, run=run, observer=Observer())()
    with stages("evaluate"):
        name, split = list(materials.prepared.items())[-1]
        scorer = Scorer(assembly)
        outputs = scorer.outputs(split.inputs)
        measured = scorer.measure(outputs, split.values, split.extras, intervals=True)
    with stages("save"):
        finish(run.directory, assembly, recorded({name: measured}), epochs=ended.epochs, best_epoch=ended.best_epoch)
    return outputs


def _used(materials: Materials, run: RunDirectory, outputs: np.ndarray, stages: Stages) -> None:
    """Opens what was saved, and predicts the rows of the last split from their raw values."""
    with stages("reload"):
        reloaded = Reloaded(run)
    with stages("predict"):
        ids = materials.splits.items()[-1][1][:_PREDICTED]
        reloaded.check(raw_rows(materials.dataset, ids), outputs[:_PREDICTED], materials.dataset.origin)
