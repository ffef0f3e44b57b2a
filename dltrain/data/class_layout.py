"""Which folders of files are classes, and which are parts of a dataset."""

from collections.abc import Iterable

from dltrain.data.file_tree import StoredFile, Tree
from dltrain.errors import DataError
from dltrain.spec.problems import one_of

Labelled = list[tuple[str, StoredFile]]
"""Classes and files, in the order of the files' names."""

_PARTS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}


def labelled_parts(tree: Tree) -> dict[str, Labelled]:
    """The parts of a dataset; only ``train`` where the folders are classes.

    Raises:
        DataError: there are no classes, or one has no files.
    """
    tree = unwrapped(tree)
    folders = part_folders(tree)
    if not folders:
        return {"train": labelled_files(tree)}
    if "train" not in folders:
        raise DataError(f"{tree.origin}: has a folder {next(iter(folders.values()))}, and none called train")
    if others := [folder for folder in tree.top if folder not in folders.values()]:
        held = one_of(folders.values()).replace(" or ", " and ")
        raise DataError(f"{tree.origin}: beside {held}, the folder {others[0]} is no part; move it elsewhere")
    parts: dict[str, Labelled] = {}
    for part in dict.fromkeys(_PARTS.values()):
        if part in folders:
            classes = {label for label, _ in parts["train"]} if parts else None
            labelled = labelled_files(tree.below(folders[part]), within=classes)
            parts[part] = [(label, StoredFile(f"{folders[part]}/{file.name}", file.read)) for label, file in labelled]
    return parts


def any_labelled(tree: Tree) -> Labelled:
    """What is scored: the test part where there is one, else all files below folders, of however few classes."""
    tree = unwrapped(tree)
    folders = part_folders(tree)
    tree = tree.below(folders.get("test") or next(iter(folders.values()))) if folders else tree
    _check_top(tree)
    return _labelled(tree)


def labelled_files(tree: Tree, *, within: "Iterable[str] | None" = None) -> Labelled:
    """All files below folders, with the names of these as their classes.

    Args:
        tree: the folders.
        within: the classes of the training files, which there must be no others of; None where these
            are the training files.

    Raises:
        DataError: there are no classes, or one has no files.
    """
    tree = unwrapped(tree)
    _check_top(tree)
    labelled = _labelled(tree)
    filled = {label for label, _ in labelled}
    if empty := [folder for folder in tree.top if folder not in filled]:
        text = f"the class folder {empty[0]} is empty; put {tree.contents.noun}s into it, or delete it"
        raise DataError(f"{tree.origin}: {text}")
    if within is None and len(filled) == 1:
        text = f"there is one class only, {tree.top[0]}, and a model learns to tell several apart"
        raise DataError(f"{tree.origin}: {text}; add a folder for each other class")
    noun = tree.contents.noun
    if within is not None and (unknown := sorted(filled - set(within))):
        text = f"has the class {unknown[0]}, and the training {noun}s have {one_of(sorted(within), limit=10)}"
        raise DataError(f"{tree.origin}: {text}; add training {noun}s of it, or delete the folder")
    return labelled


def _labelled(tree: Tree) -> Labelled:
    return [(file.name.partition("/")[0], file) for file in tree.files if "/" in file.name]


def unwrapped(tree: Tree) -> Tree:
    """The tree inside a single folder that only wraps it, as archives often have one."""
    while len(tree.top) == 1 and tree.top[0].lower() not in _PARTS and not _wanted(tree):
        inner = tree.below(tree.top[0])
        if not inner.top or _wanted(inner):
            break
        tree = inner
    return tree


def part_folders(tree: Tree) -> dict[str, str]:
    """The folders that are parts, by the name of the part: they hold folders, and no such files."""
    found: dict[str, str] = {}
    for folder in tree.top:
        inner = tree.below(folder)
        if (part := _PARTS.get(folder.lower())) and inner.top and not _wanted(inner):
            if part in found:
                raise DataError(f"{tree.origin}: {found[part]} and {folder} are the same part; keep one of the two")
            found[part] = folder
    return found


def _check_top(tree: Tree) -> None:
    images, noun = _wanted(tree), tree.contents.noun
    if not tree.top:
        what = f"{noun}s but no folders" if images else f"no folders of {noun}s"
        raise DataError(f"{tree.origin}: holds {what}; put the {noun}s of each class into a folder of its name")
    if images:
        text = f"the {noun} {images[0].name} lies beside the class folders"
        raise DataError(f"{tree.origin}: {text}; put it into one of them")


def _wanted(tree: Tree) -> list[StoredFile]:
    """Those that lie in no folder."""
    return [file for file in tree.files if "/" not in file.name and file.name.lower().endswith(tree.contents.suffixes)]
