"""Commands about configs."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from dltrain.cli.parameters import Config, Configs, Json, Junit, Settings


def validate(  # noqa: PLR0913 (the options of the command line)
    configs: Configs,
    settings: Settings = None,
    data: Annotated[bool, typer.Option("--data", help="Read all rows too, and show what is in them.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print every value, and where it comes from.")] = False,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Check configs without TensorFlow; show every problem with its place.

    Of the data, only headers and first rows are looked at. With --data all rows are read: missing and infinite
    values, constant columns, classes of each split, labels that no training row has, rows that are in two splits.
    """
    from dltrain.cli.validate import Validation, validate_all

    if data:
        gc.enable()
    validate_all(configs, settings or [], Validation(data, show, json, junit))


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
