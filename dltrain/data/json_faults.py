"""Where a file of JSON lines is broken: read again slowly, only once it has failed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dltrain.data.csv_faults import open_text
from dltrain.data.reader import misfit

if TYPE_CHECKING:
    import pyarrow as pa

_NOUNS = {bool: "true and false", int: "numbers", float: "numbers", str: "texts", list: "lists", dict: "mappings"}


def find_fault(path: Path, types: "Mapping[str, pa.DataType]") -> str | None:
    """``line 17: what is wrong; what to do`` for the first fault; None where none is found.

    Args:
        path: the file.
        types: what was asked for; a value must be of it, and of the kind of those before it.
    """
    seen: dict[str, str] = {}
    number = 0
    try:
        with open_text(path, "utf-8", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip() and (fault := _fault(line, types, seen)):
                    return f"line {number}: {fault}"
    except OSError as error:
        reason = str(error).split("\n")[0].rstrip(".")
        return f"is damaged or cut off after line {number} ({reason}); copy it again"
    return None if seen else "has no rows; it needs a JSON object in each line"


def _fault(line: str, types: "Mapping[str, pa.DataType]", seen: dict[str, str]) -> str | None:
    if not _is_utf8(line):
        return "is not UTF-8; save the file as UTF-8"
    try:
        row = json.loads(line, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else str(error)
        return f'is no JSON ({reason}); each line must be one object such as {{"age": 39}}'
    if not isinstance(row, _Pairs):
        return 'is no object; each line must be one, such as {"age": 39}'
    names = [name for name, _ in row.pairs]
    if twice := [name for index, name in enumerate(names) if name in names[:index]]:
        return f"has the key '{twice[0]}' twice; keep one"
    for name, value in row.pairs:
        asked = not types or name in types
        if value is not None and asked and (fault := _value_fault(name, value, seen, types.get(name))):
            return fault
    return None


def _value_fault(name: str, value: Any, seen: dict[str, str], kind: "pa.DataType | None") -> str | None:
    noun = "mappings" if isinstance(value, _Pairs) else _NOUNS[type(value)]
    if noun != seen.setdefault(name, noun):
        return f"column '{name}' holds {_shown(value)}, and the rows before hold {seen[name]}; mend it"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return f"column '{name}' holds a number above 1e308; mend it"
    if isinstance(value, str) and not _is_utf8(value):
        return f"column '{name}' holds half of a pair of characters (\\ud800 to \\udfff); mend it"
    if kind is not None and str(kind) == "int64" and noun == "numbers" and not isinstance(value, int):
        return misfit(name, value, kind)
    return None


def _is_utf8(line: str) -> bool:
    """Whether no byte had to be escaped."""
    try:
        line.encode()
    except UnicodeError:
        return False
    return True


class _Pairs:
    """The keys and values of an object, as often as they are written."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _shown(value: Any) -> str:
    if isinstance(value, _Pairs | list):
        return "a mapping" if isinstance(value, _Pairs) else "a list"
    return json.dumps(value, ensure_ascii=False)[:40]
