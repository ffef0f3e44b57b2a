"""`report.html` in a run directory: the pictures are drawn, and the page is written."""

from __future__ import annotations

from pathlib import Path

from dltrain.errors import DltrainError
from dltrain.page.reading import read
from dltrain.page.report import report
from dltrain.runs.directory import RunDirectory
from dltrain.runs.files import write

NAME = "report.html"


def write_report(run: RunDirectory) -> Path:
    """Draws the pictures of a run and writes its page, and those of its folds; returns the path of the page.

    Raises:
        RunError: the disk is full or read-only.
    """
    from dltrain.figures import save

    for fold in run.folds:
        write_report(fold)
    figures, notes = [], []
    try:
        figures = save(run)
    except DltrainError:
        raise
    # Whatever a picture breaks on, the page says the rest.
    except Exception as error:
        notes.append(f"no pictures: {type(error).__name__}: {error}"[:500])
    path = run.path / NAME
    write(path, report(read(run), figures, notes).encode("utf-8", "replace"))
    return path
