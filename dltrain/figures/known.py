"""What a record tells that can be drawn; a stranger may have written it, and parts of it may not be there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dltrain.errors import DltrainError
from dltrain.evaluation.stored import read_stored
from dltrain.evidence.record import Evidence, read_evidence
from dltrain.figures.canvas import counted
from dltrain.metrics.base import Predictions
from dltrain.opening import open_assembly, read_history
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import read_arrays, read_json
from dltrain.runs.rating import mapping

if TYPE_CHECKING:
    from dltrain.assemble import Assembly

_MOST_HISTORY_BYTES = 8 << 20


@dataclass(frozen=True)
class Held:
    """Predictions of rows that were not trained on.

    Attributes:
        split: ``test`` or ``validation``.
        predictions: of its rows.
    """

    split: str
    predictions: Predictions

    @property
    def names(self) -> tuple[str, ...]:
        """Of its classes or labels."""
        return self.predictions.classes or self.predictions.labels

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.predictions.truth)

    @property
    def shown(self) -> str:
        """``1,000 test rows``."""
        return counted(self.rows, f"{self.split} row")

    @property
    def scored(self) -> tuple[Any, Any] | None:
        """For each class or label whether a row has it, and a score that is higher the more it is held for true.

        Returns:
            bool (rows, kinds) and float64 (rows, kinds), of two classes only for the second; None where outputs were
            not kept, or numbers are predicted.
        """
        import numpy as np

        found, outputs = self.predictions, self.predictions.probabilities
        if outputs is None or not self.names:
            return None
        if found.labels:
            return found.truth == 1, outputs
        if len(found.classes) == 2:
            return (found.truth == 1)[:, None], (outputs if outputs.ndim == 1 else outputs[:, 1])[:, None]
        return found.truth[:, None] == np.arange(len(found.classes)), outputs


class Known:
    """Each part of a record, read when it is first asked for; None or empty where it is not there, or damaged."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Of what there is."""
        with suppress(DltrainError):
            return mapping(read_json(self.run.manifest))
        return {}

    @cached_property
    def assembly(self) -> Assembly | None:
        """Without weights."""
        with suppress(DltrainError):
            return open_assembly(self.run)
        return None

    @cached_property
    def history(self) -> Mapping[str, Sequence[float]]:
        """Loss and metrics of every epoch."""
        with suppress(DltrainError, OSError):
            if os.lstat(self.run.history).st_size <= _MOST_HISTORY_BYTES:
                return read_history(self.run)
        return {}

    @cached_property
    def held(self) -> Held | None:
        """Predictions of the test rows, or of the validation rows where there are no test rows."""
        for split in ("test", "validation"):
            path = self.run.predictions(split)
            if path.is_file() and (assembly := self.assembly) is not None:
                with suppress(DltrainError, ValueError):
                    return Held(split, read_stored(read_arrays(path), assembly.target, assembly.head)[1])
        return None

    @cached_property
    def evidence(self) -> Evidence:
        """What the fit kept to be looked at."""
        return read_evidence(self.run)
