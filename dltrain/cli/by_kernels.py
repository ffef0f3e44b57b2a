"""`dltrain fit` with configs that one process cannot train: TensorFlow takes its kernels when it is imported."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from dltrain.cli.several import SideBySide, Work, side_by_side
from dltrain.cli.telling import Outcome, plain, told
from dltrain.errors import DltrainError
from dltrain.runtime.settings import RuntimeSpec


def in_groups(
    works: Sequence[Work], specs: Sequence[RuntimeSpec], kernels: Sequence[bool], jobs: int | None
) -> list[Outcome]:
    """The outcome of each, as `side_by_side`; those of other kernels come later, from a process of their own.

    Args:
        works: to be done.
        specs: of each.
        kernels: of each, whether they are oneDNN's.
        jobs: how many are done at a time.

    Raises:
        InterruptedRunError: a signal came; what was training is saved, and the rest is not begun.
    """
    groups = {which: [place for place, kernel in enumerate(kernels) if kernel is which] for which in kernels}
    if len(groups) == 1:
        return side_by_side(works, specs, jobs, onednn=kernels[0])
    tasks = []
    for which, places in groups.items():
        chosen = [works[place] for place in places]
        names = ", ".join(name for name, _ in chosen)
        tasks.append((names, partial(_group, chosen, [specs[place] for place in places], jobs, which)))
    outcomes: dict[int, Outcome] = {}
    for places, outcome in zip(groups.values(), SideBySide(tasks, 1)(), strict=True):
        found = [outcome] * len(places) if isinstance(outcome, DltrainError) else map(told, outcome["outcomes"])
        outcomes.update(zip(places, found, strict=True))
    return [outcomes[place] for place in range(len(works))]


def _group(
    works: Sequence[Work], specs: Sequence[RuntimeSpec], jobs: int | None, onednn: bool
) -> dict[str, list[dict[str, Any]]]:
    """In a process of its own, what became of each."""
    return {"outcomes": [plain(outcome) for outcome in side_by_side(works, specs, jobs, onednn=onednn)]}
