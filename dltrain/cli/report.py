"""`dltrain report`."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from dltrain.cli.console import print_json, say, show
from dltrain.errors import RunError
from dltrain.runs.directory import find, newest


def report_run(run: Path | None, *, runs_dir: Path, open_page: bool, json: bool) -> None:
    """Writes the page about a run, by default the newest, and says where it is.

    Raises:
        UsageError: there is no run.
        RunBusyError: another process writes it.
        RunError: the page cannot be written, or no browser can be begun.
    """
    directory = find(run) if run else newest(runs_dir)
    from dltrain.page.writing import write_report
    from dltrain.runs.writing import locked

    with locked(directory):
        path = write_report(directory)
    shown = str(Path(str(directory)) / path.name)
    if json:
        print_json({"run": str(directory), "report": shown})
    else:
        show(shown)
    if open_page:
        if not webbrowser.open(path.resolve().as_uri()):
            raise RunError(f"no browser could be begun; open {path} in one")
        say("opened in a browser")
