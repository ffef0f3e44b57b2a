"""Folders and archives of text files, a folder for each class."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from dltrain.data.class_folders import ClassFolderSpec
from dltrain.data.class_layout import any_labelled
from dltrain.data.column_names import ColumnNames
from dltrain.data.file_tree import Contents, StoredFile, Tree, is_archive, open_tree
from dltrain.data.source import ArraySource, Dataset, Source
from dltrain.data.text_files import TEXTS, TextSource
from dltrain.errors import DataError
from dltrain.signature import STRING, Feature
from dltrain.spec.fields import locate
from dltrain.spec.section import describe

_FEATURE = "text"
_TEXT = Feature(name=_FEATURE, kind="text", dtype=STRING)


def _encoding(value: Any) -> Any:
    try:
        b"a".decode(value)
    except (LookupError, TypeError, ValueError) as error:
        if not isinstance(error, UnicodeError):
            text = f"there is no encoding {describe(value)}; write e.g. utf-8 or latin-1"
            raise PydanticCustomError("setting", "{text}", {"text": text}) from None
    return value


class TextFolder(ClassFolderSpec):
    """Text files (.txt) in a folder for each class, or an archive (.zip, .tar, .tar.gz) of such folders.

    The folder's name is the class. Where it holds folders `train`, `test` and `validation` or `val`, and
    these hold the classes, then these are the parts. An archive is read where it lies. Files whose names
    begin with a dot are ignored.

    Attributes:
        classes: the folders that are classes, where others lie beside them, which are then left out; by
            default all.
        encoding: of the files, such as ``latin-1``.
    """

    type: Literal["text_folder"] = "text_folder"
    contents: ClassVar[Contents] = TEXTS
    plain_suffix: ClassVar[str] = ".txt"
    classes: Annotated[ColumnNames, Field(min_length=2, max_length=100_000)] | None = None
    encoding: Annotated[str, Field(max_length=40), BeforeValidator(_encoding)] = "utf-8"

    def contradiction(self) -> str:
        """What is wrong with `features`."""
        others = [name for name in self.features if name != _FEATURE]
        return f"the one feature of texts is called '{_FEATURE}', and `features` names '{others[0]}'" if others else ""

    def narrowed(self, tree: Tree) -> Tree:
        """The files of the `classes` where there are such."""
        return tree if self.classes is None else _only(tree, self.classes)

    def foreseen(self, files: Sequence[StoredFile]) -> tuple[Feature, ...]:
        """The texts."""
        return (_TEXT,)

    def load(self, extras: Sequence[str] = ()) -> Dataset:
        """The parts that the folders are; each text has its folder's name as its class.

        Raises:
            DataError: a class has no texts, or files cannot be used.
        """
        self.refuse_extras(extras)
        sources = {
            part: self._source([file for _, file in labelled], self.origin, [label for label, _ in labelled])
            for part, labelled in self.listed()
        }
        digest = "-".join(source.digest for source in sources.values())
        return Dataset(sources, (_TEXT,), "class", digest, self.origin)

    def _source(self, files: Sequence[StoredFile], origin: str, labels: Sequence[str] | None = None) -> TextSource:
        return TextSource(files, self.encoding, _FEATURE, labels=labels, origin=origin)

    def open_file(self, path: str, features: tuple[Feature, ...], *, labelled: bool = True) -> Source:
        """Another folder or archive; without `labelled`, all texts below it, or the one text file it is."""
        found = locate(path)
        if not labelled and found.is_file() and not is_archive(found.name):
            return self._source([StoredFile.at(found)], str(found.parent))
        if labelled:
            rows = any_labelled(self.open_tree(found))
            return self._source([file for _, file in rows], found.name, [label for label, _ in rows])
        tree = open_tree(found, self.contents)
        if not tree.files:
            raise DataError(f"{path}: holds no texts")
        return self._source(tree.files, tree.origin)

    def open_rows(self, rows: Any, features: tuple[Feature, ...]) -> Source:
        """A list of texts."""
        import numpy as np

        texts = [rows] if isinstance(rows, str) else list(rows)
        if not texts or not all(isinstance(text, str) for text in texts):
            odd = next((text for text in texts if not isinstance(text, str)), None)
            raise DataError(f"rows: expected a list of texts, got {describe(odd) if texts else 'an empty list'}")
        return ArraySource({_FEATURE: np.array(texts, object)}, None)


def _only(tree: Tree, classes: Iterable[str]) -> Tree:
    """The files below folders of these names, and the folders that lead to them."""
    names = set(classes)
    files = tuple(file for file in tree.files if names & set(file.name.split("/")[:-1]))
    inside = {folder for folder in tree.folders if names & set(folder.split("/"))}
    leading = {folder for folder in tree.folders if any(found.startswith(f"{folder}/") for found in inside)}
    return replace(tree, files=files, folders=frozenset(inside | leading))
