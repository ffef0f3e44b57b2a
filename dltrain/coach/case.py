"""What the coach looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dltrain.assemble import Assembly
from dltrain.coach.course import Course
from dltrain.evaluation.measured import Measured
from dltrain.experiment import Experiment
from dltrain.preparation import Materials


@dataclass(frozen=True)
class Case:
    """A fit that has ended.

    Attributes:
        materials: rows, splits, audit, and the model with the kept weights.
        course: of loss and metrics.
        measured: what is known of the kept weights on each split.
        held: the split that scores are judged on; None where all rows were trained on.
        verdict: on network and baselines, as ``metrics.json`` has it; None where there is none.
        weighted: whether training rows count differently.
    """

    materials: Materials
    course: Course
    measured: Mapping[str, Measured] = field(default_factory=dict)
    held: str | None = None
    verdict: Mapping[str, Any] | None = None
    weighted: bool = False

    @property
    def assembly(self) -> Assembly:
        """What was trained."""
        return self.materials.assembly

    @property
    def experiment(self) -> Experiment:
        """Completed."""
        return self.assembly.experiment
