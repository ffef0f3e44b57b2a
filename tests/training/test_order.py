"""The order of rows."""

from __future__ import annotations

import numpy as np
import pytest

from dltrain.training.order import epoch_order


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
