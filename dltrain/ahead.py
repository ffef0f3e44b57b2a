"""Work that goes on in threads beside the caller's own: NumPy, PyArrow and hashing leave Python free meanwhile.

Results, their order and the errors are those of the same work done one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, each made while the caller works on the one before, so that two of them exist at a time.

    An error comes where the item would have come. Whoever stops before the end stops the thread as well.
    """
    made: SimpleQueue[tuple[Item] | BaseException] = SimpleQueue()
    wanted, stopped = Semaphore(), Event()

    def make() -> None:
        try:
            while wanted.acquire() and not stopped.is_set():
                made.put((next(items),))
        except BaseException as error:
            made.put(error)

    thread = Thread(target=make, daemon=True)
    thread.start()
    try:
        while not isinstance(found := made.get(), StopIteration):
            if isinstance(found, BaseException):
                raise found
            wanted.release()
            yield found[0]
            # Else its memory would be in use until the next one is there.
            del found
    finally:
        stopped.set()
        wanted.release()
        thread.join()
        if isinstance(items, Generator):
            items.close()


def begun(function: Callable[[], Result]) -> Callable[[], Result]:
    """A function that is already at work in a thread; calling it waits for the result, or raises the error."""
    future: Future[Result] = Future()

    def work() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=work, daemon=True).start()
    return future.result


def side_by_side(function: Callable[[Item], Result], items: Iterable[Item], *, threads: int) -> list[Result]:
    """The results for all items, in order; of several errors the one of the first item is raised."""
    pool = ThreadPoolExecutor(threads)
    try:
        return list(pool.map(function, items))
    finally:
        pool.shutdown(cancel_futures=True)
