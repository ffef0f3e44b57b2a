"""The whole config."""

import operator
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.data.base import DatasetSpec
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import MetricSpec
from dltrain.models.base import ModelSpec
from dltrain.optimizers.base import OptimizerSpec
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import settle
from dltrain.runtime.settings import RuntimeSpec
from dltrain.signature import Feature
from dltrain.spec.fields import Seed, Sequence, Written
from dltrain.spec.problems import SpecError, below
from dltrain.spec.section import Section
from dltrain.splits.base import SplitsSpec
from dltrain.tasks.base import TaskSpec
from dltrain.trainer import TrainerSpec

SPLITS = ("train", "validation", "test")
_BOUND = re.compile(r"(>=|<=|>|<)\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\Z")
_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


_Bounds = Written(
    dict[
        Annotated[str, Field(pattern=rf"^({'|'.join(SPLITS)})\..")],
        Annotated[str, Field(pattern=r"^(>=|<=|>|<)\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$")],
    ]
)


def _bound(value: Any) -> str:
    if isinstance(value, str) and _BOUND.match(value):
        return str(value)
    text = 'expected a bound such as ">= 0.99" or "< 12.5", in quotes'
    raise PydanticCustomError("setting", "{text}", {"text": text})


def meets(score: float | None, bound: str) -> bool:
    """Whether a score keeps a bound such as ``>= 0.99``; an undefined score keeps none."""
    sign, limit = bound_of(bound)
    return score is not None and bool(_COMPARE[sign](score, limit))


def bound_of(bound: str) -> tuple[str, float]:
    """``(">=", 0.99)`` of ``>= 0.99``."""
    sign, limit = _BOUND.match(bound).groups()  # type: ignore[union-attr]
    return sign, float(limit)


class Experiment(Section):
    """One experiment.

    Attributes:
        name: of the folder of its runs; by default the config file's name.
        seed: decides splits, initial weights, batch orders and dropout.
        dataset: where the rows come from.
        splits: which rows train, validate and test.
        task: what is predicted; by default derived from the target.
        model: the network.
        loss: what training makes small; by default the task's.
        optimizer: how weights follow gradients.
        metrics: what is watched while training, such as ``[accuracy, f1_macro]``; by default the task's. The
            final scores include the task's usual ones in any case.
        trainer: how long and in what steps.
        runtime: device, backend, precision and threads; ``auto`` is the same as nothing.
        baselines: simple models that are scored on the same rows as the network: ``usual`` for the most frequent
            class, the mean or the naive forecast, and a linear model; ``all`` for gradient boosting too; ``none``.
        expect: bounds on final scores, such as ``test.accuracy: ">= 0.99"``; exit code 1 where missed.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)]
    seed: Seed = 42
    dataset: DatasetSpec
    splits: SplitsSpec = Field(default_factory=lambda: SplitsSpec.choose("auto"))
    task: TaskSpec | None = None
    model: ModelSpec
    loss: LossSpec | None = None
    optimizer: OptimizerSpec = Field(default_factory=lambda: OptimizerSpec.choose("adam"))
    metrics: Annotated[tuple[MetricSpec, ...], Sequence, Field(max_length=50)] | None = None
    trainer: TrainerSpec = Field(default_factory=TrainerSpec)
    runtime: Annotated[RuntimeSpec, Written(Literal["auto"] | RuntimeSpec)] = Field(default_factory=RuntimeSpec)
    baselines: Literal["usual", "all", "none"] = "usual"
    expect: Annotated[dict[str, Annotated[str, BeforeValidator(_bound)]], _Bounds] = Field(default_factory=dict)

    def settle(self, features: Iterable[Feature]) -> dict[str, FeatureSpec]:
        """How each feature of the data is prepared.

        Raises:
            SpecError: one cannot be, as asked or on this backend.
        """
        found = tuple(features)
        with below("dataset", "features"):
            policy, sequences = self.dataset.missing_policy, self.model.reads_sequences
            settled = settle(found, self.dataset.feature_specs, policy, reads_sequences=sequences)
        for name, spec in settled.items():
            if self.runtime.backend != "tensorflow" and (reason := spec.needs_tensorflow):
                raise SpecError.at("runtime.backend", f"'{name}' {reason}")
        return settled

    @property
    def metric_names(self) -> list[str]:
        """The metrics of the config, or the task's; none where the task is not known yet."""
        if self.metrics is not None:
            return [metric.name for metric in self.metrics]
        return list(self.task.default_metrics) if self.task else []

    @property
    def extras(self) -> tuple[str, ...]:
        """The columns of the data that serve neither as features nor as target."""
        weight = self.dataset.weight_column
        return tuple(dict.fromkeys([*self.splits.columns, *([weight] if weight else [])]))

    @property
    def validates(self) -> bool:
        """Whether a validation split exists, as far as the config says."""
        return self.splits.validation != "none"

    @property
    def monitor(self) -> str | None:
        """The score that the best epoch has the best of; None to keep the last epoch."""
        if self.trainer.monitor:
            return self.trainer.monitor
        first = [*self.metric_names, "loss"][0]
        return f"val_{first}" if self.validates else None

    @property
    def kept_by(self) -> str | None:
        """The score that decides which epoch's weights are kept; None to keep the last ones.

        An average of the weights exists only at the end.
        """
        return None if self.optimizer.use_ema else self.monitor

    def mode(self, score: str) -> str:
        """``max`` where a large `score` is good, else ``min``."""
        name = score.removeprefix("val_")
        metric = MetricSpec.choices().get(name)
        return metric.mode if metric else "min"

    def completed(self, **found: Any) -> Self:
        """A copy in which what was derived from the data is written out."""
        return self.model_copy(update=found)

    def with_features(self, specs: Mapping[str, FeatureSpec]) -> Self:
        """A copy in which is written out how features are prepared that the model had a say in."""
        given, policy = self.dataset.feature_specs, self.dataset.missing_policy
        written = {name: given.get(name) or FeatureSpec.choose(spec.type) for name, spec in specs.items()}
        derived = {name: spec for name, spec in specs.items() if spec != written[name].with_policy(policy)}
        features = {**self.dataset.features, **derived}
        return self.completed(dataset=self.dataset.model_copy(update={"features": features}))
