"""A glance at tables: names of columns, and what the first rows hold."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dltrain.data.columns import Column
from dltrain.data.first_rows import FirstRows
from dltrain.data.glance import Glance
from dltrain.data.reader import TableReader
from dltrain.errors import DataError
from dltrain.preprocessing.base import FeatureSpec
from dltrain.signature import Feature, SeenTarget


def glance_at(
    readers: Mapping[str, Sequence[TableReader]],
    names: Sequence[str],
    given: Mapping[str, FeatureSpec],
    *,
    targets: Sequence[str],
) -> Glance:
    """What a table's examples are, each row being one.

    Args:
        readers: the files of each part.
        names: the features.
        given: how the config says that some are prepared.
        targets: the columns of the target.
    """
    first = {part: [reader.first_rows([*names, *targets]) for reader in found] for part, found in readers.items()}
    rows = {part: _total(found) for part, found in first.items()}
    if empty := [readers[part][0].path for part, count in rows.items() if count == 0]:
        raise DataError(f"{empty[0]}: has no rows")
    shown = first["train"][0]
    only = all(len(found) == 1 for found in first.values()) and len(first) == 1
    if shown is not None and not only:
        # Other files may hold other labels.
        shown = replace(shown, are_all=False)
    return Glance(_features(shown, names, given), seen_target(shown, targets), rows)


def _total(found: Sequence[FirstRows | None]) -> int | None:
    counts = [None if first is None else first.total for first in found]
    return None if None in counts else sum(count or 0 for count in counts)


def _features(
    first: FirstRows | None, names: Sequence[str], given: Mapping[str, FeatureSpec]
) -> tuple[Feature, ...] | None:
    """None where a column is not known, or holds the paths of images."""
    features = []
    for name in names:
        said = given[name].kind if name in given else None
        kind = said or (first.kind(name) if first else None)
        alone = len(names) == 1 and not said and first is not None and not first.are_all
        if kind is None or kind == "image" or (alone and kind == "categorical"):
            return None
        features.append(Column(name, kind).feature)
    return tuple(features)


def seen_target(first: FirstRows | None, targets: Sequence[str]) -> SeenTarget:
    """What the target is seen to hold; of several columns only how many they are."""
    if len(targets) > 1:
        return SeenTarget(", ".join(targets), columns=tuple(targets), shape=(len(targets),))
    return SeenTarget(targets[0], shape=()) if first is None else first.target(targets[0])
