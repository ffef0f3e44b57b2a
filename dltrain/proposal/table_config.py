"""From a table as it was found to the sections `dataset` and `splits` of a config."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dltrain.proposal.columns import LOGARITHM, Role
from dltrain.proposal.survey import Survey
from dltrain.proposal.tables import Table
from dltrain.proposal.task import Judged
from dltrain.proposal.writing import Line, entry, flow, listed, mapped, shown

Named = Callable[[Path], str]
"""How the config names a file."""

_MOST_SET = 12
_WORDS, _WORDS_BESIDE, _BYTES = 20_000, 1000, 2 << 30
_MOST_SHOWN = 30


def survey_table(table: Table, judged: Judged, named: Named) -> Survey:
    """The table as an experiment: windows of a series where rows are the ticks of a clock, else row by row."""
    forecast = table.clock is not None and judged.regresses
    dataset = [Line("dataset:"), *_files(table, named), *_target(table), *_format(table)]
    dataset += _window(table) if forecast else [*_ignored(table), *_features(table)]
    words = all(role.kind == "text" for role in table.features)
    kind: Any = "window" if forecast else "words" if words else "vector"
    shape = (table.clock.past,) if forecast and table.clock else (len(table.features),)
    splits = () if forecast else tuple(_splits(table))
    seen = tuple(_seen(table))
    return Survey(tuple(dataset), kind, shape, table.rows, table.answer, seen, splits)


def _files(table: Table, named: Named) -> Iterator[Line]:
    if len(table.paths) == 1:
        yield entry("path", named(table.paths["train"]), f"{table.rows['train']:,} rows", depth=1)
        return
    for part, path in table.paths.items():
        yield entry(part, named(path), f"{table.rows[part]:,} rows", depth=1)


def _target(table: Table) -> Iterator[Line]:
    value: Any = table.targets if len(table.targets) > 1 else table.targets[0]
    yield entry("target", value, f"to predict: {table.answer.reason}" if table.answer.reason else "", depth=1)


def _format(table: Table) -> Iterator[Line]:
    said = {
        "delimiter": "what stands between two values",
        "encoding": "the file is no utf-8; check that its special letters are right",
        "decimal": "3,14 is a number",
    }
    for key, value in table.settings.items():
        yield entry(key, value, said[key], depth=1)
    if table.marks:
        where = ", ".join(f"{flow(mark)} in {shown(names[0])}" for mark, names in list(table.marks.items())[:3])
        yield entry("missing_values", list(table.marks), f"no value: {where}", depth=1)


def _ignored(table: Table) -> list[Line]:
    """Columns that are left out, each with the reason."""
    by_time = [table.time] if table.time else []
    left_out = [(role.name, role.comment) for role in table.roles if role.left_out and role not in by_time]
    return listed("ignore", left_out, "columns that are left out", depth=1) if left_out else []


def _features(table: Table) -> list[Line]:
    """What is done about missing values, and settings of single features."""
    numbers, labels = (
        [role for role in table.features if role.name in table.missing and test(role)] for test in _SORTS
    )
    lines = []
    if numbers or labels:
        policy = "median" if numbers else "constant"
        said = "of the training rows; of labels the most frequent one" if numbers else '"no answer" is an answer too'
        lines.append(entry("missing", policy, f"{_total(table)}: {said}", depth=1))
    items = [*_own_settings(table), *_missing_settings(table, numbers, labels)]
    return lines + (mapped("features", items, "columns whose kind does not say all", depth=1) if items else [])


def _own_settings(table: Table) -> Iterator[tuple[str, Any, str]]:
    """Of features that are not prepared as their kind usually is."""
    many = sum(role.setting == LOGARITHM for role in table.features) > _MOST_SET
    for role in table.features:
        if role.kind == "text":
            yield role.name, _text_setting(table), "which words it has, as a vector; rare ones count more"
        elif role.setting is not None and role is not table.time and not (many and role.setting == LOGARITHM):
            yield role.name, role.setting, role.comment


def _missing_settings(table: Table, numbers: Sequence[Role], labels: Sequence[Role]) -> Iterator[tuple[str, Any, str]]:
    """A number that is missing may tell something by that, and a label that is missing is one of its own."""
    for role in numbers[:_MOST_SET]:
        if role.setting is None and role.kind == "numeric":
            yield role.name, {"missing": "median", "indicator": True}, f"{_share(table, role)}; a column says where"
    for role in labels[:_MOST_SET] if numbers else ():
        if role.setting is None and role.kind == "categorical":
            yield role.name, {"missing": "constant"}, f"{_share(table, role)}: a label of their own"


def _is_number(role: Role) -> bool:
    return role.kind in ("numeric", "boolean", "datetime")


_SORTS: tuple[Callable[[Role], bool], ...] = (_is_number, lambda role: not _is_number(role))


def _text_setting(table: Table) -> dict[str, Any]:
    """Beside other columns, fewer words: they would outnumber these by far."""
    texts = sum(role.kind == "text" for role in table.features)
    if texts < len(table.features):
        return {"text": {"vocabulary_size": _WORDS_BESIDE}}
    return {"text": words_setting(sum(table.rows.values()), texts)}


def words_setting(rows: int, texts: int = 1) -> dict[str, Any]:
    """Settings of a text that is read as a vector of words, as many as fit: each row becomes a number for each."""
    words = min(_WORDS, _BYTES // (4 * rows * texts))
    size = max(500, words // 1000 * 1000 if words >= 1000 else words)
    return {"output": "tf_idf", "ngrams": 2, "vocabulary_size": size}


def _total(table: Table) -> str:
    count = sum(table.missing.values())
    return f"{count:,} value{'s' * (count > 1)} missing in {len(table.missing)} column{'s' * (len(table.missing) > 1)}"


def _share(table: Table, role: Role) -> str:
    return f"{table.missing[role.name] / sum(table.rows.values()):.1%} missing"


def _numbers(table: Table) -> list[Role]:
    """The columns that a window may have besides the target."""
    return [role for role in table.features if role.kind in ("numeric", "boolean") and role is not table.time]


def _window(table: Table) -> Iterator[Line]:
    assert table.clock is not None
    assert table.time is not None
    clock, used = table.clock, _numbers(table)
    others = [role.name for role in table.roles if role not in used and role is not table.time]
    if others or used:
        said = "the target's own past is the input"
        said += f"; taken out of this list, {shown(used[0].name, 24)} and others are inputs too" if used else ""
        yield entry("ignore", [*others, *(role.name for role in used)], said, depth=1)
    window: dict[str, Any] = {"time": table.time.name, "past": clock.past, "horizon": clock.horizon}
    window |= {"format": table.time.form} if table.time.form else {}
    window |= {"sort": True} if not clock.sorted else {}
    window |= {"gaps": "split"} if clock.gaps else {}
    yield Line("  window:", "from the past of the target, what follows")
    meanings = {
        "time": "its times lie equally far apart",
        "past": "rows that are looked at",
        "horizon": f"rows ahead: {clock.cycle}",
        "sort": "rows do not stand in the order of time",
        "gaps": "no window reaches over a time that is missing",
    }
    yield from (entry(key, value, meanings.get(key, ""), depth=2) for key, value in window.items())


def _splits(table: Table) -> Iterator[Line]:
    """By time where rows have one; a group is mentioned."""
    groups = [role.name for role in table.roles if role.group]
    if groups and len(table.paths) == 1:
        yield Line(
            "", f"To keep rows of one {shown(groups[0])} together, which is a harder and often fairer test, write"
        )
        yield Line("", f"splits: {flow({'group': groups[0], 'validation': 0.1, 'test': 0.2})}")
    if table.time is not None and len(table.paths) == 1:
        if table.time.form:
            setting: dict[str, Any] = {"type": "time", "column": table.time.name, "format": table.time.form}
        else:
            setting = {"time": table.time.name}
        said = "the earliest rows train, the latest test"
        yield entry("splits", {**setting, "validation": 0.1, "test": 0.2}, said)


def _seen(table: Table) -> Iterator[str]:
    """A line for each file and column."""
    for part, path in table.paths.items():
        yield f"{shown(path.name, 60)}: {table.rows[part]:,} rows, {len(table.roles) + len(table.targets)} columns"
    width = min(40, max(len(role.name) for role in table.roles[:_MOST_SHOWN]))
    for role in table.roles[:_MOST_SHOWN]:
        missing = f", {_share(table, role)}" if role.name in table.missing else ""
        labels = f", {role.distinct:,} labels" if role.kind == "categorical" and not role.left_out else ""
        left = f", left out: {role.comment}" if role.left_out else ""
        yield f"  {shown(role.name):<{width}}  {role.kind}{labels}{missing}{left}"
    if more := table.roles[_MOST_SHOWN:]:
        yield f"  and {len(more)} more columns, {sum(role.left_out for role in more)} of them left out"
