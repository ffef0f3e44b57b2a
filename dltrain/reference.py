"""docs/reference.md: every setting, from the sections and their docstrings. `make reference` writes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dltrain.experiment import Experiment
from dltrain.schema import complete_definitions
from dltrain.spec.docstrings import text_of
from dltrain.spec.family import Family, type_name
from dltrain.spec.json_types import Schema, schema_of
from dltrain.spec.problems import one_of
from dltrain.spec.schema import family_of, is_family, title_of
from dltrain.spec.section import Section
from dltrain.spec.words import inline, words

_INTRODUCTION = """# Reference

Every setting of a config. This page is made from the code by `make reference`; `dltrain schema` prints the same for
editors, and [architecture.md](architecture.md) says how the parts fit.

A component, such as an optimizer, can be written in four ways, which mean the same:

```yaml
optimizer: {type: sgd, learning_rate: 0.1}
optimizer: {sgd: {learning_rate: 0.1}}
optimizer: {sgd: 0.1}           # a value alone is that of the first setting
optimizer: sgd                  # with its defaults
```

Any number, name or text may be `${env:NAME}` or `${env:NAME:-default}`, which an environment variable fills in.
"""

_TABLE = "| setting | value | default | |\n|---|---|---|---|"


class _Reference:
    """The page in the making."""

    def __init__(self) -> None:
        self.definitions = complete_definitions()
        walked = list(_walk(Experiment, set()))
        self.by_reference = {self._reference(section): section for section in walked}
        # Members of a family within a family are described with the others.
        self.sections = [section for section in walked if not is_family(section) or Family in section.__bases__]
        self.names: dict[str, str] = {}

    def page(self) -> str:
        parts = [part for section in self.sections for part in self._part(section)]
        lists = [part for names, title in self.names.items() for part in (f"## {title}", _listed(names))]
        headings = [part for part in [*parts, *lists] if part.startswith("## ")]
        contents = [f"- [{heading[3:]}](#{_anchor(heading[3:])})" for heading in headings]
        return "\n\n".join([_INTRODUCTION.strip(), "\n".join(contents), *parts, *lists]) + "\n"

    def _part(self, section: type[Section]) -> Iterator[str]:
        if not is_family(section):
            names = list(section.model_fields) + ["extends"] * (section is Experiment)
            yield from (f"## {title_of(section)}", text_of(section), self._table(section, names))
            return
        family: Any = section
        members = _members(family)
        links = [f"[{type_name(member)}](#{_anchor(title_of(member))})" for member in members]
        yield from (f"## {title_of(family)}", text_of(family), f"`type`: {', '.join(links)}")
        shared = [name for name in family.model_fields if all(_is_shared(member, family, name) for member in members)]
        if shared:
            yield from (f"Settings of every {family.noun}:", self._table(members[0], shared))
        for member in members:
            yield from self._member(member, [name for name in member.model_fields if name not in ("type", *shared)])

    def _member(self, member: type[Family], names: list[str]) -> Iterator[str]:
        yield from (f"### {title_of(member)}", text_of(member))
        if member.aliases:
            yield f"Also called {', '.join(f'`{alias}`' for alias in member.aliases)}."
        # The first of its own settings is the first argument.
        common = family_of(member).model_fields
        if names:
            yield self._table(member, sorted(names, key=lambda name: name in common))

    def _table(self, section: type[Section], names: list[str]) -> str:
        made = self.definitions.at(self.definitions.refer(section))
        required = [*made.get("required", []), *_one_of_several(section)]
        rows = [_TABLE]
        for name in names:
            schema = made["properties"][name]
            default = f"`{inline(schema['default'])}`" if "default" in schema else "required" * (name in required)
            value = words(schema, lambda key, name=name: self._link(key, name))  # type: ignore[misc]
            cells = (f"`{name}`", value, default, schema.get("description", ""))
            rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        return "\n".join(rows)

    def _link(self, key: str, setting: str) -> str:
        """A link to a section, or to the list of names that `key` holds, called after the setting."""
        if not key.startswith("#"):
            title = self.names.setdefault(key, f"names for {setting}")
            return f"one of [{title}](#{_anchor(title)})"
        section: Any = self.by_reference[key]
        if section not in self.sections:
            return one_of(f"[{type_name(member)}](#{_anchor(title_of(member))})" for member in _members(section))
        title = title_of(section)
        return f"[{title}](#{_anchor(title)})"

    def _reference(self, section: type[Section]) -> str:
        return str(self.definitions.refer(section)["$ref"])


def reference() -> str:
    """The page."""
    return _Reference().page()


def _walk(section: type[Section], seen: set[type[Section]]) -> Iterator[type[Section]]:
    """A section and those that its settings hold, each once, in the order of the settings."""
    if section in seen:
        return
    seen.add(section)
    if is_family(section) or "type" not in section.model_fields:
        yield section
    found: list[type[Section]] = []

    def refer(inner: type[Section], *, listed: bool = False) -> Schema:  # noqa: ARG001
        found.append(inner)
        return {}

    if is_family(section):
        found += section.choices().values()  # type: ignore[attr-defined]
    else:
        for field in section.model_fields.values():
            schema_of(field.annotation, field.metadata, refer)
    for inner in found:
        yield from _walk(inner, seen)


def _members(family: Any) -> list[type[Family]]:
    return list(dict.fromkeys(family.choices().values()))


def _one_of_several(section: type[Section]) -> Iterator[str]:
    """Required settings that can be written in another way than by their name."""
    if issubclass(section, Family):
        others = {*section.spellings.values(), section.inlined}
        yield from (name for name in others if name and section.model_fields[name].is_required())


def _is_shared(member: type[Section], family: type[Section], name: str) -> bool:
    """Whether a member has a setting as its family has it."""
    own, common = member.model_fields[name], family.model_fields[name]
    return (own.annotation, own.default) == (common.annotation, common.default)


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _listed(names: str) -> str:
    return ", ".join(f"`{name}`" for name in json.loads(names))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
