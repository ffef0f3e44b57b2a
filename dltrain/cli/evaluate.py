"""`dltrain evaluate`."""

from __future__ import annotations

from pathlib import Path

from dltrain.cli.console import confusion_table, print_json, say, score_table, show
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
        scores, deviation = evaluate(directory, split=split, data=data)
    finally:
        listener.close()
    label = data.name if data else split
    if json:
        spread = {} if deviation is None else {"deviation": deviation}
        print_json({"run": str(directory), "split": label, "scores": scores, **spread})
        return
    say(f"run  {directory}")
    for line in score_table({label: scores}, None if deviation is None else {label: deviation}):
        show(line)
    if matrix := scores.get("confusion_matrix"):
        classes = read_json((directory.folds or [directory])[0].signature)["target"]["classes"]
        show()
        for line in confusion_table(matrix, classes):
            show(line)
