"""Commands about runs that are there."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from dltrain.cli.parameters import Json, ManyRuns, OptionalRun, Run, RunsDir


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


def compare(
    paths: ManyRuns,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page too, with curves.", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE where it exists.")] = False,
    json: Json = False,
) -> None:
    """Compare runs with the first of them: settings, scores, and a paired test on the same test rows.

    The test is a paired bootstrap of each score, with a 95 % interval of the difference, and McNemar's test of the
    accuracy. Where runs were tested on different rows of one dataset, only the rows that both have count.
    """
    from dltrain.cli.compare import compare_runs

    gc.enable()
    compare_runs(paths, html=html, overwrite=overwrite, json=json)


def report(
    run: OptionalRun = None,
    runs_dir: RunsDir = Path("runs"),
    open_page: Annotated[bool, typer.Option("--open", help="Show it in a browser.")] = False,
    json: Json = False,
) -> None:
    """Write the page about a run again, with its figures: report.html in its directory.

    Also of a run that failed or was stopped, with what there is. The page needs no network.
    """
    from dltrain.cli.report import report_run

    gc.enable()
    report_run(run, runs_dir=runs_dir, open_page=open_page, json=json)
