"""Going on with a run: what it was, what has changed since, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dltrain.coach.finding import read_findings
from dltrain.comparison import flat
from dltrain.errors import RunError, UsageError
from dltrain.experiment import Experiment
from dltrain.preparation import Materials
from dltrain.record import record_experiment
from dltrain.result import Result
from dltrain.runs.checkpoints import Checkpoint, CheckpointStore
from dltrain.runs.directory import RunDirectory, now
from dltrain.runs.files import read_json
from dltrain.runtime.start import Runtime
from dltrain.schedules.base import Horizon
from dltrain.spec.document import Document
from dltrain.training.observer import Observer
from dltrain.training.state import Place

_FREE = ("name", "trainer.epochs", "trainer.checkpoint_seconds", "baselines", "expect", "runtime")
"""Settings that may change without a word: they do not decide what a step computes, or are compared as facts."""

_FACTS = (
    *("backend", "device", "device_name", "instructions", "precision", "threads", "intra_op_threads"),
    *("deterministic", "onednn"),
    "versions",
)
"""Of the runtime, what decides the last bits of a result."""

_MEASURED = ("scores", "intervals", "undefined", "classes", "shown", "baselines", "verdict")
"""What a result takes from ``metrics.json``."""


@dataclass(frozen=True)
class Past:
    """What a run directory says of a run that is to go on.

    Attributes:
        run: the directory.
        settings: of ``experiment.yaml``, plain.
        manifest: of ``manifest.json``.
    """

    run: RunDirectory
    settings: Mapping[str, Any]
    manifest: Mapping[str, Any]

    @classmethod
    def of(cls, run: RunDirectory) -> Past:
        """Reads the record of a single run.

        Raises:
            RunError: it is damaged.
        """
        manifest = read_json(run.manifest)
        if not isinstance(manifest, dict):
            raise RunError(f"{run.manifest} is damaged; start again with dltrain fit {run.config}")
        return cls(run, Document.read(run.experiment).values, manifest)

    def finished(self, epochs: int) -> str | None:
        """Why there is nothing to do up to so many epochs; None where there is."""
        if self.manifest.get("status") != "completed":
            return None
        done, planned = int(self.manifest["epochs"]), int(self.settings["trainer"]["epochs"])
        if done < planned:
            return f"it stopped early after epoch {done} of {planned}, as it would have with more"
        more = f"--set trainer.epochs={2 * done}"
        return f"{done} epochs are done; ask for more with {more}" if epochs <= done else None

    @property
    def result(self) -> Result:
        """Of a run that is complete."""
        runtime, ends = self.manifest["runtime"], [self.manifest[name] for name in ("started", "ended")]
        started, ended = map(datetime.fromisoformat, ends)
        epochs, best = self.manifest["epochs"], self.manifest["best_epoch"]
        seconds, recorded = (ended - started).total_seconds(), read_json(self.run.metrics)
        measured = {name: recorded[name] for name in _MEASURED if name in recorded}
        measured["findings"] = read_findings(recorded.get("findings"))
        return Result(self.run, epochs, best, seconds, runtime["device"], runtime["backend"], **measured)

    def checkpoint(self, observer: Observer) -> Checkpoint | None:
        """The newest whole checkpoint; None for a run that was stopped before its first.

        Raises:
            RunError: there were some, and none is whole.
        """
        store = CheckpointStore(self.run.checkpoints)
        found = store.newest()
        for line in store.damaged:
            observer.note(f"passed over a damaged checkpoint: {line}")
        if found is None and (store.damaged or self.run.history.exists()):
            where = f"{self.run.checkpoints} holds no whole checkpoint"
            raise RunError(f"{where}, so {self.run} cannot go on; start again with dltrain fit {self.run.config}")
        return found

    def pinned(self, experiment: Experiment) -> Experiment:
        """The experiment with the threads and kernels that the run had, where it does not say which."""
        runtime, then = experiment.runtime, self.manifest["runtime"]
        names = ["threads", *(["intra_op_threads", "onednn"] if runtime.backend == "tensorflow" else [])]
        pinned = {name: then.get(name) for name in names if getattr(runtime, name) is None}
        return experiment.completed(runtime=runtime.model_copy(update=pinned))

    def changes(self, materials: Materials, started: Runtime, *, force: bool) -> list[str]:
        """What is not as it was when the run began, a line each.

        Raises:
            UsageError: there is some, and `force` is not set.
        """
        were = {**flat(self.settings), **self._facts(self.manifest["runtime"])}
        are = {**flat(materials.assembly.experiment.plain()), **self._facts(started.plain())}
        found = [
            f"{name}: was {were.get(name)}, is {are.get(name)}"
            for name in {**were, **are}
            if not _is_free(name) and were.get(name) != are.get(name)
        ]
        today = {"dataset": materials.dataset.fingerprint, "splits": materials.splits.fingerprint}
        then = {name: self.manifest[name]["fingerprint"] for name in today}
        found += [f"{name}: not the rows of then" for name in today if then[name] != today[name]]
        if found and not force:
            head = f"{self.run} cannot go on to the same result, since this has changed:"
            raise UsageError("\n  ".join([head, *found]) + "\nchange it back, or go on all the same with --force")
        return found

    def refuse_fewer(self, epochs: int, checkpoint: Checkpoint | None) -> None:
        """Raises UsageError where the run is already past so many epochs."""
        if checkpoint is None:
            return
        reached = int(checkpoint.state["epochs"]) + bool(checkpoint.state["steps"])
        if epochs < reached:
            raise UsageError(f"{self.run} is already in epoch {reached}; ask for as many at least, not for {epochs}")

    def record(self, experiment: Experiment, checkpoint: Checkpoint | None, changes: list[str]) -> None:
        """Writes that the run goes on, from where, and with what it was forced to."""
        record_experiment(self.run, experiment)
        place = _place(checkpoint)
        stopped, reached = self.manifest.get("ended"), {"epochs": place.epochs, "steps": place.steps}
        again = {"at": now(), "stopped": stopped, "from": reached, "forced": changes}
        resumed = [*self.manifest.get("resumed", []), again]
        self.run.update_manifest(status="running", ended=None, error=None, resumed=resumed)

    def notes(
        self, experiment: Experiment, horizon: Horizon, checkpoint: Checkpoint | None, changes: list[str]
    ) -> Iterator[str]:
        """What is said before the first step: from where, what was forced, what more epochs do to a schedule."""
        place = _place(checkpoint)
        yield f"going on {place}" if checkpoint else "no step had been done; beginning"
        yield from (f"forced: {change}" for change in changes)
        planned, schedule = int(self.settings["trainer"]["epochs"]), experiment.optimizer.learning_rate
        if horizon.epochs == planned:
            return
        steps = place.epochs * horizon.steps_per_epoch + place.steps
        rates = [schedule.build(Horizon(horizon.steps_per_epoch, epochs)) for epochs in (planned, horizon.epochs)]
        if not any(map(callable, rates)):
            return
        then, today = (float(rate(steps)) if callable(rate) else rate for rate in rates)
        change = f"goes on from {today:.4g}" if today == then else f"jumps from {then:.4g} to {today:.4g}"
        spans = f"now spans {horizon.epochs} epochs, not {planned}"
        yield f"the schedule {schedule.type} {spans}; the learning rate {change}"

    @staticmethod
    def _facts(runtime: Mapping[str, Any]) -> dict[str, Any]:
        return flat({name: runtime.get(name) for name in _FACTS})


def _place(checkpoint: Checkpoint | None) -> Place:
    return Place(checkpoint.state["epochs"], checkpoint.state["steps"]) if checkpoint else Place()


def _is_free(name: str) -> bool:
    return any(name == free or name.startswith(f"{free}.") for free in _FREE)
