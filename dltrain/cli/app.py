"""The Typer application: its commands, and how errors become exit codes."""

from __future__ import annotations

import sys
from signal import SIGINT

import typer

from dltrain.cli import suggested
from dltrain.cli.commands.configs import explain, init, schema, validate
from dltrain.cli.commands.scoring import compare, evaluate, predict, report
from dltrain.cli.commands.training import bench, fit, reproduce, smoke
from dltrain.cli.console import fail
from dltrain.cli.groups import runs
from dltrain.cli.parameters import Version
from dltrain.errors import DltrainError
from dltrain.runtime.interruption import Interruption

app = typer.Typer(
    name="dltrain",
    help="Train Keras models from a config file.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(_version: Version = False) -> None:
    """Train Keras models from a config file."""


for command in (fit, evaluate, predict, reproduce, init, validate, smoke, schema, explain, bench, compare, report):
    app.command()(command)
app.add_typer(runs, name="runs")


def run() -> None:
    """Runs the command line and exits with a documented code."""
    if {"--install-completion", "--show-completion"} & set(sys.argv):
        suggested.keep_together()
    interruption = Interruption()
    try:
        with interruption.listening((SIGINT,)):
            code = app(prog_name="dltrain", standalone_mode=False)
    except DltrainError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        sys.exit(fail("interrupted", code=130))
    except Exception as error:
        if interruption.raised:
            sys.exit(fail("interrupted", code=130))
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        sys.exit(int(getattr(error, "exit_code", 2)))
    # Typer turns an interrupt into this code.
    sys.exit(fail("interrupted", code=130) if code == 130 else code if isinstance(code, int) else 0)
