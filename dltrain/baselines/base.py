"""What every baseline has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dltrain.baselines.trial import Trial

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Guess:
    """What a baseline says of the held-out rows.

    Attributes:
        text: what messages call it, with what it was learned from: ``logistic regression on 10,000 of 60,000 rows``.
        found: probabilities (rows, classes) or (rows, labels), or values in the target's unit (rows, values).
    """

    text: str
    found: np.ndarray


class Baseline(ABC):
    """A model that is so simple that a network which is no better has learned nothing of use."""

    usual: ClassVar[bool] = True
    """Whether it is computed without being asked for."""

    @abstractmethod
    def name(self, trial: Trial) -> str:
        """What the record calls it, such as ``majority_class``."""

    def applies(self, trial: Trial) -> bool:
        """Whether it has a meaning for such rows."""
        return True

    @abstractmethod
    def guess(self, trial: Trial) -> Guess:
        """Learns from the training rows and predicts the held-out ones.

        Raises:
            NoBaseline: it cannot be computed; the message says why.
        """
