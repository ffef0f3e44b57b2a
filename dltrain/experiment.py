"""The whole config, and the rules between its sections."""

import operator
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.callbacks.base import MonitoringSpec
from dltrain.data.base import DatasetSpec
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import CLASSIFICATION, REGRESSION, MetricSpec, separate_names
from dltrain.models.base import ModelSpec
from dltrain.optimizers.base import OptimizerSpec
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import settle
from dltrain.runtime.settings import RuntimeSpec
from dltrain.schedules.base import Horizon
from dltrain.signature import STRING, Feature
from dltrain.spec.family import type_name
from dltrain.spec.fields import Seed, Sequence
from dltrain.spec.problems import Path, Problem, SpecError, below, one_of, suggestion
from dltrain.spec.section import Section
from dltrain.splits.base import SplitsSpec
from dltrain.tasks.base import TaskSpec
from dltrain.trainer import TrainerSpec

SPLITS = ("train", "validation", "test")
_BOUND = re.compile(r"(>=|<=|>|<)\s*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\Z")
_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


def _bound(value: Any) -> str:
    if isinstance(value, str) and _BOUND.match(value):
        return str(value)
    text = 'expected a bound such as ">= 0.99" or "< 12.5", in quotes'
    raise PydanticCustomError("setting", "{text}", {"text": text})


def meets(score: float | None, bound: str) -> bool:
    """Whether a score keeps a bound such as ``>= 0.99``; an undefined score keeps none."""
    sign, limit = _BOUND.match(bound).groups()  # type: ignore[union-attr]
    return score is not None and bool(_COMPARE[sign](score, float(limit)))


def _meant(score: str, known: list[str]) -> str:
    """``; did you mean 'val_mean_squared_error'?`` for ``val_mse`` or for a near name."""
    prefix = "val_" if score.startswith("val_") else ""
    metric = MetricSpec.choices().get(score.removeprefix(prefix))
    name = f"{prefix}{type_name(metric)}" if metric else score
    return suggestion(name, known)


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
        metrics: what is watched while training; by default the task's. The final scores include
            the task's usual ones in any case.
        trainer: how long and in what steps.
        runtime: device, backend, precision and threads.
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
    runtime: RuntimeSpec = Field(default_factory=RuntimeSpec)
    expect: dict[str, Annotated[str, BeforeValidator(_bound)]] = Field(default_factory=dict)

    def find_problems(self) -> Iterator[Problem]:
        """Mistakes between sections that need no data to be seen."""
        for problem in self.dataset.find_problems():
            yield Problem(problem.message, ("dataset", *problem.path), key=problem.key)
        if self.splits.scatters and (stride := self.dataset.stride_without_overlap):
            kind = self.splits.type
            text = f"{kind} puts windows that share rows into different splits, so training sees what is scored"
            yield Problem(f"{text}; write time or group, or `dataset.window.stride: {stride}`", ("splits",))
        yield from self._task_problems()
        yield from self._weight_problems()
        yield from self._monitor_problems()
        yield from self._trainer_problems()
        yield from self._expect_problems()

    def settle(self, features: Iterable[Feature]) -> dict[str, FeatureSpec]:
        """How each feature of the data is prepared.

        Raises:
            SpecError: one cannot be, as asked or on this backend.
        """
        found = tuple(features)
        with below("dataset", "features"):
            policy, sequences = self.dataset.missing_policy, self.model.reads_sequences
            settled = settle(found, self.dataset.feature_specs, policy, reads_sequences=sequences)
        strings = [feature.name for feature in found if feature.dtype == STRING]
        if strings and self.runtime.backend != "tensorflow":
            text = f"'{strings[0]}' holds strings, and Keras's layers for strings need TensorFlow"
            raise SpecError.at("runtime.backend", f"{text}; write tensorflow, or numbers in the place of strings")
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

    def _task_problems(self) -> Iterator[Problem]:
        if self.task is None:
            return
        task = self.task.type
        if self.loss is not None and task not in self.loss.tasks:
            fitting = [
                name for name, loss in LossSpec.choices().items() if task in loss.tasks and name not in loss.aliases
            ]
            yield Problem(f"'{self.loss.type}' does not fit {task}; use {one_of(fitting, limit=6)}", ("loss",))
        for index, metric in enumerate(self.metrics or ()):
            if task not in metric.tasks:
                fitting = [
                    name
                    for name, known in MetricSpec.choices().items()
                    if task in known.tasks and name not in known.aliases
                ]
                yield Problem(
                    f"'{metric.name}' does not fit {task}; use {one_of(fitting, limit=12)}", ("metrics", index)
                )

    def _weight_problems(self) -> Iterator[Problem]:
        if self.trainer.class_weight is not None and self.task and self.task.type not in CLASSIFICATION:
            text = f"class weights are for one class a row, and the task is {self.task.type}; delete them"
            yield Problem(f"{text}, or weigh the rows with `dataset.weight`", ("trainer", "class_weight"))

    def _monitor_problems(self) -> Iterator[Problem]:
        if self.metrics is None and self.task is None:
            return
        known = ["loss", *self.metric_names]
        known = known + [f"val_{name}" for name in known] * self.validates
        watched: list[tuple[str | None, Path]] = [(self.trainer.monitor, ("trainer", "monitor"))]
        watched += [
            (callback.monitored, ("trainer", "callbacks", index))
            for index, callback in enumerate(self.trainer.callbacks)
        ]
        for monitor, path in watched:
            if monitor is not None and monitor not in known:
                reason = (
                    ", since there is no validation split" if monitor.startswith("val_") and not self.validates else ""
                )
                yield Problem(f"'{monitor}' is not computed{reason}; use {one_of(known)}{_meant(monitor, known)}", path)

    def _trainer_problems(self) -> Iterator[Problem]:
        schedule = self.optimizer.learning_rate.type
        if self.optimizer.use_ema and self.trainer.monitor:
            text = "optimizer.use_ema keeps the average of the weights, not the best epoch; delete one of the two"
            yield Problem(text, ("trainer", "monitor"))
        try:
            # The number of steps is known only with the data; durations in epochs can be checked now.
            with below("optimizer"):
                self.optimizer.check(Horizon(steps_per_epoch=1_000_000, epochs=self.trainer.epochs))
        except SpecError as error:
            yield from error.problems
        for index, callback in enumerate(self.trainer.callbacks):
            path = ("trainer", "callbacks", index)
            patience = getattr(callback, "patience", 0)
            if patience >= self.trainer.epochs > 1:
                message = f"patience {patience} is never used up in {self.trainer.epochs} epochs"
                yield Problem(f"{message}; lower it, or raise trainer.epochs", path)
            if callback.changes_learning_rate and schedule != "constant":
                message = f"it changes the learning rate, which optimizer.learning_rate already does by {schedule}"
                yield Problem(f"{message}; keep one of the two", path)
            if isinstance(callback, MonitoringSpec) and self.monitor is None and callback.monitored is None:
                yield Problem("there is no validation split to watch; write `monitor: loss`", path)

    def _expect_problems(self) -> Iterator[Problem]:
        for key in self.expect:
            split, _, score = key.partition(".")
            if split not in SPLITS or not score:
                text = f"expected a split and a score, such as test.accuracy; splits are {one_of(SPLITS)}"
                yield Problem(f"{text}{suggestion(split, SPLITS)}", ("expect", key), key=True)
            elif self.task and score not in (known := self._final_scores(self.task)):
                text = f"'{score}' is not among the final scores; they are {one_of(dict.fromkeys(known))}"
                yield Problem(f"{text}{_meant(score, known)}", ("expect", key), key=True)

    def _final_scores(self, task: TaskSpec) -> list[str]:
        compared = task.report_of_forecasts if self.dataset.forecasts else ()
        columns = self.dataset.target_columns if task.type in REGRESSION else ()
        separate = [name for metric in self.metric_names for name in separate_names(metric, columns)]
        return ["loss", *self.metric_names, *separate, *task.report, *compared]

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
