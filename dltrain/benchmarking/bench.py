"""The story of a bench: each backend, then single settings, then what helped together, then threads."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from dltrain.benchmarking.choosing import (
    BACKENDS,
    best,
    fewer_threads,
    notes,
    other_backends,
    together,
    variations,
    verdict,
    worth_a_look,
)
from dltrain.benchmarking.trial import AS_IT_IS, Settings, Trial
from dltrain.errors import InputError, RunError
from dltrain.runtime.settings import RuntimeSpec

Measure = Callable[..., Trial]
"""Measures settings, in at most so many seconds where a second argument says so."""

_MOST_CONFIRMED = 3
"""Trials, of which one is the config as it is."""


@dataclass(frozen=True)
class Bench:
    """What was measured.

    Attributes:
        trials: in the order of their measurement; the first is of the config as it is.
        missing: backends that are not installed.
    """

    trials: tuple[Trial, ...]
    missing: tuple[str, ...]

    @property
    def chosen(self) -> Trial:
        """The settings to write down; those of the config where none is faster."""
        found = best(self.trials)
        assert found is not None
        return found

    @property
    def verdict(self) -> str:
        """Why these."""
        return verdict(self.trials)

    @property
    def notes(self) -> list[str]:
        """What else to know of them."""
        return list(notes(self.trials))

    def plain(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "trials": [trial.plain() for trial in self.trials],
            "not_installed": list(self.missing),
            "chosen": dict(self.chosen.settings),
            "verdict": self.verdict,
            "notes": self.notes,
        }


def bench(
    runtime: RuntimeSpec, measure: Measure, *, fixed: Iterable[str] = (), tell: Callable[[Trial], None] | None = None
) -> Bench:
    """Measures a config as it is, and with other settings of `runtime`, one after the other.

    Args:
        runtime: of the config.
        measure: measures settings.
        fixed: names of settings that no trial changes.
        tell: hears of each trial when it has ended.

    Raises:
        InputError: the config or its data is wrong.
        RunError: nothing could be measured.
    """
    missing = tuple(name for name in BACKENDS if importlib.util.find_spec(name) is None)
    installed = [name for name in BACKENDS if name not in missing]
    session = _Session(measure, frozenset(fixed), tell or (lambda trial: None))
    session.run(AS_IT_IS)
    session.run(*other_backends(runtime, installed))
    for start in list(worth_a_look(session.trials)):
        session.run(*variations(start))
        if (joined := together(start, session.trials)) is not None:
            session.run(joined)
    if (leader := best(session.trials)) is not None:
        session.run(*fewer_threads(leader))
    session.confirm()
    if best(session.trials) is None:
        raise RunError("\n".join(["nothing could be measured:", *map(_reason, session.trials)]))
    return Bench(tuple(session.trials), missing)


def _reason(trial: Trial) -> str:
    return f"  {trial.label}: {trial.text}"


@dataclass
class _Session:
    measure: Measure
    fixed: frozenset[str]
    tell: Callable[[Trial], None]
    trials: list[Trial] = field(default_factory=list)
    limit: float | None = None

    def run(self, *settings: Settings) -> None:
        """Measures each that is new and changes nothing that is fixed."""
        for each in settings:
            if not self.fixed & set(each) and each not in [trial.settings for trial in self.trials]:
                self.trials.append(self._measured(each))
                self._refuse_wrong_input()
                self.tell(self.trials[-1])

    def _refuse_wrong_input(self) -> None:
        """Raises what `fit` would where the config as it is cannot work on any backend."""
        first = self.trials[0]
        if not first.measured and first.exit_code == InputError.exit_code:
            raise InputError(first.error)

    def confirm(self) -> None:
        """Measures the best, and the config as it is, once more: other programs may have slowed one of them."""
        confirmed: set[int] = set()
        while (chosen := best(self.trials)) is not None and chosen is not self.trials[0]:
            wanted = {0, self.trials.index(chosen)} - confirmed
            if self.trials.index(chosen) in confirmed or len(confirmed) > _MOST_CONFIRMED:
                return
            for index in sorted(wanted):
                self._repeat(index)
            confirmed |= wanted

    def _repeat(self, index: int) -> None:
        trial = self.trials[index]
        if trial.measured and (again := self._measured(trial.settings)).measured:
            self.trials[index] = Trial(trial.settings, trial.measured.joined(again.measured))

    def _measured(self, settings: Settings) -> Trial:
        began = time.monotonic()
        trial = self.measure(settings, self.limit)
        if self.limit is None and trial.measured:
            self.limit = 60 + 4 * (time.monotonic() - began)
        return trial
