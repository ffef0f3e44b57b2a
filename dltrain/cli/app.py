"""The Typer application: commands, options, and how errors become exit codes."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dltrain.cli.console import fail, print_json
from dltrain.errors import ConfigError, DltrainError, UsageError

app = typer.Typer(
    name="dltrain",
    help="Train Keras models from a config file.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Configs = Annotated[
    list[Path], typer.Argument(metavar="CONFIG...", help="YAML files, one experiment each.", show_default=False)
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change a setting, e.g. trainer.epochs=3. Repeatable.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
RunsDir = Annotated[Path, typer.Option("--runs-dir", metavar="DIR", help="The folder of run directories.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dltrain {version('dltrain')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
]


@app.callback()
def options(_version: Version = False) -> None:
    """Train Keras models from a config file."""


@app.command()
def fit(  # noqa: PLR0913 (the options of the command line)
    configs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="CONFIG...", help="YAML files, one experiment each.", show_default=False),
    ] = None,
    settings: Settings = None,
    runs_dir: RunsDir = Path("runs"),
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="RUN", help="Go on with a run; latest is the newest.", show_default=False),
    ] = None,
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
    run: Annotated[
        Path | None,
        typer.Argument(metavar="[RUN]", help="A run directory; by default the newest run.", show_default=False),
    ] = None,
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
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.", show_default=False)],
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
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.", show_default=False)],
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
def validate(configs: Configs, settings: Settings = None, json: Json = False) -> None:
    """Check configs without TensorFlow; show every problem with its place."""
    from dltrain.load import load

    problems: list[Any] = []
    for config in configs:
        try:
            load(config, settings or [])
        except ConfigError as error:
            problems += error.problems
        else:
            if not json:
                typer.echo(f"{config}: ok")
    if json:
        print_json({"problems": [problem.plain() for problem in problems]})
    if problems:
        raise ConfigError([] if json else problems)


def run() -> None:
    """Runs the command line and exits with a documented code."""
    try:
        code = app(standalone_mode=False)
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
