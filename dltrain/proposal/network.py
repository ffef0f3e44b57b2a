"""A model and a length of training that fit the rows: minutes of two cores, and weights that so many rows can teach."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dltrain.proposal.survey import Survey
from dltrain.proposal.writing import Line, entry

_STEPS = 5000
"""Weight updates that a small dense network takes until it learns little more."""
_PIXELS = 220_000_000
"""Pixels that a small convolutional network sees in some minutes of two cores."""
_NUMBERS = 20_000_000
"""Numbers of sequences that a recurrent layer reads in some minutes."""
_TEXTS = 150_000
"""Texts, read again and again, after which a small network on their words learns little more."""


@dataclass(frozen=True)
class Network:
    """A model, and how long it trains.

    Attributes:
        model: the lines of the section.
        epochs: passes over the training rows.
        batch_size: rows of a step.
        learning_rate: the first; it falls to 0.
        augment: the lines of `dataset.augment`, for images.
    """

    model: tuple[Line, ...]
    epochs: int
    batch_size: int
    learning_rate: str = "1e-3"
    augment: tuple[Line, ...] = ()


def choose_network(survey: Survey) -> Network:
    """The model for what one example is."""
    chosen = {"vector": _mlp, "words": _words, "image": _cnn, "sequence": _lstm, "window": _forecast}
    network = chosen[survey.kind](survey)
    # Of very few rows, an epoch is still some steps.
    return replace(network, batch_size=min(network.batch_size, max(1, survey.training_rows // 4)))


def _mlp(survey: Survey) -> Network:
    rows = survey.training_rows
    sizes = ((500, [32], 0.2), (2000, [64, 32], 0.1), (100_000, [128, 64], 0.2), (1_000_000, [256, 128], 0.1))
    units, dropout = next(((units, rate) for most, units, rate in sizes if rows < most), ([512, 256, 128], 0.1))
    batches = ((500, 16), (10_000, 32), (100_000, 128), (1_000_000, 512))
    batch = next((size for most, size in batches if rows < most), 2048)
    model = (
        Line("model:"),
        entry("type", "mlp", "dense layers; the output layer comes by itself", depth=1),
        entry("units", units, "of the hidden layers; [] for none, which is a linear model", depth=1),
        entry("dropout", dropout, "raise it where train scores far better than test", depth=1),
    )
    return Network(model, _epochs(_STEPS * batch / rows, 5, 100), batch)


def _words(survey: Survey) -> Network:
    rows = survey.training_rows
    model = (
        Line("model:"),
        entry("type", "mlp", "which words a text has; an lstm reads them in order, slowly", depth=1),
        Line("  layers:"),
        Line("    - dropout: 0.5", "hides half of the words at each step"),
        Line("    - dense: {units: 16, activation: relu}", "few: more learn the texts by heart"),
        Line("    - dropout: 0.5"),
    )
    return Network(model, _epochs(_TEXTS / rows, 5, 30), 32 if rows < 5000 else 64)


def _cnn(survey: Survey) -> Network:
    rows, (height, width) = survey.training_rows, survey.shape[:2]
    side, filters = min(height, width), [32]
    while side >= 2 ** (len(filters) + 1) * 4 and len(filters) < 5:
        filters.append(min(256, 32 * 2 ** len(filters)))
    model = (
        Line("model:"),
        entry("type", "cnn", "small filters that are the same everywhere", depth=1),
        entry("filters", filters, "of each convolution; pooling halves the image behind it", depth=1),
        entry("units", [128], "of the dense layer behind them", depth=1),
        entry("dropout", 0.4, "before each dense layer", depth=1),
        entry("batch_normalization", True, "learns faster with it", depth=1),
    )
    batch = 32 if rows < 5000 else 128
    epochs = _epochs(_PIXELS / (rows * height * width), 5, 30)
    return Network(model, epochs, batch, augment=_augment(survey))


def _augment(survey: Survey) -> tuple[Line, ...]:
    """Only for photos: a digit from the other side is another sign or none."""
    if not survey.photos or survey.rows["train"] > 100_000:
        return ()
    return (
        Line("  augment:", "changes of the training images, new in each epoch"),
        Line("    - random_flip: horizontal", "delete it where left and right differ, as in writing"),
        Line("    - random_translation: 0.1"),
    )


def _lstm(survey: Survey) -> Network:
    rows, size = survey.training_rows, survey.shape[0] * survey.shape[1]
    if survey.shape[0] > 200:
        model = (
            Line("model:"),
            entry("type", "cnn", "convolutions along the steps; an lstm is slow over so many", depth=1),
            entry("filters", [32, 64, 64], "of each convolution; each is followed by pooling", depth=1),
            entry("dropout", 0.3, depth=1),
        )
    else:
        model = (
            Line("model:"),
            entry("type", "lstm", "reads the steps one after another", depth=1),
            entry("units", [64], depth=1),
            entry("dropout", 0.2, depth=1),
        )
    return Network(model, _epochs(_NUMBERS / (rows * size), 5, 30), 32 if rows < 5000 else 64)


def _forecast(survey: Survey) -> Network:
    rows = survey.training_rows
    model = (
        Line("model:"),
        entry("type", "mlp", "sees the window at once; an lstm reads row after row", depth=1),
        entry("units", [64], "of the hidden layer; [] for none, which is a linear model", depth=1),
        entry("dropout", 0.3, "raise it where train scores far better than test", depth=1),
    )
    batch = 32 if rows < 5000 else 128
    return Network(model, _epochs(_STEPS / 3 * batch / rows, 5, 60), batch)


def _epochs(wanted: float, least: int, most: int) -> int:
    return max(least, min(most, round(wanted)))
