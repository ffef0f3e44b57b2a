"""Trials whose speeds are made up."""

import pytest

from dltrain.benchmarking.trial import Measurement, Trial

FACTS = {
    "first_step_seconds": 5.0,
    "memory": 10**9,
    "gpu_memory": None,
    "backend": "tensorflow",
    "device": "cpu",
    "threads": 4,
    "intra_op_threads": 4,
    "steps_per_execution": 16,
    "jit_compile": False,
    "onednn": True,
    "steps": 100,
    "samples": 10_000,
}


def measured(settings, rate, **facts):
    found = {name: value for name, value in settings.items() if name in FACTS and value is not None}
    return Trial(settings, Measurement(rates=(rate,), **(FACTS | found | facts)))


def failed(settings, text="no", status="failed", exit_code=1):
    return Trial(settings, None, status, text, f"error: {text}", exit_code)


@pytest.fixture
def machine():
    """Makes a `measure` from the speeds of settings; what is not among them fails."""

    def make(speed, calls=None, **facts):
        def measure(settings, limit=None):
            if calls is not None:
                calls.append((dict(settings), limit))
            rate = speed(settings)
            return (
                rate
                if isinstance(rate, Trial)
                else measured(settings, rate, **({} if "backend" in settings else facts))
            )

        return measure

    return make
