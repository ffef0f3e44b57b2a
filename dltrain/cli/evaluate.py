"""`dltrain evaluate`."""

from __future__ import annotations

from pathlib import Path

from dltrain.cli.console import confusion_table, print_json, say, score_table, show, undefined_lines
from dltrain.cli.progress import observer
from dltrain.runs.directory import find, newest
from dltrain.runs.files import read_json


def evaluate_run(run: Path | None, *, split: str, data: Path | None, runs_dir: Path, json: bool) -> None:
    """Scores a run and prints the scores."""
    from dltrain.cross_validation import evaluate

    directory = find(run) if run else newest(runs_dir)
    listener = observer(quiet=json)
    listener.phase(f"scoring {directory}")
    try:
        scores, measured, deviation = evaluate(directory, split=split, data=data)
    finally:
        listener.close()
    label = data.name if data else split
    if json:
        spread = {} if deviation is None else {"deviation": deviation}
        if measured is not None:
            spread = {name: dict(getattr(measured, name)) for name in ("intervals", "undefined", "classes")}
        print_json({"run": str(directory), "split": label, "scores": scores, **spread})
        return
    say(f"run  {directory}")
    spreads = None if deviation is None else {label: deviation}
    intervals, shown = ({label: measured.intervals}, measured.shown) if measured else (None, ())
    for line in score_table({label: scores}, spreads, intervals=intervals, shown=shown):
        show(line)
    for line in undefined_lines({label: measured.undefined} if measured else {}, shown):
        say(line)
    if matrix := scores.get("confusion_matrix"):
        classes = read_json((directory.folds or [directory])[0].signature)["target"]["classes"]
        show()
        for line in confusion_table(matrix, classes):
            show(line)
