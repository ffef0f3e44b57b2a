"""The order of rows."""

from __future__ import annotations

import numpy as np
import pytest

from dltrain.training.order import by_length, epoch_order


def test_every_epoch_holds_every_row_once():
    for epoch in range(3):
        assert sorted(epoch_order(7, epoch, 1000)) == list(range(1000))


def test_five_epochs_have_five_different_orders():
    assert len({epoch_order(7, epoch, 100).tobytes() for epoch in range(5)}) == 5


def test_an_order_depends_on_nothing_but_seed_epoch_and_rows():
    again = [epoch_order(7, epoch, 100) for epoch in (3, 1, 3)]
    np.testing.assert_array_equal(again[0], again[2])
    assert epoch_order(8, 3, 100).tobytes() != again[0].tobytes()


@pytest.mark.parametrize(("seed", "epoch"), [(0, 0), (2**32 - 1, 99_999_999)])
def test_the_largest_seed_and_epoch_are_taken(seed, epoch):
    assert epoch_order(seed, epoch, 5).dtype == np.int32


def test_batches_by_length_hold_all_rows_once_and_little_padding():
    lengths = np.random.default_rng(0).integers(1, 400, 10_010)
    order = epoch_order(7, 3, 10_010)
    found = by_length(order, lengths, 64, seed=7, epoch=3)
    assert sorted(found) == list(range(10_010))
    longest = lengths[found[:9984]].reshape(-1, 64).max(axis=1)
    assert lengths.mean() < longest.mean() < 1.05 * lengths.mean()


def test_rows_too_few_for_a_batch_stay_the_last_of_an_epoch_by_length():
    order = epoch_order(7, 3, 70)
    found = by_length(order, np.arange(70), 32, seed=7, epoch=3)
    np.testing.assert_array_equal(found[64:], order[64:])
    np.testing.assert_array_equal(by_length(order[:20], np.arange(70), 32, seed=7, epoch=3), order[:20])


def test_the_order_by_length_is_a_function_of_seed_and_epoch():
    lengths = np.random.default_rng(0).integers(1, 50, 1000)
    orders = [
        by_length(epoch_order(seed, epoch, 1000), lengths, 10, seed=seed, epoch=epoch).tobytes()
        for seed, epoch in ((7, 0), (7, 1), (8, 0), (7, 0))
    ]
    assert len(set(orders)) == 3
    assert orders[0] == orders[3]
    # The batches are shuffled: neighbours are not of growing length.
    longest = lengths[np.frombuffer(orders[0], "int32")].reshape(-1, 10).max(axis=1)
    assert 30 < (np.diff(longest) < 0).sum() < 70
