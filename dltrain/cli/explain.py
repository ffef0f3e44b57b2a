"""`dltrain explain`."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from dltrain.cli.console import clean, print_json, show, table
from dltrain.explanation.derivations import LATER
from dltrain.explanation.explanation import Explanation, explain
from dltrain.footprint import in_words
from dltrain.load import load
from dltrain.signature import Shape
from dltrain.spec.dumper import dump_inline
from dltrain.spec.problems import dotted

_WIDTH = 78
_WHY_AT = 44
"""The column in which reasons begin, where there is room before it."""


def explain_config(config: Path, settings: Sequence[str], *, data: bool, json: bool) -> None:
    """Prints what an experiment comes to."""
    experiment, document = load(config, settings)
    explained = explain(experiment, document, read=data)
    if json:
        print_json({"file": document.source, **as_plain(explained)})
        return
    for title, lines in _sections(explained):
        _print(title, lines)


def as_plain(explained: Explanation) -> dict[str, Any]:
    """For ``--json``. What is not known is null; the batch is the first axis of a shape."""
    layers = [
        {
            "name": layer.name,
            "type": layer.spec.kind,
            "path": layer.path,
            "output_shape": [None, *layer.output_shape],
            "parameters": layer.known_parameters,
        }
        for layer in explained.layers
    ]
    memory = explained.memory
    return {
        "data_read": explained.read,
        "derived": [{"path": found.path, "value": found.value, "why": found.why} for found in explained.derived],
        "implied": {
            dotted(path): {"value": value, "source": str(source)} for path, (value, source) in explained.implied.items()
        },
        "defaults": {dotted(path): value for path, value in explained.defaults.items()},
        "layers": layers,
        "complete": explained.complete,
        "parameters": explained.parameters,
        "trained_parameters": explained.trained_parameters,
        "memory": memory and {**vars(memory), "total": memory.total},
        "written_out": explained.written_out,
    }


def _sections(explained: Explanation) -> Iterator[tuple[str, list[str]]]:
    implied = [
        line
        for path, (value, source) in explained.implied.items()
        for line in _with_reason(f"{dotted(path)}: {dump_inline(value)}", str(source))
    ]
    derived = [line for found in explained.derived for line in _with_reason(_value(found.path, found.value), found.why)]
    yield "derived", implied + derived
    yield "defaults", list(_defaults(explained.defaults))
    if explained.written_out:
        yield "the short form of the model, written out", list(_as_layers(explained.written_out))
    yield "layers", list(_layers(explained))
    yield f"memory of a training step, batch size {explained.experiment.trainer.batch_size:,}", list(_memory(explained))


def _value(path: str, value: Any) -> str:
    return f"{path}: {'?' if value is None else dump_inline(value)}"


def _with_reason(text: str, why: str) -> Iterator[str]:
    """A value with its reason beside it, or below where there is no room."""
    first, *more = textwrap.wrap(text, _WIDTH, subsequent_indent="    ", break_long_words=False) or [""]
    last = more[-1] if more else first
    yield from [first, *more][:-1]
    if len(last) + 2 <= _WHY_AT and len(why) <= _WIDTH - _WHY_AT - 2:
        yield f"{last:{_WHY_AT}}# {why}"
    elif len(last) + len(why) + 4 <= _WIDTH:
        yield f"{last}  # {why}"
    else:
        yield last
        yield from textwrap.wrap(why, _WIDTH, initial_indent="    # ", subsequent_indent="    # ")


def _defaults(defaults: Mapping[tuple[str | int, ...], Any]) -> Iterator[str]:
    """A line, or some, for each section."""
    sections: dict[str, list[str]] = {}
    for (*above, name), value in defaults.items():
        # A component in the place of a setting is told by its type, and its settings by that.
        sections.setdefault(dotted(tuple(above)), []).append(f"{name} {dump_inline(value)}")
    for section, values in sections.items():
        text = f"{section}: {', '.join(values)}" if section else ", ".join(values)
        yield from textwrap.wrap(text, _WIDTH, subsequent_indent="    ", break_long_words=False)


def _as_layers(layers: Sequence[Any]) -> Iterator[str]:
    """YAML, to be pasted below `model:`, a layer in a line."""
    yield "layers:"
    for layer in layers:
        (kind, settings), *_ = layer.items() if isinstance(layer, dict) else [(layer, None)]
        text = f"- {kind}" if settings is None else f"- {kind}: {dump_inline(settings)}"
        yield from textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False)


def _layers(explained: Explanation) -> Iterator[str]:
    if not explained.layers:
        yield LATER
        return
    rows = [["inputs", _shape(explained.layers[0].shape), ""]]
    for layer in explained.layers:
        count = layer.known_parameters
        parameters = "?" if count is None else f"{count:,}"
        rows.append([_named(layer.name, layer.spec.kind), _shape(layer.output_shape), parameters])
    yield from table(["layer", "output shape", "parameters"], rows)
    total, trained = explained.parameters, explained.trained_parameters
    if total is None or trained is None:
        yield f"the {'numbers of parameters' if explained.complete else 'rest'}: {LATER}"
    else:
        yield f"{total:,} parameters, {trained:,} of them trained"


def _named(name: str, kind: str) -> str:
    """``output (dense)``; names that tell the type alone."""
    return name if kind in name.replace("-", "_") else f"{name} ({kind})"


def _shape(lengths: Shape) -> str:
    return f"({', '.join(['batch', *('?' if length is None else str(length) for length in lengths)])})"


def _memory(explained: Explanation) -> Iterator[str]:
    memory = explained.memory
    if memory is None:
        yield LATER
        return
    optimizer = explained.experiment.optimizer.type
    counts = {
        "weights": memory.weights,
        "gradients": memory.gradients,
        f"optimizer, {optimizer}": memory.optimizer,
        "activations": memory.activations,
        "at least": memory.total,
    }
    yield from table(["", ""], [[name, in_words(count)] for name, count in counts.items()])[1:]


def _print(title: str, lines: list[str]) -> None:
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        typer.echo(typer.style(title, bold=True))
        for line in lines:
            text, mark, why = line.partition("# ")
            typer.echo(f"  {clean(text)}{typer.style(clean(mark + why), fg='cyan')}")
    else:
        show(title)
        for line in lines:
            show(f"  {line}")
    show()
