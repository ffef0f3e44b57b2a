"""The scores of a run, from a ``metrics.json`` that a stranger may have written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dltrain.digits import digits
from dltrain.metrics.base import MetricSpec

SPLITS = ("test", "validation", "train")
"""In the order in which they tell how good a model is."""

_NO_METRICS = ("rows", "loss", "confusion_matrix")
_LONGEST = 200
_LONG_NAME = 16


@dataclass(frozen=True)
class Rating:
    """A score, and how sure it is.

    Attributes:
        score: None where it is not defined.
        interval: the lowest and the highest that it may well be; None where that is not known.
        deviation: over the folds of a cross-validation; None for a single run.
    """

    score: float | None = None
    interval: tuple[float, float] | None = None
    deviation: float | None = None

    def __str__(self) -> str:
        return f"{shown(self.score)} {self.spread}".strip()

    @property
    def spread(self) -> str:
        """The interval, or the deviation, as text; nothing where neither is known."""
        if self.interval is not None:
            return f"[{shown(self.interval[0])}, {shown(self.interval[1])}]"
        return "" if self.deviation is None else f"± {shown(self.deviation)}"

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"score": self.score, "interval": self.interval, "deviation": self.deviation}


@dataclass(frozen=True)
class Ratings:
    """All scores of a run.

    Attributes:
        splits: the scores of each split by name; those of rows that a model was not trained on come first.
        metric: the main score, such as ``accuracy``: what training monitored, else the config's first metric.
        baseline: the name of the best baseline, and its main score; None where the run has none.
    """

    splits: Mapping[str, Mapping[str, Rating]] = field(default_factory=dict)
    metric: str | None = None
    baseline: tuple[str, Rating] | None = None

    @property
    def split(self) -> str | None:
        """The split that the main score is of: ``test`` where there is one."""
        return next(iter(self.splits), None)

    @property
    def main(self) -> Rating:
        """The main score."""
        return self.splits.get(self.split or "", {}).get(self.metric or "", Rating())

    def find(self, key: str) -> float | None:
        """A score such as ``test.accuracy``, or ``accuracy`` of the split that the main score is of."""
        split, _, name = key.rpartition(".")
        return self.splits.get(split or self.split or "", {}).get(name, Rating()).score


def read_ratings(metrics: Any, monitored: object) -> Ratings:
    """What ``metrics.json`` says; whatever makes no sense is left out.

    Args:
        metrics: the content of the file.
        monitored: the name of the score that training monitored, as the manifest has it.
    """
    found = mapping(metrics)
    scores = {split: values for split in SPLITS if (values := mapping(mapping(found.get("scores")).get(split)))}
    splits = {
        split: {name: _rating(found, split, name) for name in scores[split] if _is_score(name)} for split in scores
    }
    if not splits:
        return Ratings()
    split = next(iter(splits))
    wanted = [mapping(found.get("verdict")).get("metric"), str(monitored or "").removeprefix("val_")]
    metric = next((name for name in [*wanted, *_by_rank(splits[split])] if name in splits[split]), None)
    baseline = _best_baseline(found, metric) if metric and split != "train" else None
    return Ratings(splits, metric, baseline)


def smaller_is_better(metric: str) -> bool:
    """Whether a score is an error: the mode of its metric; whatever is no metric, such as the loss, is one.

    The score of one of several targets has the name of the metric and of the target, such as ``r2_score_price``.
    """
    parts = metric[:_LONGEST].split("_")
    for length in range(len(parts), 0, -1):
        if member := MetricSpec.member("_".join(parts[:length])):
            return member.mode == "min"
    return not metric.startswith("top_")


def short_name(metric: str) -> str:
    """Its alias where a metric has a long name: ``rmse`` for ``root_mean_squared_error``."""
    member = MetricSpec.member(metric) if len(metric) > _LONG_NAME else None
    return member.aliases[0] if member and member.aliases else metric


def shown(value: float | None) -> str:
    """A score as people read it; ``-`` for none."""
    return "-" if value is None else digits(value)


def _by_rank(scores: Mapping[str, Rating]) -> list[str]:
    """The metrics in their order, then the loss."""
    return [*(name for name in scores if name != "loss"), "loss"]


def _is_score(name: str) -> bool:
    return name == "loss" or name not in _NO_METRICS


def _rating(metrics: Mapping[str, Any], split: str, name: str) -> Rating:
    values = [mapping(mapping(metrics.get(key)).get(split)).get(name) for key in ("scores", "intervals", "deviation")]
    return Rating(number(values[0]), _interval(values[1]), number(values[2]))


def _best_baseline(metrics: Mapping[str, Any], metric: str) -> tuple[str, Rating] | None:
    rated = {}
    for name, values in mapping(metrics.get("baselines")).items():
        score = number(mapping(mapping(values).get("scores")).get(metric))
        if score is not None:
            rated[line(name).replace("_", " ")] = Rating(
                score, _interval(mapping(mapping(values).get("intervals")).get(metric))
            )
    if not rated:
        return None
    sign = 1.0 if smaller_is_better(metric) else -1.0
    best = min(rated, key=lambda name: sign * (rated[name].score or 0.0))
    return best, rated[best]


def _interval(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = map(number, value)
    return None if low is None or high is None else (low, high)


def mapping(value: Any) -> dict[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def number(value: Any) -> float | None:
    """The value where it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def line(value: object) -> str:
    """The value as one line of no great length."""
    text = " ".join(str(value)[: 4 * _LONGEST].split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
