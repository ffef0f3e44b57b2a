"""Whether what is said to be true with a probability is true so often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dltrain.figures.canvas import BLUE, INK, VERMILLION, canvas, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Held, Known

if TYPE_CHECKING:
    import numpy as np

BINS = 10


def calibration(known: Known) -> Sketch | None:
    """A reliability diagram with ten bins, and how many predictions are in each; None without probabilities."""
    held = known.held
    found = _claims(held) if held is not None else None
    if held is None or found is None:
        return None
    said, true, what = found
    counts, means, shares = binned(said, true)
    drawing = canvas(4.0)
    upper, lower = drawing.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], ":", color=INK, linewidth=0.8)
    upper.plot(means, shares, "o-", color=BLUE, ms=4)
    upper.vlines(means, shares, means, color=VERMILLION, linewidth=1.2)
    upper.set(ylabel="share that is so", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    lower.bar((_edges()[:-1] + 0.5 / BINS), counts, width=0.9 / BINS, color=BLUE)
    lower.set(ylabel="predictions", xlabel=what)
    filled = counts[counts > 0]
    error = float((filled * abs(shares - means)).sum() / filled.sum())
    text = f"Reliability diagram of {held.shown} in {BINS} bins"
    mean, share = float(said.mean()), float(true.mean())
    return Sketch(
        "Calibration",
        f"{text}: on average {mean:.1%} are claimed and {share:.1%} are so; "
        f"the mean gap between claim and truth is {error:.4f}.",
        drawing,
    )


def _claims(held: Held) -> tuple[np.ndarray, np.ndarray, str] | None:
    """Probabilities (claims,), whether what they were given to is so, and what they are of."""
    import numpy as np

    outputs, found = held.predictions.probabilities, held.predictions
    if outputs is None or outputs.ndim == 1 or outputs.min() < 0 or outputs.max() > 1:
        return None
    if found.labels:
        return outputs.ravel(), found.truth.ravel() == 1, "probability of a label"
    if len(found.classes) == 2:
        return outputs[:, 1], found.truth == 1, f"probability of {plain(found.classes[1], 30)}"
    chosen = outputs[np.arange(held.rows), found.predicted]
    return chosen, found.truth == found.predicted, "probability of the predicted class"


def binned(said: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many claims are in each of ten bins; of those that hold any the mean claim, and the share that is so."""
    import numpy as np

    places = np.clip((said * BINS).astype(int), 0, BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    sums = [np.bincount(places, weights=values, minlength=BINS)[counts > 0] for values in (said, true)]
    return counts, sums[0] / counts[counts > 0], sums[1] / counts[counts > 0]


def _edges() -> np.ndarray:
    import numpy as np

    return np.linspace(0.0, 1.0, BINS + 1)
