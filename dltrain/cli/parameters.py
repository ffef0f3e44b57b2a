"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from dltrain.cli import suggested


def _argument(metavar: str, text: str, suggestions: Callable[[typer.Context, str], list[str]]) -> Any:
    return typer.Argument(metavar=metavar, help=text, show_default=False, autocompletion=suggestions)


_CONFIGS = _argument("CONFIG...", "YAML files, one experiment each.", suggested.configs)
Configs = Annotated[list[Path], _CONFIGS]
OptionalConfigs = Annotated[list[Path] | None, _CONFIGS]
Config = Annotated[Path, _argument("CONFIG", "A YAML file.", suggested.configs)]
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
Run = Annotated[Path, _argument("RUN", "A run directory.", suggested.runs)]
OptionalRun = Annotated[Path | None, _argument("[RUN]", "A run directory; by default the newest run.", suggested.runs)]
ManyRuns = Annotated[list[Path], _argument("RUN...", "Run directories.", suggested.runs)]
Names = Annotated[
    list[str] | None, _argument("NAME", "Names of experiments, or patterns; by default all.", suggested.names)
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        metavar="N",
        min=1,
        help="Of several CONFIGs, how many train at a time; by default one for each processor up to 4, and one "
        "where there is a GPU.",
        show_default=False,
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
Junit = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="Write what became of each CONFIG as JUnit XML.", show_default=False),
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
