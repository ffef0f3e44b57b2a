"""Linear models of the prepared features."""

from __future__ import annotations

from typing import Any

from dltrain.baselines.design import Design
from dltrain.baselines.learned import Learned, functions
from dltrain.baselines.trial import Trial

BUDGET = 10_000_000_000
"""Multiplications of one fit: about two seconds of one core."""

_SPARSE_COST = 10
"""What a number of a sparse row costs, in those of a dense one."""

_STEPS = (50, 200)
"""Of the solver: at least, whatever rows that leaves, and at most."""

_MOST_EXACT = 300
"""Up to so many columns the penalty of a ridge regression is chosen by leaving out each row once."""


class Linear(Learned):
    """A logistic regression of classes, one for each label, or a ridge regression of values."""

    def title(self, trial: Trial) -> str:
        """After the kind of target."""
        target = trial.assembly.target
        return "logistic regression" if target.classes or target.labels else "ridge regression"

    def most_rows(self, trial: Trial, design: Design) -> int:
        """What the solver can go through `_STEPS[0]` times, or solve exactly."""
        target = trial.assembly.target
        if not target.classes and not target.labels and _is_exact(design):
            return BUDGET // (4 * design.entries * (design.entries + trial.kinds))
        return BUDGET // (_cost(design) * functions(trial) * _STEPS[0])

    def classifier(self, trial: Trial, design: Design, rows: int) -> Any:
        """By L-BFGS, with an L2 penalty."""
        from sklearn.linear_model import LogisticRegression

        steps = BUDGET // (_cost(design) * functions(trial) * rows)
        # Rows of words have the length 1, so their weights have to be larger than those of scaled numbers.
        return LogisticRegression(C=10.0 if design.text else 1.0, max_iter=min(max(steps, _STEPS[0]), _STEPS[1]))

    def regressor(self, trial: Trial, design: Design, rows: int) -> Any:
        """With the penalty that predicts each row best from all others; of many columns with 1."""
        import numpy as np
        from sklearn.linear_model import Ridge, RidgeCV

        if _is_exact(design):
            return RidgeCV(alphas=np.logspace(-2, 4, 7))
        return Ridge(alpha=1.0, solver="lsqr", max_iter=_STEPS[0])


def _cost(design: Design) -> int:
    return design.entries * (_SPARSE_COST if design.sparse else 1)


def _is_exact(design: Design) -> bool:
    return not design.sparse and design.entries <= _MOST_EXACT
