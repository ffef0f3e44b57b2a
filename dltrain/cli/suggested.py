"""What a shell proposes where Tab is pressed: configs, runs, and settings for `--set`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from dltrain.errors import DltrainError

_NO_SPACE = """\
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=./] ]] && compopt -o nospace
    return 0
"""
_NO_SPACE_IN_ZSH = r"""
  [[ $answer =~ '(\(\(|'$'\n'')"[^"]*[=./]"' ]] && compadd() { builtin compadd -S '' "$@" }
  eval $answer
  (( $+functions[compadd] )) && unfunction compadd
}
"""


def configs(ctx: typer.Context, incomplete: str) -> list[str]:
    """YAML files, and folders that may hold some."""
    if setting := _divided_setting():
        return [text.partition("=")[2] for text, _ in _settings(ctx, setting)]
    return list(_files(incomplete, (".yaml", ".yml")))


def settings(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Keys of settings and, behind the sign ``=``, values that have names."""
    return _settings(ctx, incomplete)


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Run directories below the folder of runs, and where none fit, folders."""
    folder = Path(str(ctx.params.get("runs_dir") or "runs"))
    names = sorted(path for path in folder.glob("*/*") if path.is_dir() and _names_run(path.name))
    fitting = [str(path) for path in names if str(path).startswith(incomplete)]
    return fitting or list(_files(incomplete, ()))


def names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of experiments that have runs, and the command that is written in their place."""
    folder = Path(str(ctx.params.get("runs_dir") or "runs"))
    found = sorted({path.parent.name for path in folder.glob("*/*") if path.is_dir() and _names_run(path.name)})
    return [name for name in [*found, "rm"] if name.startswith(incomplete)]


def resumable(ctx: typer.Context, incomplete: str) -> list[str]:
    """The same, and ``latest``."""
    return [*(["latest"] if "latest".startswith(incomplete) else []), *runs(ctx, incomplete)]


def keep_together() -> None:
    """Changes typer's scripts for bash and zsh, so that no space follows a part of a setting or of a path."""
    from typer import _completion_shared

    scripts = getattr(_completion_shared, "_completion_scripts", {})
    if "bash" in scripts:
        scripts["bash"] = scripts["bash"].replace("    return 0\n", _NO_SPACE)
    if "  eval $(env " in scripts.get("zsh", ""):
        asked = scripts["zsh"].replace("  eval $(env ", '  local answer="$(env ')
        scripts["zsh"] = asked.replace(")\n}\n", f')"{_NO_SPACE_IN_ZSH}', 1)


def _names_run(name: str) -> bool:
    return name.isdecimal() or name == "latest"


def _files(incomplete: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Folders, and files with these suffixes, whose paths begin as given."""
    head, _, start = incomplete.rpartition("/")
    folder = Path(os.path.expanduser(head or ("/" if incomplete.startswith("/") else ".")))
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        hidden = entry.name.startswith(".") and not start
        if entry.name.startswith(start) and not hidden and (entry.suffix in suffixes or entry.is_dir()):
            yield f"{head}{'/' if '/' in incomplete else ''}{entry.name}{'/' if entry.is_dir() else ''}"


def _settings(ctx: typer.Context, written: str) -> list[tuple[str, str]]:
    from dltrain.experiment import Experiment
    from dltrain.spec.keys import proposals

    # Which of the words are configs is open while the command is incomplete.
    return proposals(Experiment, _values([*(ctx.params.get("configs") or ()), *ctx.args]), written)


def _values(words: list[Any]) -> Any:
    """What the first of the words says that is a config."""
    from dltrain.spec.document import Document

    for path in words:
        try:
            return Document.read(Path(str(path))).values
        except DltrainError:
            continue
    return {}


def _divided_setting() -> str | None:
    """The setting that bash has divided at its sign ``=``, if it is one that is to be completed."""
    words, index = os.environ.get("COMP_WORDS", "").split("\n"), os.environ.get("COMP_CWORD", "")
    if not index.isdecimal() or int(index) >= len(words):
        return None
    before = words[: int(index) + 1]
    if before[-1] == "=":
        before.append("")
    if len(before) < 4 or before[-2] != "=" or before[-4] != "--set":
        return None
    return f"{before[-3]}={before[-1]}"
