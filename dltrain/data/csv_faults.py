"""Where a CSV file is broken: read again slowly, only once it has failed."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from dltrain.data.csv import Csv


def find_fault(path: Path, types: "Mapping[str, pa.DataType]", settings: "Csv", delimiter: str) -> str | None:
    """``line 17: what is wrong; what to do`` for the first fault; None where none is found."""
    from dltrain.data.csv import open_text

    csv.field_size_limit(1 << 30)
    with open_text(path, settings.encoding) as text:
        reader = csv.reader(text, delimiter=delimiter)
        try:
            names = next(reader)
            for row in reader:
                if row and (fault := _fault(row, names, types, settings)):
                    return f"line {reader.line_num}: {fault}"
        except UnicodeError as error:
            return _encoding_fault(path, settings, error)
        except csv.Error as error:
            return f"line {reader.line_num}: {error}; mend the quotes"
    return None


def _fault(row: list[str], names: list[str], types: "Mapping[str, pa.DataType]", settings: "Csv") -> str | None:
    if len(row) != len(names):
        return (
            f"has {len(row)} columns, and the header has {len(names)}; mend the line, or check `delimiter` and quotes"
        )
    for name, text in zip(names, row, strict=True):
        if name in types and text not in ("", *settings.missing_values) and not _reads(text, types[name], settings):
            return (
                f"column '{name}' holds {text[:40]!r}, and the rows before hold {_noun(types[name])}; mend it, write "
                f"`dataset.missing_values: [{text[:40]!r}]`, or `dataset.features: {{{name}: categorical}}`"
            )
    return None


def _noun(kind: Any) -> str:
    return {"bool": "true and false", "int64": "integers"}.get(str(kind), "numbers")


def _reads(text: str, kind: Any, settings: "Csv") -> bool:
    from dltrain.data.columns import FALSE, TRUE

    try:
        if str(kind) == "bool":
            return text in TRUE or text in FALSE
        if str(kind) == "int64":
            return -(2**63) <= int(text) < 2**63
        if str(kind).startswith(("float", "double")):
            float(text.replace(settings.decimal, "."))
    except ValueError:
        return False
    return True


def _encoding_fault(path: Path, settings: "Csv", error: UnicodeError) -> str:
    import pyarrow as pa

    wrong = getattr(error, "reason", str(error))
    with pa.input_stream(str(path), compression="detect") as stream:
        lines = enumerate(io.BufferedReader(stream), start=1)
        line = next((number for number, raw in lines if not _decodes(raw, settings.encoding)), 0)
    remedy = "save it as UTF-8, or write `dataset.encoding: latin-1` if that is what it is"
    return f"line {line}: is not {settings.encoding.upper()} ({wrong}); {remedy}"


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeError:
        return False
    return True
