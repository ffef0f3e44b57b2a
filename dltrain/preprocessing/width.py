"""Prepared rows that take much room: said before they are made, and refused where there is not so much."""

from collections.abc import Callable
from math import prod

from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.spec.problems import SpecError

MUCH = 1_000_000_000
_NUMBER_BYTES = 4


def check_width(preprocessing: Preprocessing, rows: int, room: int, tell: Callable[[str], None]) -> None:
    """Says how much room prepared rows take, where that is much and a setting decides it.

    Args:
        preprocessing: adapted.
        rows: of all splits.
        room: bytes that there are.
        tell: takes a line.

    Raises:
        SpecError: they need more.
    """
    widths = {}
    for feature in preprocessing.features:
        prepared = preprocessing.specs[feature.name].prepared(feature, preprocessing.statistics[feature.name])
        widths[feature.name] = prod(length or 1 for length in prepared.shape)
    name = max(widths, key=widths.__getitem__)
    setting = preprocessing.specs[name].width_setting
    need, width = rows * sum(widths.values()) * _NUMBER_BYTES, widths[name]
    if not setting or need <= min(MUCH, room):
        return
    fitting = max(1, width * min(MUCH, room) // need)
    text = f"prepared rows take {_size(need)}, {rows:,} of {width:,} numbers for '{name}'"
    smaller = f"`dataset.features.{name}.{setting}: {_rounded(fitting)}` takes {_size(min(MUCH, room))}"
    if need > room:
        raise SpecError.at("dataset", f"{text}, and there is room for {_size(room)}; {smaller}")
    tell(f"{text}; {smaller}")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"


def _rounded(number: int) -> int:
    """Down to two digits."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return number // unit * unit
