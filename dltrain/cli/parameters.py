"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dltrain.cli import suggested

_CONFIGS = typer.Argument(
    metavar="CONFIG...", help="YAML files, one experiment each.", show_default=False, autocompletion=suggested.configs
)
Configs = Annotated[list[Path], _CONFIGS]
OptionalConfigs = Annotated[list[Path] | None, _CONFIGS]
Config = Annotated[
    Path,
    typer.Argument(metavar="CONFIG", help="A YAML file.", show_default=False, autocompletion=suggested.configs),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting, e.g. trainer.epochs=3. Repeatable.",
        show_default=False,
        autocompletion=suggested.settings,
    ),
]
Run = Annotated[
    Path,
    typer.Argument(metavar="RUN", help="A run directory.", show_default=False, autocompletion=suggested.runs),
]
OptionalRun = Annotated[
    Path | None,
    typer.Argument(
        metavar="[RUN]",
        help="A run directory; by default the newest run.",
        show_default=False,
        autocompletion=suggested.runs,
    ),
]
Resume = Annotated[
    str | None,
    typer.Option(
        "--resume",
        metavar="RUN",
        help="Go on with a run; latest is the newest.",
        show_default=False,
        autocompletion=suggested.resumable,
    ),
]
RunsDir = Annotated[Path, typer.Option("--runs-dir", metavar="DIR", help="The folder of run directories.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dltrain {version('dltrain')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
]
