"""How much memory there can be at most."""

import resource

from dltrain.memory import all_memory, free_memory


def test_there_is_no_more_free_than_there_is():
    assert 0 < free_memory() < all_memory()


def test_a_limit_of_the_address_space_counts(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (5 << 20 if kind == resource.RLIMIT_AS else 0, 0))
    assert all_memory() == 5 << 20
