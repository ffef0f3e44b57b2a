"""Work in threads gives the results, the order and the errors of the same work done one after the other."""

import threading
import time

import pytest

from dltrain.ahead import ahead, begun, side_by_side
from dltrain.errors import DataError


def test_items_come_in_order_and_all_of_them():
    assert list(ahead(iter(range(1000)))) == list(range(1000))
    assert list(ahead(iter(()))) == []


def test_one_item_is_made_while_the_caller_works_and_no_more():
    made, second = [], threading.Event()

    def items():
        for index in range(4):
            made.append(index)
            if index == 1:
                second.set()
            yield index

    found = ahead(items())
    assert next(found) == 0
    assert second.wait(5)
    time.sleep(0.02)
    assert made == [0, 1]
    assert list(found) == [1, 2, 3]


def test_an_error_comes_where_the_item_would_have_come():
    def items():
        yield 1
        raise DataError("big.csv: row 2: broken")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(DataError, match=r"^big\.csv: row 2: broken$"):
        next(found)


def test_whoever_stops_early_stops_the_thread_and_closes_what_it_read():
    before, closed = threading.active_count(), []

    def items():
        try:
            yield from range(10)
        finally:
            closed.append(True)

    found = ahead(items())
    assert next(found) == 0
    assert threading.active_count() == before + 1
    found.close()
    assert threading.active_count() == before
    assert closed == [True]


def test_an_interruption_while_waiting_stops_the_thread():
    before = threading.active_count()
    found = ahead(iter(range(10)))
    next(found)
    with pytest.raises(KeyboardInterrupt):
        found.throw(KeyboardInterrupt)
    assert threading.active_count() == before


def test_what_was_begun_goes_on_at_once_and_gives_its_result_whenever_it_is_asked():
    started = threading.Event()
    result = begun(lambda: started.set() or 7)
    assert started.wait(5)
    assert (result(), result()) == (7, 7)


def test_what_was_begun_raises_its_error_to_the_one_who_asks():
    with pytest.raises(ZeroDivisionError):
        begun(lambda: 1 / 0)()


@pytest.mark.parametrize("threads", [1, 3])
def test_results_side_by_side_are_in_the_order_of_the_items(threads):
    def slower_at_first(index):
        time.sleep(0.01 if index == 0 else 0)
        return index * index

    assert side_by_side(slower_at_first, range(20), threads=threads) == [index * index for index in range(20)]
    assert side_by_side(slower_at_first, [], threads=threads) == []


def test_of_several_errors_the_one_of_the_first_item_is_raised():
    def failing(index):
        time.sleep(0.01 if index == 0 else 0)
        raise DataError(str(index))

    with pytest.raises(DataError, match=r"^0$"):
        side_by_side(failing, range(3), threads=3)
