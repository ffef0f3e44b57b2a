"""`dltrain runs`, which lists runs unless a command of its own is named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dltrain.cli.parameters import Json, ManyRuns, Names, RunsDir

_DEFAULT = "list"


class Runs(TyperGroup):
    """Commands about runs; words that name none of them are arguments of `list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the default command in front where none is written."""
        written = bool(args) and args[0] in self.commands
        return super().parse_args(ctx, args if written else [_DEFAULT, *args])


runs = typer.Typer(cls=Runs, help="Show the runs in a table, or remove some.", rich_markup_mode=None)


@runs.command("list")
def list_runs(  # noqa: PLR0913 (the options of the command line)
    names: Names = None,
    sort: Annotated[
        str, typer.Option("--sort", metavar="KEY", help="when, name, status, took, device, score or test.accuracy.")
    ] = "when",
    statuses: Annotated[
        list[str] | None,
        typer.Option("--status", help="Such as completed, failed or killed. Repeatable.", show_default=False),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="KEY=VALUE", help="Only runs with a setting. Repeatable.", show_default=False),
    ] = None,
    runs_dir: RunsDir = Path("runs"),
    json: Json = False,
) -> None:
    """Show the runs in a table, the newest first, or those of a NAME such as 'mnist-*'.

    `dltrain runs rm RUN...` removes runs.
    """
    from dltrain.cli.runs import Selection, list_runs

    list_runs(runs_dir, Selection(names or (), statuses or (), where or (), sort), json=json)


@runs.command("rm")
def remove_runs(
    paths: ManyRuns,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove run directories for good."""
    from dltrain.cli.removing import remove_runs

    remove_runs(paths, yes=yes, json=json)
