"""`dltrain fit`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dltrain.cli.console import print_json, say, score_table, show
from dltrain.cli.progress import observer
from dltrain.load import load


def fit_all(configs: Sequence[Path], settings: Sequence[str], *, runs_dir: Path, json: bool) -> None:
    """Checks every config, then trains one after the other.

    Raises:
        DltrainError: the first that fails; the runs before it are complete.
    """
    loaded = [load(config, settings) for config in configs]
    from dltrain.workflow import fit

    results = []
    for experiment, document in loaded:
        listener = observer(quiet=json)
        try:
            result = fit(experiment, document, runs_dir=runs_dir, observer=listener)
        finally:
            listener.close()
        results.append(result.plain())
        if not json:
            say()
            if len(loaded) > 1:
                show(str(result.directory))
            for line in score_table(result.scores):
                show(line)
            say(f"\nscore it again: dltrain evaluate {result.directory}")
    if json:
        print_json({"runs": results})
