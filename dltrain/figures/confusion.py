"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.figures.canvas import BLUE, CELL, INK, WIDTH, canvas, counted, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Held, Known

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

_MOST_WITH_NUMBERS, _MOST_WITH_NAMES, _MOST_CLASSES = 12, 30, 1000
_BOTH_IN_A_CELL = 5


def confusion_matrix(known: Known) -> Sketch | None:
    """Counts, and rates among the rows of a true class; of more than 12 classes colours, of more than 30 no names."""
    held = known.held
    if held is None or not 2 <= len(held.predictions.classes) <= _MOST_CLASSES:
        return None
    counts = _counts(held)
    totals = counts.sum(axis=1, keepdims=True)
    rates = counts / totals.clip(min=1)
    count = len(counts)
    if _BOTH_IN_A_CELL < count <= _MOST_WITH_NUMBERS:
        drawing = canvas(2 * WIDTH * 0.86)
        upper, lower = drawing.subplots(2, 1)
        _panel(upper, rates, held.names, [[f"{value}" if value else "" for value in row] for row in counts.tolist()])
        _panel(lower, rates, held.names, [[_percent(rate) for rate in row] for row in rates.tolist()])
        upper.set_title("rows", loc="left")
        lower.set_title("percent of the rows of a true class", loc="left")
    else:
        drawing = canvas(WIDTH * (0.7 if count <= _BOTH_IN_A_CELL else 0.86))
        both = zip(counts.tolist(), rates.tolist(), strict=True)
        shown = [[f"{n:,}\n{r:.1%}" for n, r in zip(*rows, strict=True)] for rows in both]
        _panel(drawing.subplots(), rates, held.names, shown if count <= _BOTH_IN_A_CELL else [])
    return Sketch("Confusion matrix", _text(held, counts), drawing)


def _counts(held: Held) -> np.ndarray:
    """A row for each true class and a column for each predicted one."""
    import numpy as np

    kinds, found = len(held.names), held.predictions
    counts: np.ndarray = np.bincount(found.truth * kinds + found.predicted, minlength=kinds * kinds)
    return counts.reshape(kinds, kinds)


def _percent(rate: float) -> str:
    return "" if rate == 0 else "<1" if rate < 0.005 else f"{100 * rate:.0f}"


def _panel(axes: Axes, rates: np.ndarray, names: tuple[str, ...], shown: list[list[str]]) -> None:
    """Cells as strongly coloured as their rate is high, on whatever the page's colour is."""
    import numpy as np
    from matplotlib.colors import to_rgb

    count = len(rates)
    pixels = np.empty((count, count, 4))
    # Without numbers, by the root of the rate: so rare mistakes are seen too.
    pixels[..., :3], pixels[..., 3] = to_rgb(CELL if shown else BLUE), rates if shown else np.sqrt(rates)
    axes.imshow(pixels, interpolation="none", aspect="equal" if count > _BOTH_IN_A_CELL else "auto")
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set(visible=True, alpha=0.3)
    for row, column in np.ndindex(count, count) if shown else ():
        color = "white" if rates[row, column] > 0.55 else INK
        axes.text(column, row, shown[row][column], ha="center", va="center", fontsize=8, color=color, in_layout=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if count > _MOST_WITH_NAMES:
        return
    size = 8 if count <= _MOST_WITH_NUMBERS else 7
    labels = [plain(name, 12 if count > _BOTH_IN_A_CELL else 18) for name in names]
    upright = count > _BOTH_IN_A_CELL and max(map(len, labels)) > 2
    axes.set_xticks(range(count), labels, rotation=90 if upright else 0, fontsize=size)
    axes.set_yticks(range(count), labels, fontsize=size)
    axes.tick_params(length=0)


def _text(held: Held, counts: np.ndarray) -> str:
    import numpy as np

    right = int(np.trace(counts))
    text = f"Confusion matrix of {held.shown}: {right:,} ({right / held.rows:.1%}) are right"
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return f"{text}."
    row, column = np.unravel_index(int(wrong.argmax()), wrong.shape)
    names = [plain(held.names[int(index)]) for index in (row, column)]
    often = counted(int(wrong[row, column]), "row")
    return f"{text}. The most frequent mistake is {names[1]} for {names[0]}, in {often} of {int(counts[row].sum()):,}."
