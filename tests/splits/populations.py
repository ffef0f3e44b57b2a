"""Populations drawn from a seed, for tests of properties."""

import numpy as np

from dltrain.splits.base import Population, SplitsSpec
from dltrain.splits.digest import digest

SHARES = [(0.1, 0.2), (0.33, 0.33), ("none", 0.25), (0.25, "none"), (7, 31)]


def population(rows=200, seed=0, classes=3, **columns):
    generator = np.random.default_rng(seed)
    labels = None if classes is None else generator.integers(classes, size=rows)
    return Population({"train": rows}, labels, columns)


def split(value, people, seed=0):
    return SplitsSpec.choose(value).split(people, seed=seed)


def sizes(splits):
    return {name: len(ids) for name, ids in splits.items()}


def assert_sound(splits, people, complete=True):
    """Disjoint, ascending, of the population, and by default complete."""
    together = np.concatenate([ids for _, ids in splits.items()])
    rows = sum(people.parts.values())
    assert len(np.unique(together)) == len(together)
    assert set(together) <= set(range(rows))
    assert not complete or len(together) == rows
    for _, ids in splits.items():  # noqa: PERF102
        assert ids.dtype.kind == "i"
        assert (np.diff(ids) > 0).all()


def with_digests(values):
    return {"digests of the features": digest({"x": np.asarray(values)})}
