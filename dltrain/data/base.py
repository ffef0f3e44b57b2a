"""The family of datasets."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from dltrain.augmentations.base import AugmentationSpec
from dltrain.data.files import archive_holds_mostly, holds_mostly
from dltrain.data.glance import Glance
from dltrain.data.source import Dataset, Source
from dltrain.errors import UsageError
from dltrain.preprocessing.base import FeatureSpec, Missing
from dltrain.signature import Feature
from dltrain.spec import fields
from dltrain.spec.family import Family, type_name
from dltrain.spec.fields import is_folder, locate_written
from dltrain.spec.problems import Problem, SpecError

_SUFFIXES = {
    ".npz": "npz", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".jsonl": "json_lines", ".ndjson": "json_lines",
    ".tar": "image_folder", ".tgz": "image_folder", ".zip": "image_folder",
}  # fmt: skip
_COMPRESSED = (".gz", ".bz2", ".zst")


def format_of(path: str) -> str | None:
    """The type of dataset that a file's suffix tells; None where it tells none."""
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes if suffix.lower() not in _COMPRESSED]
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def pattern_of_files(*types: str) -> str:
    """A regular expression of the names of files that are told by their suffix to be datasets of such types."""
    suffixes = [_either_case(suffix) for suffix, name in _SUFFIXES.items() if name in types]
    return rf"({'|'.join(suffixes)})({'|'.join(map(_either_case, _COMPRESSED))})?$"


def _either_case(suffix: str) -> str:
    return "".join(f"[{mark}{mark.upper()}]" if mark.isalpha() else re.escape(mark) for mark in suffix)


def _any_path(pattern: str) -> dict[str, Any]:
    """A JSON Schema of mappings in which `path` or `train` is such a name."""
    keys = ("path", "train")
    return {"anyOf": [{"required": [key], "properties": {key: {"pattern": pattern}}} for key in keys]}


class DatasetSpec(Family):
    """Rows with features and a target.

    Attributes:
        features: how a feature is prepared, by its name, such as ``{country: {categorical: embedding}}``; the
            others by what they hold.
        augment: random changes of the training images, in order, such as ``[random_flip: horizontal]``; a new
            draw for each image and epoch.
    """

    noun: ClassVar[str] = "dataset"
    plain_suffix: ClassVar[str] = ".csv"
    """What a file of plain text is called, where it has no name since it comes from stdin."""
    packages: ClassVar[tuple[str, ...]] = ("pyarrow.compute", "PIL.Image")
    """What reads the rows and is imported by Keras as well, which may be imported meanwhile."""

    features: dict[str, FeatureSpec] = Field(default_factory=dict)
    augment: Annotated[tuple[AugmentationSpec, ...], fields.Sequence, Field(max_length=100)] = ()

    @classmethod
    def infer_type(cls, values: Mapping[str, Any]) -> str | None:
        """From `name`, or from the suffix of `path` or `train`."""
        given = [key for key in ("name", "path", "train") if key in values]
        if given[:1] == ["name"] and len(given) > 1:
            text = f"`name` and `{given[1]}` both say where the rows come from; keep one of the two"
            raise PydanticCustomError("family", "{text}", {"text": text})
        if given[:1] == ["name"]:
            return str(values["name"])
        for key in ("path", "train"):
            if isinstance(path := values.get(key), str):
                if is_folder(path):
                    return "text_folder" if holds_mostly(locate_written(path), ".txt") else "image_folder"
                if found := format_of(path):
                    texts = found == "image_folder" and archive_holds_mostly(locate_written(path), ".txt")
                    return "text_folder" if texts else found
                known = ".csv, .tsv, .jsonl, .parquet or .npz file, a folder of images or texts"
                text = f"the format of '{path}' is not known; use a {known}, or write `type:`"
                raise PydanticCustomError("family", "{text}", {"text": text})
        if "features" in values:
            text = "nothing says where the rows come from; write `name:` or `path:`"
            raise PydanticCustomError("family", "{text}", {"text": text})
        return None

    @classmethod
    def untyped(cls) -> Mapping[str, dict[str, Any]]:
        """Datasets by `name`, files by their suffix, and folders, which may have any name."""
        named = [name for name, member in cls.choices().items() if "name" in member.model_fields]
        files = {name: _any_path(pattern_of_files(name)) for name in _SUFFIXES.values()}
        no_folder = _any_path(pattern_of_files("csv", "parquet", "json_lines", "npz"))
        return {
            **{name: {"required": ["name"], "properties": {"name": {"const": name}}} for name in named},
            **files,
            **{name: {**_any_path(""), "not": no_folder} for name in ("image_folder", "text_folder")},
        }

    def find_problems(self) -> list[Problem]:
        """What a look at the files' names shows, with paths relative to this section."""
        return []

    @property
    def feature_specs(self) -> Mapping[str, FeatureSpec]:
        """How features are prepared, as far as the settings say."""
        return self.features

    @property
    def missing_policy(self) -> Missing:
        """What is done about a missing value where its feature does not say."""
        return "error"

    @property
    def target_columns(self) -> tuple[str, ...]:
        """The columns of the target, where it is several numbers or labels of a row."""
        return ()

    @property
    def weight_column(self) -> str | None:
        """The column that holds what each row counts in the loss of training."""
        return None

    @property
    def forecasts(self) -> bool:
        """Whether rows are windows of the past, and their targets what follows."""
        return False

    @property
    def absent(self) -> str:
        """Why its rows are not on this machine; empty where they are, or where `find_problems` tells."""
        return ""

    @property
    def stride_without_overlap(self) -> int | None:
        """The `window.stride` from which on no two windows share a row; None where none do anyway."""
        return None

    def glance(self, extras: Sequence[str] = ()) -> Glance:
        """What `load` will find, as far as a header, some first rows or the name of a dataset tell it.

        A dataset that is not on this machine shows nothing but what its name tells.

        Args:
            extras: as `load` takes them.

        Raises:
            SpecError: as `load` does.
            DataError: as `load` does.
        """
        return Glance()

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """Opens the data.

        Args:
            extras: columns that the rows shall hold besides features and target, such as the one
                that splits go by.

        Raises:
            SpecError: there is no such column.
            DataError: the data is missing, broken, or not what the config says.
            MissingRequirementError: it must be downloaded and cannot be.
        """
        raise NotImplementedError

    def identity(self) -> tuple[str, str] | None:
        """What messages call the files, and their fingerprint as `load` gives it; None where bytes do not tell it.

        Nothing in the files is looked at, so that a record which names some file cannot make anything of it known.

        Raises:
            DataError: one is missing.
        """
        return None

    def refuse_extras(self, extras: Sequence[str]) -> None:
        """Raises SpecError where columns are asked for that a dataset of arrays does not have."""
        if extras:
            text = f"the dataset '{self.type}' is made of arrays and has no column '{extras[0]}'"
            raise SpecError([Problem(f"{text}; only tables have", ("splits",))])

    def open_file(self, path: str, features: tuple[Feature, ...], *, labelled: bool = True) -> Source:
        """The rows of another file of the same format, for `evaluate --data` and `predict`.

        Args:
            path: the file.
            features: what the model takes.
            labelled: whether the rows must have a target; otherwise theirs is None.

        Raises:
            DataError: the file is broken or lacks a feature.
            UsageError: the dataset is not read from a file.
        """
        raise UsageError(f"a run on the dataset '{type_name(type(self))}' cannot read {path}; only runs on files can")

    def open_rows(self, rows: Any, features: tuple[Feature, ...]) -> Source:
        """Rows that a program holds, for `dltrain.predict`; they have no target.

        Args:
            rows: in a form that fits the dataset.
            features: what the model takes.

        Raises:
            DataError: the rows lack a feature, or a value is not of its type.
            UsageError: the dataset only reads files.
        """
        raise UsageError(f"a run on the dataset '{type_name(type(self))}' takes the path of a file, and no rows")
