"""All pictures of a run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from dltrain.errors import RunError
from dltrain.figures.balance import class_balance
from dltrain.figures.calibration import calibration
from dltrain.figures.canvas import styled
from dltrain.figures.confusion import confusion_matrix
from dltrain.figures.curves import learning_curves
from dltrain.figures.diagram import model_diagram
from dltrain.figures.figure import Figure, Sketch, rendered
from dltrain.figures.folds import KnownFolds, fold_curves
from dltrain.figures.forecast import error_per_step, forecasts
from dltrain.figures.kernels import first_layer
from dltrain.figures.known import Known
from dltrain.figures.mistakes import mistakes
from dltrain.figures.ranking import precision_recall, roc
from dltrain.figures.residuals import predicted_against_true, residuals
from dltrain.figures.training_batch import training_batch
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import storing, write

_SKETCHES: tuple[Callable[[Known], Sketch | None], ...] = (
    learning_curves,
    confusion_matrix,
    roc,
    precision_recall,
    calibration,
    predicted_against_true,
    residuals,
    forecasts,
    error_per_step,
    mistakes,
    first_layer,
    class_balance,
    training_batch,
    model_diagram,
)
"""In the order in which they are looked at."""

_OF_FOLDS: tuple[Callable[[Known], Sketch | None], ...] = (
    fold_curves,
    confusion_matrix,
    predicted_against_true,
    residuals,
)
"""What the rows of all folds may be in one picture for: what only counts them."""


def draw(run: RunDirectory, *, png: bool = False) -> list[Figure]:
    """All pictures that make sense for a run, of what its directory holds; none of parts that are missing or damaged.

    Args:
        run: complete or not; of a cross-validation, what its folds tell together. A stranger may have written it.
        png: whether each is also given as pixels.
    """
    known = KnownFolds(run) if run.folds else Known(run)
    found = []
    for sketch in _OF_FOLDS if run.folds else _SKETCHES:
        name = _name(sketch)
        try:
            with styled(name):
                sketched = sketch(known)
            if sketched is not None:
                found.append(rendered(name, sketched, png=png))
        # No picture is worth a training, and a record may hold any numbers.
        except Exception as error:
            logging.getLogger(__name__).info("no figure %s: %s", name, error)
    return found


def save(run: RunDirectory) -> list[Figure]:
    """Draws all pictures of a run, and writes each to ``figures/<name>.svg`` and ``.png``.

    Raises:
        RunError: the disk is full or read-only, or the folder is a link, which a stranger may have made.
    """
    folder = run.path / "figures"
    if folder.is_symlink():
        raise RunError(f"cannot write {folder}: it is a link; remove it")
    with storing(folder):
        folder.mkdir(exist_ok=True)
    figures = draw(run, png=True)
    for figure in figures:
        write(folder / f"{figure.name}.svg", figure.svg.encode())
        write(folder / f"{figure.name}.png", figure.png)
    for path in _files_of_others(folder, {figure.name for figure in figures}):
        path.unlink(missing_ok=True)
    return figures


def _name(sketch: Callable[[Known], Sketch | None]) -> str:
    """What files and ids are called: ``roc``, ``learning-curves``."""
    return sketch.__name__.replace("_", "-")


def _files_of_others(folder: Path, names: set[str]) -> list[Path]:
    """Pictures of an earlier drawing that are no longer true."""
    others = [name for name in map(_name, (*_SKETCHES, *_OF_FOLDS)) if name not in names]
    return [folder / f"{name}.{end}" for name in others for end in ("svg", "png")]
