"""The Typer application: commands, options, and how errors become exit codes."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from dltrain.cli import suggested
from dltrain.cli.console import fail
from dltrain.cli.parameters import (
    Config,
    Configs,
    Json,
    OptionalConfigs,
    OptionalRun,
    Resume,
    Run,
    RunsDir,
    Settings,
    Version,
)
from dltrain.errors import DltrainError, UsageError

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


@app.command()
def fit(  # noqa: PLR0913 (the options of the command line)
    configs: OptionalConfigs = None,
    settings: Settings = None,
    runs_dir: RunsDir = Path("runs"),
    resume: Resume = None,
    force: Annotated[bool, typer.Option("--force", help="With --resume: also where something has changed.")] = False,
    json: Json = False,
) -> None:
    """Train, score and record the experiment of each CONFIG, or go on with a run that was stopped.

    A run goes on from its last checkpoint to the same bits as if it had never been stopped. More epochs may be
    asked for, also of a complete run: --set trainer.epochs=40.
    """
    from dltrain.cli.fit import Options, fit_all, resume_run

    gc.enable()
    if resume is not None:
        resume_run(resume, configs or [], settings or [], runs_dir=runs_dir, options=Options(force, json))
    elif configs and not force:
        fit_all(configs, settings or [], runs_dir=runs_dir, json=json)
    else:
        raise UsageError("--force belongs to --resume RUN" if force else "give a CONFIG to train, or --resume RUN")


@app.command()
def evaluate(
    run: OptionalRun = None,
    split: Annotated[str, typer.Option("--split", help="train, validation or test.")] = "test",
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="Score other labelled data.", show_default=False)
    ] = None,
    runs_dir: RunsDir = Path("runs"),
    json: Json = False,
) -> None:
    """Score a run again, or on new labelled data."""
    from dltrain.cli.evaluate import evaluate_run

    gc.enable()
    evaluate_run(run, split=split, data=data, runs_dir=runs_dir, json=json)


@app.command()
def predict(
    run: Run,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A file of rows, or images or texts; - reads rows from stdin.", show_default=False
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write a .csv, .jsonl or .parquet file.", show_default=False
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE where it exists.")] = False,
    json: Json = False,
) -> None:
    """Predict rows without a target, by default as CSV on stdout.

    DATA is a file like those of training (a table may have another format: .csv, .tsv, .jsonl, .parquet); a
    target in it is not looked at. Rows on stdin are CSV with a header, or JSON lines.

    The columns are the number of the row or the path of the file, the prediction, and for classes the
    probability of each, or with more than 20 of the predicted one. With --json and without FILE, the
    predictions are in the JSON object.
    """
    from dltrain.cli.predict import Destination, predict_rows

    gc.enable()
    predict_rows(run, data, Destination(output, overwrite, json))


@app.command()
def reproduce(
    run: Run,
    runs_dir: Annotated[
        Path | None,
        typer.Option(
            "--runs-dir", metavar="DIR", help="The folder of run directories; by default the run's.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Train also on data that has changed.")] = False,
    json: Json = False,
) -> None:
    """Train a run again from its experiment.yaml, and say what is equal and what drifted.

    Exit code 0 where history, weights and scores have the same bits, 1 where they have not. The data is looked at
    first: where it has changed, nothing is trained without --force.
    """
    from dltrain.cli.reproduce import reproduce_run

    gc.enable()
    reproduce_run(run, runs_dir=runs_dir, force=force, json=json)


@app.command()
def init(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A table, an .npz file, or a folder of images or texts.", show_default=False
        ),
    ],
    targets: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="COLUMN", help="What to predict. Repeatable.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The config; by default named like DATA.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Write a commented config for data, which trains as it is.

    Kinds of columns, task, model, loss, metrics and splits are chosen by rules from a look at all rows. Nothing is
    ever overwritten.
    """
    from dltrain.cli.init import init_config

    gc.enable()
    init_config(data, targets or [], output=output, json=json)


@app.command()
def validate(
    configs: Configs,
    settings: Settings = None,
    data: Annotated[bool, typer.Option("--data", help="Read all rows too, and show what is in them.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print every value, and where it comes from.")] = False,
    json: Json = False,
) -> None:
    """Check configs without TensorFlow; show every problem with its place.

    Of the data, only headers and first rows are looked at. With --data all rows are read: missing and infinite
    values, constant columns, classes of each split, labels that no training row has, rows that are in two splits.
    """
    from dltrain.cli.validate import Validation, validate_all

    if data:
        gc.enable()
    validate_all(configs, settings or [], Validation(data, show, json))


@app.command()
def schema(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a file instead.", show_default=False),
    ] = None,
) -> None:
    """Print the JSON Schema of configs, with which editors complete and check them.

    For the YAML extension of VS Code and others, a config begins with a line such as
    # yaml-language-server: $schema=dltrain.schema.json
    """
    from dltrain.cli.schema import write_schema

    write_schema(output)


@app.command()
def explain(
    config: Config,
    settings: Settings = None,
    data: Annotated[bool, typer.Option("--data", help="Read all rows, for what depends on them.")] = False,
    json: Json = False,
) -> None:
    """Show what a config comes to: derived values and why, defaults, layers, memory.

    Shapes and parameters are Keras's, by arithmetic and without TensorFlow. A glance at the data is enough for
    most; what it does not tell is shown as ?.
    """
    from dltrain.cli.explain import explain_config

    gc.enable()
    explain_config(config, settings or [], data=data, json=json)


def run() -> None:
    """Runs the command line and exits with a documented code."""
    if {"--install-completion", "--show-completion"} & set(sys.argv):
        suggested.keep_together()
    try:
        code = app(prog_name="dltrain", standalone_mode=False)
    except DltrainError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        sys.exit(fail("interrupted", code=130))
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        sys.exit(int(getattr(error, "exit_code", 2)))
    # Typer turns an interrupt into this code.
    sys.exit(fail("interrupted", code=130) if code == 130 else code if isinstance(code, int) else 0)
