"""Gradient boosting of decision trees."""

from __future__ import annotations

from typing import Any, ClassVar

from dltrain.baselines.design import Design
from dltrain.baselines.learned import Learned, functions
from dltrain.baselines.trial import Trial

BUDGET = 1_500_000_000
"""Cells of the matrix times trees: about a quarter of a minute of one core."""

_TREES = 100
_MOST_COLUMNS = 256


class GradientBoosting(Learned):
    """scikit-learn's ``HistGradientBoosting``: 100 trees, for each class of more than two, label or value."""

    usual: ClassVar[bool] = False
    most_columns: ClassVar[int | None] = _MOST_COLUMNS

    def title(self, trial: Trial) -> str:
        """The same for every target."""
        return "gradient boosting"

    def most_rows(self, trial: Trial, design: Design) -> int:
        """What `BUDGET` allows."""
        return BUDGET // (min(design.entries, _MOST_COLUMNS) * functions(trial) * _TREES)

    def classifier(self, trial: Trial, design: Design, rows: int) -> Any:
        """Seeded by the run."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        seed = trial.assembly.experiment.seed
        return HistGradientBoostingClassifier(max_iter=_TREES, early_stopping=False, random_state=seed)

    def regressor(self, trial: Trial, design: Design, rows: int) -> Any:
        """A model for each value."""
        from sklearn.ensemble import HistGradientBoostingRegressor
        from sklearn.multioutput import MultiOutputRegressor

        seed = trial.assembly.experiment.seed
        return MultiOutputRegressor(
            HistGradientBoostingRegressor(max_iter=_TREES, early_stopping=False, random_state=seed)
        )
