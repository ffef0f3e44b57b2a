"""Which settings are worth a trial, and which of those measured is worth writing down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from dltrain.benchmarking.trial import AS_IT_IS, Settings, Trial
from dltrain.runtime.settings import Backend, RuntimeSpec

BACKENDS: tuple[str, ...] = get_args(Backend)

MARGIN = 0.05
"""What is faster by less is as fast: so much two measurements of the same differ on a machine that is not idle."""

_UNREST = 1.5
"""Between slices of one trial; beyond it, the table says more of other programs than of this one."""

_SLOW = 1 / 3
"""A backend so much slower than the fastest is not looked at further."""

_OF_BACKEND = ("steps_per_execution", "jit_compile", "onednn", "intra_op_threads")
"""What was written for one backend says nothing of another."""


def other_backends(runtime: RuntimeSpec, installed: Iterable[str]) -> Iterator[Settings]:
    """Each other backend that is installed, with its defaults."""
    default = RuntimeSpec()
    for backend in installed:
        if backend != runtime.backend:
            written = [name for name in _OF_BACKEND if getattr(runtime, name) != getattr(default, name)]
            yield {"backend": backend, **{name: getattr(default, name) for name in written}}


def worth_a_look(trials: Sequence[Trial]) -> Iterator[Trial]:
    """Those that are not far behind the fastest, the fastest first."""
    measured = sorted((trial for trial in trials if trial.measured), key=lambda trial: -trial.rate)
    return (trial for trial in measured if trial.rate >= _SLOW * measured[0].rate)


def variations(trial: Trial) -> Iterator[Settings]:
    """One setting changed at a time, where it may make a difference. None changes what is computed but rounding."""
    found = trial.measured
    assert found is not None
    changes: list[tuple[str, Any]] = []
    if found.backend == "tensorflow":
        used = min(found.steps_per_execution, found.steps)
        near = {max(1, used // 4), min(4 * used, found.steps)}
        changes += [("steps_per_execution", steps) for steps in sorted(near - {used})]
        changes += [("jit_compile", not found.jit_compile)]
        # Its kernels are for processors.
        changes += [("onednn", not found.onednn)] if found.device == "cpu" else []
        other = found.threads if found.intra_op_threads == 1 else 1
        changes += [("intra_op_threads", other)] if found.device == "cpu" and found.threads > 1 else []
    changes += [("device", "cpu")] if found.device == "gpu" else []
    yield from ({**trial.settings, name: value} for name, value in changes)


def together(start: Trial, trials: Sequence[Trial]) -> Settings | None:
    """All that helps by itself on one backend, in one; None where fewer than two settings do."""
    better: dict[str, Trial] = {}
    for trial in trials:
        one = _one_more(trial.settings, start.settings)
        if one is not None and _is_faster(trial, start) and (one not in better or trial.rate > better[one].rate):
            better[one] = trial
    if len(better) < 2:
        return None
    return {**start.settings, **{name: trial.settings[name] for name, trial in better.items()}}


def _one_more(settings: Settings, than: Settings) -> str | None:
    """The one setting that a variation of a trial has changed; None where it is no such variation."""
    changed = [name for name, value in settings.items() if name not in than or than[name] != value]
    return changed[0] if len(changed) == 1 and set(than) <= set(settings) and changed != ["backend"] else None


def fewer_threads(trial: Trial) -> Iterator[Settings]:
    """Half of the threads, and one: small steps lose more by waiting for each other than they win."""
    found = trial.measured
    assert found is not None
    if found.device == "cpu":
        counts = sorted({1, found.threads // 2} - {0, found.threads})
        # No more can share an operation than there are.
        fewest = trial.settings.get("intra_op_threads") or 1
        yield from ({**trial.settings, "threads": count} for count in counts if count >= fewest)


def best(trials: Sequence[Trial]) -> Trial | None:
    """The one with the fewest changes among those that are as fast as the fastest; None where none was measured."""
    measured = [trial for trial in trials if trial.measured]
    if not measured:
        return None
    fastest = max(measured, key=lambda trial: trial.rate)
    equal = [trial for trial in measured if not _is_faster(fastest, trial)]
    return min(equal, key=lambda trial: (len(trial.settings), -trial.rate))


def verdict(trials: Sequence[Trial]) -> str:
    """What `best` comes to, in words."""
    chosen, as_it_is = best(trials), next(trial for trial in trials if trial.settings == AS_IT_IS)
    if chosen is None:
        return "nothing could be measured"
    if not as_it_is.measured:
        return f"{chosen.label}: the config as it is could not be measured"
    if chosen is not as_it_is:
        return f"{chosen.label}: {chosen.rate / as_it_is.rate:.2f} times as fast as it is"
    fastest = max(trials, key=lambda trial: trial.rate)
    if fastest is as_it_is:
        return "the config is fastest as it is"
    gain = fastest.rate / as_it_is.rate - 1
    return f"the config stays as it is: {fastest.label} is {gain:.1%} faster, and less than {MARGIN:.0%} is noise"


def _is_faster(trial: Trial, than: Trial) -> bool:
    return trial.rate > than.rate * (1 + MARGIN)


def notes(trials: Sequence[Trial]) -> Iterator[str]:
    """What else to know of the chosen settings, a line each."""
    chosen, as_it_is = best(trials), next(trial for trial in trials if trial.settings == AS_IT_IS)
    now, then = None if chosen is None else chosen.measured, as_it_is.measured
    if now is None or then is None:
        return
    if now.backend != then.backend:
        yield f"{now.backend} draws other initial weights for the same seed"
    if now.seconds > then.seconds:
        text = f"all epochs take about {now.seconds:.0f} s so and {then.seconds:.0f} s as it is"
        yield f"it begins later, which so short a training does not make up for: {text}"
    if (unrest := max(max(each.rates) / min(each.rates) for each in (now, then))) > _UNREST:
        yield f"this machine is not idle: within one trial the speed changed by a factor of {unrest:.1f}; measure again"
