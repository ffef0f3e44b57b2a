"""Collects the evidence of a fit that has ended, with the kept weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from dltrain.assemble import Assembly
from dltrain.evidence.mistaken import worst
from dltrain.evidence.raw import shown_rows
from dltrain.evidence.record import LONGEST_SIDE, MOST_IMAGES, MOST_KERNELS, Evidence, Mistake, write_evidence
from dltrain.metrics.base import Predictions
from dltrain.models.augmented import is_augmentation
from dltrain.preparation import Materials, PreparedSplit
from dltrain.runs.directory import RunDirectory

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class HeldOut:
    """A split that was scored.

    Attributes:
        name: such as ``test``.
        predictions: of its rows.
        rows: their ids, (rows,).
    """

    name: str
    predictions: Predictions
    rows: np.ndarray


def keep_evidence(run: RunDirectory, materials: Materials, first: np.ndarray, held: HeldOut | None) -> list[str]:
    """Writes what is worth a look; whatever goes wrong is no reason to lose a training.

    Args:
        run: that has been trained and scored.
        materials: of the run; the model has the kept weights.
        first: the order of the training rows in the first epoch, (rows,).
        held: rows that were not trained on, if there are some.

    Returns:
        What went wrong, a line for each part that is not there.

    Raises:
        RunError: the disk is full.
    """
    parts: dict[str, Any] = {}
    failed = []
    collectors: dict[str, Callable[[], dict[str, Any]]] = {
        "mistakes": lambda: _mistakes(materials, held),
        "training batch": lambda: _batch(materials, first),
        "first layer": lambda: _first_layer(materials.assembly),
    }
    for name, collect in collectors.items():
        try:
            parts |= collect()
        except Exception as error:
            failed.append(f"no picture of the {name}: {error}"[:300])
    write_evidence(run, Evidence(**parts))
    return failed


def _mistakes(materials: Materials, held: HeldOut | None) -> dict[str, Any]:
    if held is None:
        return {}
    found = worst(held.predictions, materials.assembly.target.names)
    split, places = materials.prepared[held.name], [place for place, _ in found.mistakes]
    rows = [int(held.rows[place]) for place in places]
    named: dict[str, Any] = {"split": held.name, "mistaken": found.count}
    if not places:
        return named
    if _is_image(materials.assembly):
        named["images"] = _pixels(materials.assembly, split.inputs[places])
        shown: list[Mapping[str, Any]] = [{} for _ in rows]
    else:
        shown = shown_rows(materials.dataset, rows)
    mistakes = [
        {"row": row, **says, **looks} for row, (_, says), looks in zip(rows, found.mistakes, shown, strict=True)
    ]
    return named | {"mistakes": [Mistake(**one) for one in mistakes]}


def _batch(materials: Materials, first: np.ndarray) -> dict[str, Any]:
    """The first images that are trained on, changed as they are changed in training."""
    assembly, split = materials.assembly, materials.prepared["train"]
    if not _is_image(assembly) or not len(first):
        return {}
    chosen = first[:MOST_IMAGES]
    layers = [layer for layer in assembly.plan if is_augmentation(layer)]
    images = _augmented(layers, split.inputs[chosen]) if layers else split.inputs[chosen]
    return {
        "batch": _pixels(assembly, images),
        "labels": _labels(assembly, split, chosen),
        "augmented": [layer.spec.kind for layer in layers],
    }


def _augmented(layers: list[Any], images: np.ndarray) -> np.ndarray:
    """Changed by layers of their own: those of the model have states that a record may be compared by."""
    import keras

    changed = images
    for index, layer in enumerate(layers):
        changed = layer.spec.build(name=layer.name, seed=index + 1)(changed, training=True)
    pixels: np.ndarray = keras.ops.convert_to_numpy(changed)
    return pixels


def _labels(assembly: Assembly, split: PreparedSplit, chosen: np.ndarray) -> list[str]:
    target = assembly.target
    if not target.classes:
        values = split.values[chosen]
        return [f"{value:.4g}" for value in values] if values.ndim == 1 and values.dtype.kind in "iuf" else []
    indices = assembly.task.encode(split.values[chosen], target, "index")
    return [target.classes[int(index)] for index in indices]


def _is_image(assembly: Assembly) -> bool:
    prepared = assembly.preprocessing.prepared
    return prepared.kind == "image" and prepared.shape[-1] in (1, 3)


def _pixels(assembly: Assembly, images: np.ndarray) -> np.ndarray:
    """Prepared images as uint8, no side longer than 96."""
    import numpy as np

    prepared = assembly.preprocessing.prepared
    low, high = prepared.minimum or 0.0, prepared.maximum or 1.0
    pixels = np.clip((images - low) / (high - low) * 255.0 + 0.5, 0, 255).astype("uint8")
    height, width = pixels.shape[1:3]
    share = LONGEST_SIDE / max(height, width)
    return pixels if share >= 1 else _smaller(pixels, (max(int(width * share), 1), max(int(height * share), 1)))


def _smaller(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    import numpy as np
    from PIL import Image

    grey = pixels.shape[-1] == 1
    images = (Image.fromarray(image[..., 0] if grey else image) for image in pixels)
    smaller = np.stack([np.asarray(image.resize(size, Image.Resampling.BOX)) for image in images])
    return smaller[..., None] if grey else smaller


def _first_layer(assembly: Assembly) -> dict[str, Any]:
    """The weights of a convolution of images, or of a linear model of them."""
    if not _is_image(assembly):
        return {}
    layer = next((layer for layer in assembly.plan if layer.spec.kind in ("conv2d", "dense")), None)
    if layer is None:
        return {}
    is_output, shape = layer is assembly.plan[-1], assembly.preprocessing.prepared.shape
    if layer.spec.kind == "dense" and not (is_output and layer.shape == (prod(length or 0 for length in shape),)):
        return {}
    kernel = assembly.model.get_layer(layer.name).get_weights()[0]
    units = kernel.shape[-1]
    kernels = kernel.reshape(*(kernel.shape[:-1] if kernel.ndim == 4 else shape), units)
    if max(kernels.shape[:2]) > LONGEST_SIDE:
        return {}
    names = assembly.target.classes or assembly.target.labels
    outputs = names[-units:] if is_output and names else ()
    chosen = kernels.transpose(3, 0, 1, 2)[:MOST_KERNELS].astype("float32")
    return {"kernels": chosen, "layer": layer.name, "units": units, "outputs": outputs[:MOST_KERNELS]}
