"""What a model of images is trained on."""

from __future__ import annotations

from dltrain.figures.canvas import counted, plain
from dltrain.figures.figure import Sketch
from dltrain.figures.known import Known
from dltrain.figures.tiles import tiled


def training_batch(known: Known) -> Sketch | None:
    """Images of the first batch after all changes that are made to them, with their labels."""
    evidence = known.evidence
    if evidence.batch is None:
        return None
    words = [plain(label, 16) for label in evidence.labels[: len(evidence.batch)]]
    changes = ", ".join(plain(change).replace("_", " ") for change in evidence.augmented)
    after = f"after {changes}" if changes else "which are not augmented"
    height, width = evidence.batch.shape[1:3]
    text = f"{counted(len(evidence.batch), 'image')} of {height} x {width} from the first training batch, {after}."
    return Sketch("A training batch", text, tiled(evidence.batch, words))
