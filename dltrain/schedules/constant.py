"""A learning rate that stays."""

from collections.abc import Callable
from typing import Any, Literal

from typing_extensions import override

from dltrain.schedules.base import Horizon, LearningRate, ScheduleSpec


class Constant(ScheduleSpec):
    """The same learning rate for every step.

    Attributes:
        learning_rate: of every step.
    """

    type: Literal["constant"] = "constant"
    learning_rate: LearningRate

    @override
    def timing(self, horizon: Horizon) -> dict[str, Any]:
        """Nothing: it fits every run."""
        return {}

    @override
    def build(self, horizon: Horizon) -> float:
        """The number itself, which callbacks such as plateau can change."""
        return self.learning_rate


def constant(learning_rate: float) -> Callable[[], ScheduleSpec]:
    """A factory of defaults: making the section itself would build its validator at import."""
    return lambda: Constant(learning_rate=learning_rate)
