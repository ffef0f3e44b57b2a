"""A learning rate that stays."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dltrain.schedules.base import Horizon, ScheduleSpec

LearningRate = Annotated[float, Field(gt=0, le=1000)]


class Constant(ScheduleSpec):
    """The same learning rate for every step."""

    type: Literal["constant"] = "constant"
    learning_rate: LearningRate

    def build(self, horizon: Horizon) -> float:
        """The number itself, which callbacks such as plateau can change."""
        return self.learning_rate
