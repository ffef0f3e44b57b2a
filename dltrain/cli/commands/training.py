"""Commands that train."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from dltrain.cli.parameters import Config, Configs, Jobs, Json, Junit, OptionalConfigs, Resume, Run, RunsDir, Settings
from dltrain.errors import UsageError


def fit(  # noqa: PLR0913 (the options of the command line)
    configs: OptionalConfigs = None,
    settings: Settings = None,
    runs_dir: RunsDir = Path("runs"),
    resume: Resume = None,
    force: Annotated[bool, typer.Option("--force", help="With --resume: also where something has changed.")] = False,
    jobs: Jobs = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Draw no figures, and write no report.html.")] = False,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Train, score and record the experiment of each CONFIG, or go on with a run that was stopped.

    A run goes on from its last checkpoint to the same bits as if it had never been stopped. More epochs may be
    asked for, also of a complete run: --set trainer.epochs=40.
    """
    from dltrain.cli.fit import Options, fit_all, resume_run

    gc.enable()
    options = Options(force, json, not no_report, junit)
    if resume is not None and junit is not None:
        raise UsageError("--junit is for CONFIGs, and not for --resume RUN")
    if resume is not None:
        resume_run(resume, configs or [], settings or [], runs_dir=runs_dir, options=options)
    elif configs and not force:
        fit_all(configs, settings or [], runs_dir=runs_dir, options=options, jobs=jobs)
    else:
        raise UsageError("--force belongs to --resume RUN" if force else "give a CONFIG to train, or --resume RUN")


def smoke(  # noqa: PLR0913 (the options of the command line)
    configs: Configs,
    settings: Settings = None,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="A config whose data is not on this machine is no failure.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep the runs in this folder.", show_default=False)
    ] = None,
    jobs: Jobs = None,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Try every stage of a fit of each CONFIG on two batches: read, train, evaluate, save, reload, predict.

    For continuous integration: a few seconds for each config, in one process that imports the backend once. Of the
    data, the first rows of every class are taken. Nothing is downloaded, and nothing is left in runs/. Scores say
    nothing, so `expect` is not looked at. Exit code 1 where a config fails, 2 where it or its data is wrong.
    """
    from dltrain.cli.smoke import Smoking, smoke_all

    gc.enable()
    smoke_all(configs, settings or [], Smoking(skip_missing, keep, jobs, junit, json))


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


def bench(
    config: Config,
    settings: Settings = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=3600, help="Of training to measure in each trial.")
    ] = 3.0,
    write: Annotated[bool, typer.Option("--write", help="Write the fastest settings into CONFIG.")] = False,
    json: Json = False,
) -> None:
    """Measure how fast CONFIG trains here, on each installed backend and with the settings worth trying.

    Each trial trains for a few seconds in a process of its own, and leaves nothing behind. What --set says of
    runtime is not changed. --write keeps everything else in CONFIG as it is, comments too.
    """
    from dltrain.cli.bench import Options, bench_config

    gc.enable()
    bench_config(config, settings or [], Options(seconds, write, json))
