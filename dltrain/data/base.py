"""The family of datasets."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, ClassVar

from pydantic import Field
from pydantic_core import PydanticCustomError

from dltrain.data.source import Dataset, Source
from dltrain.errors import UsageError
from dltrain.preprocessing.base import FeatureSpec
from dltrain.signature import Feature
from dltrain.spec.family import Family, type_name
from dltrain.spec.problems import Problem

_SUFFIXES = {".npz": "npz", ".csv": "csv", ".parquet": "parquet"}


class DatasetSpec(Family):
    """Rows with features and a target.

    Attributes:
        features: how a feature is prepared, by its name; the others by what they hold.
    """

    noun: ClassVar[str] = "dataset"

    features: dict[str, FeatureSpec] = Field(default_factory=dict)

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
                suffix = PurePath(path).suffix.lower()
                if suffix in _SUFFIXES:
                    return _SUFFIXES[suffix]
                text = f"the format of '{path}' is not known; use a .csv, .parquet or .npz file, or write `type:`"
                raise PydanticCustomError("family", "{text}", {"text": text})
        if "features" in values:
            text = "nothing says where the rows come from; write `name:` or `path:`"
            raise PydanticCustomError("family", "{text}", {"text": text})
        return None

    def find_problems(self) -> list[Problem]:
        """What a look at the files' names shows, with paths relative to this section."""
        return []

    def load(self) -> Dataset:
        """Opens the data.

        Raises:
            DataError: the data is missing, broken, or not what the config says.
            MissingRequirementError: it must be downloaded and cannot be.
        """
        raise NotImplementedError

    def open_file(self, path: str, features: tuple[Feature, ...]) -> Source:
        """The rows of another file of the same format, for `evaluate --data`.

        Args:
            path: the file.
            features: what the model takes.

        Raises:
            DataError: the file is broken or lacks a feature.
            UsageError: the dataset is not read from a file.
        """
        raise UsageError(f"a run on the dataset '{type_name(type(self))}' cannot read {path}; only runs on files can")
