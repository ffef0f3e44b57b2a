"""The command line: parse, call one function, print. The only place that prints or exits."""

from __future__ import annotations


def main() -> None:
    """The entry point of the command `dltrain`."""
    from dltrain.cli.app import run

    run()
