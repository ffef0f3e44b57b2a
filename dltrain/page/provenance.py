"""Where a run comes from: its config, its machine, its data, and the commands that make it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dltrain.page.markup import Html, details, each, element, html, plain, table
from dltrain.page.reading import Reading
from dltrain.runs.rating import line, mapping

_MOST_LINES = 5000
_MOST_ROWS = 100
_LONGEST = 2000


def config(found: Reading) -> Html | None:
    """The config as it was written, with the numbers of its lines, and with every default and derived value."""
    if not found.configs and not found.resolved:
        return None
    recorded = mapping(found.manifest.get("config"))
    names = _texts(recorded.get("files"))
    parts = []
    for index, (name, text) in enumerate(found.configs.items()):
        of = f", which was {names[index]}" if index < len(names) else ""
        parts.append(element("p", element("code", name), of))
        parts.append(_numbered(text, "config" if index == 0 else f"base-{index}"))
    if settings := _texts(recorded.get("settings")):
        parts.append(element("p", "Changed on the command line: ", each(_codes(settings))))
    if found.resolved:
        title = html(element("code", "experiment.yaml"), ": the same with every default and derived value")
        parts.append(details(title, _numbered(found.resolved, "experiment")))
    return each(parts)


def _codes(texts: Iterable[str]) -> Iterator[Html]:
    for index, text in enumerate(texts):
        yield html(", " if index else "", element("code", text))


def _numbered(text: str, anchor: str) -> Html:
    """Lines with their numbers, which are not copied with them."""
    lines = text.splitlines()[:_MOST_LINES]
    spans = (element("span", content or " ", id=f"{anchor}-{row}") for row, content in enumerate(lines, 1))
    return element("pre", *spans, class_="lines", tabindex="0", role="region", aria_label=anchor)


def environment(found: Reading) -> Html | None:
    """Machine, versions, and the fingerprints of data and splits."""
    manifest = found.facts
    runtime = mapping(manifest.get("runtime"))
    if not runtime:
        return None
    versions = mapping(runtime.get("versions"))
    facts = {name: value for name, value in runtime.items() if name != "versions"}
    prints = {f"{name} fingerprint": mapping(manifest.get(name)).get("fingerprint") for name in ("dataset", "splits")}
    rows = {**prints, "seed": manifest.get("seed"), "git commit": manifest.get("git_commit"), **facts}
    return html(
        table(["", "version"], _rows(versions), label="Versions"),
        details("Machine, data and seed", table(["", ""], _rows(rows), label="Machine, data and seed", style="wraps")),
    )


def _rows(values: Mapping[str, Any]) -> list[list[str]]:
    known = ((name, value) for name, value in values.items() if value not in (None, "", [], {}))
    return [[line(name).replace("_", " "), _shown(value)] for name, value in list(known)[:_MOST_ROWS]]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(line(part) for part in value[:_MOST_ROWS])
    if isinstance(value, dict):
        return ", ".join(f"{line(name)}={line(part)}" for name, part in list(value.items())[:_MOST_ROWS])
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else line(value)


def reproduction(found: Reading) -> Html:
    """The commands, as they are written in a shell."""
    return each(
        html(element("p", text), element("pre", "\n".join(lines), tabindex="0"))
        for text, lines in _commands(found)
        if lines
    )


def _commands(found: Reading) -> Iterator[tuple[str, list[str]]]:
    run, recorded = str(found.run), mapping(found.manifest.get("config"))
    if found.entry.status == "completed":
        yield "Train it again, and compare history, weights and scores bit for bit:", [command("reproduce", run)]
    else:
        yield "Go on from the last checkpoint:", [command("fit", "--resume", str(found.run.whole))]
    if files := _texts(recorded.get("files")):
        settings = (word for text in _texts(recorded.get("settings")) for word in ("--set", text))
        yield "Begin it as it was begun:", [*_before(found), command("fit", files[0], *settings)]
    model = str(found.folds[0].run) if found.folds else run
    yield "Use it:", [command("evaluate", run), command("predict", model, "DATA")]
    yield "The same versions:", _versions(found)


def _before(found: Reading) -> list[str]:
    """What has to stand before a fit: the commit, and variables that the config refers to."""
    commit = found.facts.get("git_commit")
    names = _texts(mapping(found.manifest.get("config")).get("variables"))
    exports = [f"export {shlex.quote(plain(name))}=..." for name in names]
    return [*([f"git checkout {shlex.quote(_line(commit))}"] if isinstance(commit, str) and commit else []), *exports]


def _versions(found: Reading) -> list[str]:
    versions = mapping(mapping(found.facts.get("runtime")).get("versions"))
    words = [f"{name}=={version}" for name, version in list(versions.items())[:_MOST_ROWS] if name != "python"]
    return ["pip install " + " ".join(shlex.quote(_line(word)) for word in words)] if words else []


def command(*words: str) -> str:
    """A command of dltrain for a shell; words of a stranger's record stay words."""
    return " ".join(["dltrain", *(shlex.quote(_line(word)) for word in words)])


def _line(text: object) -> str:
    """Without control characters, which a shell could take for the end of a command."""
    return plain(str(text)[:_LONGEST]).replace("\n", "\N{REPLACEMENT CHARACTER}").replace("\t", " ")


def _texts(value: Any) -> list[str]:
    return [_line(text) for text in value[:_MOST_ROWS] if isinstance(text, str)] if isinstance(value, list) else []


def told(found: Reading) -> Html | None:
    """The last lines of the log."""
    if not found.log:
        return None
    log = element("pre", "\n".join(found.log), tabindex="0", role="region", aria_label="Log")
    return details(f"the last {len(found.log)} lines of log.txt", log, open_=found.entry.status != "completed")
