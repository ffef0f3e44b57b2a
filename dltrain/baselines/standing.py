"""How a network stands beside simple models: the baselines of a fit, and the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dltrain.baselines.base import Baseline, Guess
from dltrain.baselines.boosting import GradientBoosting
from dltrain.baselines.constant import Constant, Naive
from dltrain.baselines.linear import Linear
from dltrain.baselines.trial import NoBaseline, Trial
from dltrain.baselines.verdict import Compared, Verdict
from dltrain.evaluation.intervals import Interval, Score, difference
from dltrain.evaluation.measured import Measured
from dltrain.evaluation.scores import Scorer, metrics_to_report, resampling_of
from dltrain.experiment import Experiment
from dltrain.preparation import Materials, PreparedSplit

if TYPE_CHECKING:
    import numpy as np

_BASELINES: tuple[Baseline, ...] = (Constant(), Naive(), Linear(), GradientBoosting())


@dataclass(frozen=True)
class Standing:
    """What baselines come to on the held-out rows.

    Attributes:
        baselines: of each by its name ``text``, ``scores`` and ``intervals``, for ``metrics.json``.
        verdict: None where no rows are held out, or where no baselines are asked for.
        notes: which baselines there are not, and why.
    """

    baselines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    verdict: Verdict | None = None
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The verdict, for the log."""
        return [f"verdict: {self.verdict.text}"] if self.verdict else []

    def plain(self) -> dict[str, Any]:
        """For ``metrics.json``."""
        return {"baselines": dict(self.baselines), "verdict": self.verdict and self.verdict.plain()}


def held_split(prepared: Mapping[str, PreparedSplit]) -> str | None:
    """The split that baselines are scored on: test, else validation; None where neither has rows."""
    return next((name for name in ("test", "validation") if name in prepared), None)


def standing(
    materials: Materials,
    scorer: Scorer,
    network: Measured,
    weights: np.ndarray | None,
    *,
    tell: Callable[[str], None] = lambda _: None,
) -> Standing:
    """Computes the baselines that the config asks for.

    Args:
        materials: whose held-out rows were scored.
        scorer: of the network.
        network: what it comes to on these rows.
        weights: what each training row counts for the network, (rows,); None where all count the same.
        tell: is told what is computed.
    """
    split, assembly = held_split(materials.prepared), materials.assembly
    wanted = [one for one in _BASELINES if one.usual or assembly.experiment.baselines == "all"]
    if split is None or assembly.experiment.baselines == "none":
        return Standing()
    trial = Trial(assembly, materials.prepared["train"], materials.prepared[split], weights, split)
    found: dict[str, _Scored] = {}
    notes = []
    for baseline in wanted:
        if not baseline.applies(trial):
            continue
        name = baseline.name(trial)
        tell(f"baseline: {name.replace('_', ' ')}")
        try:
            found[name] = _scored(trial, scorer, baseline.guess(trial))
        # What a library cannot compute is no reason to lose a training.
        except (NoBaseline, ValueError, ArithmeticError, MemoryError) as error:
            notes.append(f"no {name.replace('_', ' ')}: {error}")
    return Standing(
        {name: scored.plain() for name, scored in found.items()},
        _verdict(trial, scorer, network, found),
        tuple(notes),
    )


@dataclass(frozen=True)
class _Scored:
    text: str
    measured: Measured

    def plain(self) -> dict[str, Any]:
        intervals = {name: list(interval) for name, interval in self.measured.intervals.items()}
        undefined = {"undefined": dict(self.measured.undefined)} if self.measured.undefined else {}
        return {"text": self.text, "scores": self.measured.scores, "intervals": intervals, **undefined}


def _scored(trial: Trial, scorer: Scorer, guess: Guess) -> _Scored:
    held = trial.held
    measured = scorer.measure(trial.outputs(guess.found), held.values, held.extras, intervals=True)
    return _Scored(guess.text, measured)


def main_score(experiment: Experiment) -> str:
    """The score that decides: what a completed experiment monitors, else its first metric."""
    watched = experiment.monitor or [*experiment.metric_names, "loss"][0]
    return watched.removeprefix("val_")


def _verdict(trial: Trial, scorer: Scorer, network: Measured, found: Mapping[str, _Scored]) -> Verdict:
    experiment = trial.assembly.experiment
    metric = main_score(experiment)
    compared = Compared(metric, trial.split, experiment.mode(metric))
    best = compared.best({name: scored.measured.scores.get(metric) for name, scored in found.items()})
    own = network.scores.get(metric)
    if best is None or own is None:
        reason = network.undefined.get(metric, "there is none")
        return compared.undefined(f"{metric} is not defined for these {trial.split} rows: {reason}")
    scored = found[best]
    interval = _apart(trial, scorer, metric, (network, scored.measured))
    return compared.said(own, (best, scored.text, scored.measured.scores[metric]), interval)


def _apart(trial: Trial, scorer: Scorer, metric: str, pair: tuple[Measured, Measured]) -> Interval:
    """The 95 % interval of the difference of two models' scores, from the same resamples of the rows for both."""
    own, other = (_score(trial, scorer, metric, measured) for measured in pair)
    if own is None or other is None or len(trial.held.inputs) < 2:
        return math.nan, math.nan
    first, second = pair
    resampling = resampling_of(trial.assembly, first.predictions)
    return difference((own, first.predictions), (other, second.predictions), resampling)


def _score(trial: Trial, scorer: Scorer, metric: str, measured: Measured) -> Score | None:
    """What the metric's name stands for; None where it has no resamples."""
    if metric == "loss":
        outputs = trial.outputs_of(measured.predictions)
        return scorer.row_losses(outputs, trial.held.values, measured.scores["loss"]).get(metric)
    return next((spec for spec in metrics_to_report(trial.assembly) if spec.name == metric), None)
