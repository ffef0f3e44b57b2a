"""What folders of files have in common, where each folder is a class."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from dltrain.data.base import DatasetSpec
from dltrain.data.class_layout import Labelled, labelled_files, labelled_parts
from dltrain.data.file_tree import Contents, StoredFile, Tree, is_archive, open_tree
from dltrain.data.folder_glance import FolderGlance
from dltrain.data.glance import Glance
from dltrain.signature import Feature, SeenTarget
from dltrain.spec.fields import DataPath, locate
from dltrain.spec.problems import Problem, suggestion


class ClassFolderSpec(DatasetSpec):
    """Files in a folder for each class, or an archive of such folders.

    Attributes:
        path: the folder or archive.
        train: instead of `path`, that of the training files.
        validation: beside `train`, that of the validation files, if there is one.
        test: beside `train`, that of the test files, if there is one.
    """

    contents: ClassVar[Contents]
    """What kind of files is wanted."""

    path: DataPath | None = None
    train: DataPath | None = None
    validation: DataPath | None = None
    test: DataPath | None = None

    @classmethod
    def json_rules(cls) -> list[dict[str, Any]]:
        """A path, or a path for each part."""
        from dltrain.spec.json_types import not_together

        return [
            {"anyOf": [{"required": ["path"]}, {"required": ["train"]}]},
            *(not_together("path", name) for name in ("train", "validation", "test")),
        ]

    @model_validator(mode="after")
    def _one_or_parts(self) -> Self:
        text = ""
        if (self.path is None) == (self.train is None):
            given = "`path` and `train` are both given" if self.path else "no folder is given"
            text = f"{given}; write `path` for one folder, or `train` for a folder of training {self.contents.noun}s"
        elif self.path is not None and (self.validation or self.test):
            text = "`path` stands alone; call it `train` beside `validation` and `test`"
        if text := text or self.contradiction():
            raise PydanticCustomError("setting", "{text}", {"text": text})
        return self

    def contradiction(self) -> str:
        """What is wrong with the other settings; empty where nothing is."""
        return ""

    def find_problems(self) -> list[Problem]:
        """Missing folders and archives."""
        return [problem for key, path in self._folders() for problem in _missing(path, key)]

    @property
    def origin(self) -> str:
        """What messages call the files."""
        return ", ".join(dict.fromkeys(Path(path).name for _, path in self._folders()))

    def open_tree(self, path: Path) -> Tree:
        """The files of a folder or an archive which may be rows."""
        return self.narrowed(open_tree(path, self.contents))

    def narrowed(self, tree: Tree) -> Tree:
        """Those files which may be rows."""
        return tree

    def glance(self, extras: Sequence[str] = ()) -> Glance:
        """Classes, and what the first files are like; nothing of an archive, or where there are very many files."""
        self.refuse_extras(extras)
        folders = FolderGlance(self.contents)
        if not all(locate(path).is_dir() for _, path in self._folders()):
            return Glance()
        try:
            listed = dict(self.listed(lambda path: self.narrowed(folders.tree(path))))
        except (OverflowError, OSError):
            return Glance()
        labels = tuple(sorted({label for label, _ in listed["train"]}))
        target = SeenTarget("class", shape=(), holds="text", distinct=len(labels), labels=labels, example=labels[0])
        rows = {part: len(labelled) if folders.complete else None for part, labelled in listed.items()}
        return Glance(self.foreseen([file for labelled in listed.values() for _, file in labelled]), target, rows)

    def foreseen(self, files: Sequence[StoredFile]) -> tuple[Feature, ...] | None:
        """The features, as far as the first of the files tell them.

        Raises:
            DataError: one cannot be used.
        """
        return None

    def listed(self, opened: Callable[[Path], Tree] | None = None) -> Iterator[tuple[str, Labelled]]:
        """The files of each part with their classes.

        Args:
            opened: gives the files of a folder or archive; by default all.

        Raises:
            DataError: there are no classes, or one has no files.
        """
        opened = opened or self.open_tree
        if self.path is not None:
            yield from labelled_parts(opened(locate(self.path))).items()
            return
        classes: set[str] = set()
        for part, path in self._folders():
            labelled = labelled_files(opened(locate(path)), within=classes or None)
            classes |= {label for label, _ in labelled}
            yield part, [(label, StoredFile(f"{part}/{file.name}", file.read)) for label, file in labelled]

    def _folders(self) -> list[tuple[str, str]]:
        named = [(key, getattr(self, key)) for key in ("path", "train", "validation", "test")]
        return [(key, path) for key, path in named if path is not None]


def _missing(path: str, key: str) -> list[Problem]:
    found = locate(path)
    if found.is_dir() or (found.is_file() and is_archive(found.name)):
        return []
    if found.exists():
        return [Problem(f"{path} is neither a folder nor an archive; give a folder, a .zip or a .tar.gz", (key,))]
    near: list[str] = []
    with suppress(OSError):
        near = [child.name for child in islice(found.parent.iterdir(), 1000)]
    text = f"no such folder or archive: {path}; paths are relative to the config, then to $DLTRAIN_DATA"
    return [Problem(f"{text}{suggestion(found.name, near)}", (key,), absent=True)]
