"""What a report says of a training and of its data: what stands out, and what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dltrain.page.markup import Html, each, element, html, prose
from dltrain.page.reading import Reading
from dltrain.runs.rating import line, mapping, number, shown

_MOST = 20
_LONGEST = 1000


def findings(found: Reading) -> Html | None:
    """What stands out in the training, and what to change; and what the look at the data found before it."""
    parts = []
    advice, audit = found.metrics.get("findings"), found.facts.get("audit")
    if isinstance(advice, list):
        parts += [_finding(found, mapping(one)) for one in advice[:_MOST]]
        if not advice:
            parts.append(element("p", "Nothing in the curves and scores asks for a change."))
    if isinstance(audit, list) and audit:
        parts.append(element("h3", "About the data of fold 1" if found.folds else "About the data"))
        parts += [
            element("div", element("p", prose(_said(mapping(one).get("text")))), class_="finding")
            for one in audit[:_MOST]
        ]
    return each(parts) if parts else None


def _finding(found: Reading, one: Mapping[str, Any]) -> Html:
    evidence = list(mapping(one.get("evidence")).items())[:_MOST]
    known = "; ".join(f"{line(name).replace('_', ' ')}: {_worded(value)}" for name, value in evidence)
    key = line(one.get("key") or "")
    return element(
        "div",
        element("h3", line(one.get("name") or "").replace("_", " ").capitalize()),
        element("p", prose(_said(one.get("text")))),
        element("p", element("strong", "Change: "), prose(_said(one.get("remedy")))) if one.get("remedy") else None,
        element("p", "Setting: ", element("code", key), _place(found, key), class_="soft") if key else None,
        element("p", f"Evidence: {known}", class_="soft") if known else None,
        class_="finding",
    )


def _worded(value: object, depth: int = 3) -> str:
    """A number, a text, or several of them."""
    if isinstance(value, dict) and depth:
        return ", ".join(f"{line(name)} {_worded(part, depth - 1)}" for name, part in list(value.items())[:_MOST])
    if isinstance(value, list) and depth:
        return ", ".join(_worded(part, depth - 1) for part in value[:_MOST])
    return _said(value)


def _said(value: object) -> str:
    known = number(value)
    text = str("" if value is None else value) if known is None or isinstance(value, int) else shown(known)
    return text[:_LONGEST]


def _place(found: Reading, key: str) -> Html | None:
    """Where a setting is written, as a link to the line."""
    document, path = found.document, tuple(key.split(".")[:_MOST])
    if document is None:
        return None
    at = document.position(path, key=True)
    if at.line <= 1 and path not in document.keys_at:
        return html(", which the config leaves out")
    written = path in document.keys_at or path in document.values_at
    link = element("a", f"line {at.line}", href=f"#config-{at.line}")
    return html(
        ", " if written else ", which the config leaves out below ", link, " of config.yaml" if written else None
    )
