"""Predictions of rows without a target, chunk by chunk, so that any number of rows can be predicted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.ahead import ahead
from dltrain.assemble import Assembly
from dltrain.data.source import Dataset, Rows, Source, check_values, place_of
from dltrain.errors import DataError
from dltrain.evaluation.scores import Scorer

if TYPE_CHECKING:
    import numpy as np

Predicted = dict[str, "np.ndarray"]
"""Columns of a table of predictions, (rows,) each: which row, then what `TaskSpec.decode` gives."""

_PIECE_NUMBERS = 1 << 24
"""How many prepared numbers are held at a time: of wide rows, such as images, a chunk has too many."""


def open_rows(assembly: Assembly, rows: Any) -> tuple[Source, str]:
    """Rows that are to be predicted, and what messages call them.

    Args:
        assembly: of the run.
        rows: the path of a file or folder that the run's dataset can read, or rows that a program holds.

    Raises:
        DataError: there is no such file, or it does not hold such rows.
    """
    dataset, features = assembly.experiment.dataset, assembly.preprocessing.features
    if not isinstance(rows, str | Path):
        return dataset.open_rows(rows, features), "rows"
    if "*" not in str(rows) and not Path(rows).exists():
        raise DataError(f"no such file: {rows}")
    return dataset.open_file(str(Path(rows).absolute()), features, labelled=False), str(rows)


def predict_source(assembly: Assembly, source: Source, origin: str, *, most_classes: int = 20) -> Iterator[Predicted]:
    """Predicts all rows of a source, in their order.

    The model is given batches of one size, counted from the first row, and a row's prepared form
    does not depend on the rows around it; so neither does any bit of the predictions depend on how
    the source cuts its rows. A chunk and a batch of prepared rows are held at a time.

    Args:
        assembly: with the kept weights.
        source: of rows, whose targets are not looked at.
        origin: what messages call the source.
        most_classes: up to so many classes each has a column for its probability.

    Yields:
        A table with the column ``path`` where a row comes from a file of its own, otherwise ``row``, from 1;
        after it, whatever else the source says of its rows, such as a time.

    Raises:
        DataError: there are no rows, or one cannot be prepared; the message names it.
    """
    scorer = Scorer(assembly)
    start = 0
    for piece in _batches(ahead(_prepared(assembly, source, origin, scorer.batch_size)), scorer.batch_size):
        outputs = scorer.predict(piece.inputs)
        columns = assembly.task.decode(outputs, assembly.target, assembly.head, most_classes=most_classes)
        yield _named(piece.extras, start, len(piece)) | columns
        start += len(piece)
    if not start:
        raise DataError(f"{origin}: has no rows")


def _named(extras: Mapping[str, np.ndarray], start: int, count: int) -> Predicted:
    """What tells which row a prediction is of."""
    import numpy as np

    named = {} if "path" in extras else {"row": np.arange(start + 1, start + count + 1)}
    return named | {name: _writable(values) if values.dtype.kind == "O" else values for name, values in extras.items()}


def _writable(texts: np.ndarray) -> np.ndarray:
    """Texts; the name of a file may hold bytes that are none."""
    import numpy as np

    return np.asarray([str(text).encode(errors="replace").decode() for text in texts], dtype=str)


def _batches(pieces: Iterator[_Piece], size: int) -> Iterator[_Piece]:
    """The same rows, in pieces whose lengths are multiples of `size`, but for the last."""
    rest: _Piece | None = None
    for piece in pieces:
        missing = size - len(rest) if rest else 0
        if rest:
            rest = rest.followed_by(piece.part(0, missing))
            if len(rest) < size:
                continue
            yield rest
        end = len(piece) - (len(piece) - missing) % size
        if missing < end:
            yield piece.part(missing, end)
        rest = piece.part(end, len(piece)).copy()
        del piece
    if rest:
        yield rest


@dataclass(frozen=True)
class _Piece:
    """Prepared rows and their extras."""

    inputs: np.ndarray
    extras: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.inputs)

    def followed_by(self, other: _Piece) -> _Piece:
        import numpy as np

        joined = {name: np.concatenate([values, other.extras[name]]) for name, values in self.extras.items()}
        return _Piece(np.concatenate([self.inputs, other.inputs]), joined)

    def part(self, start: int, stop: int) -> _Piece:
        return _Piece(self.inputs[start:stop], {name: values[start:stop] for name, values in self.extras.items()})

    def copy(self) -> _Piece:
        """Of its own memory; a part would hold all rows that it is part of."""
        return _Piece(self.inputs.copy(), {name: values.copy() for name, values in self.extras.items()})


def _prepared(assembly: Assembly, source: Source, origin: str, size: int) -> Iterator[_Piece]:
    """All rows, checked and prepared, some megabytes at a time, and where that is more, a multiple of `size` rows."""
    preprocessing = assembly.preprocessing
    dataset = Dataset({"data": source}, preprocessing.features, assembly.target.name, "", origin)
    step = max(1, _PIECE_NUMBERS // prod(length or 1 for length in preprocessing.prepared.shape))
    step = max(step - step % size, min(step, size))
    before = 0
    for rows in source.chunks():
        for start in range(0, len(rows), step):
            part = _part(rows, start, start + step)
            place = place_of(part, dataset, "data", before)
            check_values(part, dataset, preprocessing.specs, place)
            inputs = _prepare(assembly, part.features, place)
            before += len(part)
            extras = part.extras
            del part
            yield _Piece(inputs, extras)
            del inputs, extras
        del rows


def _part(rows: Rows, start: int, stop: int) -> Rows:
    features = {name: values[start:stop] for name, values in rows.features.items()}
    extras = {name: values[start:stop] for name, values in rows.extras.items()}
    return replace(rows, features=features, target=None, extras=extras, before=rows.before + start)


def _prepare(assembly: Assembly, features: Mapping[str, np.ndarray], place: Callable[[int], str]) -> np.ndarray:
    """Prepared rows; of an error, its row is looked for one by one."""
    preprocessing = assembly.preprocessing
    try:
        return preprocessing.prepare(features)
    except DataError:
        for feature in preprocessing.features:
            spec, statistics = preprocessing.specs[feature.name], preprocessing.statistics[feature.name]
            for index in range(len(features[feature.name])):
                try:
                    spec.check_rows(feature, statistics, features[feature.name][index : index + 1])
                except ValueError as error:
                    raise DataError(f"{place(index)}: {error}") from None
        raise
