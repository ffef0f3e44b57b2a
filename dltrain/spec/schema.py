"""JSON Schema of sections and families, so that editors complete and check a config."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from dltrain.spec.docstrings import examples_in, settings_of, summary_of, text_of
from dltrain.spec.family import Family, type_name
from dltrain.spec.json_types import ENVIRONMENT, Schema, any_of, schema_of
from dltrain.spec.section import Section, plain_value

_FROM_ENVIRONMENT: Schema = {"not": {"additionalProperties": {"not": {"allOf": [{"type": "string"}, ENVIRONMENT]}}}}
"""A mapping of which some value is a reference to an environment variable."""

_HERE = "#/definitions/"


class Definitions:
    """The schemas of sections and families, which refer to one another by name.

    A family's schema has the forms in which a member can be written, each of them discriminated: by its
    JSON type, by `type`, or by its only key.

    Args of the constructor: with `complete`, nothing is required outside of lists, as in a config that
    extends another one; for what is in lists these complete definitions stand.

    Attributes:
        made: the schemas by name.
    """

    def __init__(self, complete: Definitions | None = None) -> None:
        self._complete = complete
        self._partial = complete is not None
        self.made: dict[str, Schema] = {}

    def refer(self, section: type[Section], *, listed: bool = False) -> Schema:
        """A reference to the schema of a section or family, which is made where it is not there yet."""
        if listed and self._complete:
            return self._complete.refer(section)
        name = f"{'partial.' * self._partial}{_name(section)}"
        if name not in self.made:
            self.made[name] = {}  # sections may hold one another
            self.made[name] = self._family(section) if is_family(section) else self._mapping(section)
        return {"$ref": f"{_HERE}{name}"}

    def at(self, reference: Schema) -> Schema:
        """The schema that a reference of `refer` leads to."""
        return self.made[reference["$ref"].removeprefix(_HERE)]

    def _mapping(self, section: type[Section]) -> Schema:
        texts = settings_of(section)
        fields = section.model_fields
        properties = {name: self._setting(field, texts.get(name, "")) for name, field in fields.items()}
        required = [name for name, field in fields.items() if field.is_required()]
        schema: Schema = {"title": title_of(section), "type": "object", "description": text_of(section)}
        schema["properties"] = properties
        rules = [] if self._partial else section.json_rules()
        if issubclass(section, Family):
            properties["type"] = {"enum": [type_name(section), *section.aliases], "description": summary_of(section)}
            required, others = self._other_forms(section, properties, required)
            rules = [*rules, *others]
        if rules:
            schema["allOf"] = rules
        if required and not self._partial:
            schema["required"] = required
        return {**schema, "additionalProperties": False}

    def _other_forms(
        self, member: type[Family], properties: dict[str, Schema], required: list[str]
    ) -> tuple[list[str], list[Schema]]:
        """Adds to the properties how else settings are written; returns what is required of them, and rules."""
        others: dict[str, list[str]] = {}
        for other, name in member.spellings.items():
            properties[other] = properties[name]
            others.setdefault(name, []).append(other)
        if member.inlined:
            family = member.model_fields[member.inlined].annotation
            values = {name: self._value(inner) for name, inner in family.choices().items()}  # type: ignore[union-attr]
            properties |= values
            others[member.inlined] = list(values)
        needed = {name: names for name, names in others.items() if name in required and not self._partial}
        one_of = [{"oneOf": [{"required": [key]} for key in (name, *names)]} for name, names in needed.items()]
        return [name for name in required if name not in others], one_of

    def _setting(self, field: FieldInfo, text: str) -> Schema:
        forms = [schema_of(field.annotation, field.metadata, self.refer)]
        # Where a config extends another one, nothing takes a setting of that one away.
        schema = dict(any_of([*forms, {"type": "null"}] if self._partial else forms))
        if text:
            schema["description"] = text
        default = None if field.is_required() else shortest(field.get_default(call_default_factory=True))
        if default not in (None, {}, []):
            schema["default"] = default
        if examples := examples_in(text):
            schema["examples"] = examples
        return schema

    def _family(self, family: type[Any]) -> Schema:
        choices: dict[str, type[Family]] = family.choices()
        bare = list(choices) if self._partial else bare_names(family)
        texts = {name: summary_of(member) for name, member in choices.items()}
        forms: list[Schema] = [_names(bare, texts)] if bare else []
        forms.append({"type": "object", "required": ["type"], **self._typed(family, texts)})
        forms += [self._keyed(choices), *self._untyped(family)]
        scalars = self._first_argument(choices[family.default_type]) if family.default_type else []
        return {"title": family.noun, "description": text_of(family), **any_of([*scalars, *forms, ENVIRONMENT])}

    def _keyed(self, choices: dict[str, type[Family]]) -> Schema:
        """``{name: {...}}``; editors do not propose it for members that have nothing to set."""
        values = {name: self._value(member) for name, member in choices.items()}
        proposed = {name: value for name, value in values.items() if self._first_argument(choices[name])}
        schema: Schema = {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": proposed}
        if others := {f"^{name}$": value for name, value in values.items() if name not in proposed}:
            schema["patternProperties"] = others
        return {**schema, "additionalProperties": False}

    def _typed(self, family: type[Any], texts: dict[str, str]) -> Schema:
        """For each member: if `type` is this, then these are its settings."""
        rules = [
            {
                # Without its first line, the rule would hold for all that is no mapping.
                "if": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {"type": {"enum": [type_name(member), *member.aliases]}},
                },
                "then": self.refer(member),
            }
            for member in dict.fromkeys(family.choices().values())
        ]
        description = f"which {family.noun}"
        named = {"description": description, **any_of([_names(list(texts), texts), ENVIRONMENT])}
        return {"properties": {"type": named}, "allOf": rules}

    def _value(self, member: type[Family]) -> Schema:
        """What stands below the name of a member: its settings, its first argument, or nothing."""
        forms = [self.refer(member), *self._first_argument(member)]
        schema: Schema = {"description": summary_of(member)}
        if self._partial or not _required(member):
            forms.append({"type": "null"})
            # Refuses nothing; what comes first makes editors begin a mapping.
            schema["type"] = ["object", "array", "string", "number", "boolean", "null"]
        return {**schema, **any_of(forms)}

    def _untyped(self, family: type[Any]) -> Iterator[Schema]:
        """Mappings without `type`, which some families tell from their other keys."""
        choices, known = family.choices(), family.untyped()
        if self._partial:
            known = {type_name(member): {} for member in choices.values()}
        without = {"type": "object", "not": {"required": ["type"]}}
        if known:
            settings = [(rule, self.refer(choices[name])) for name, rule in known.items()]
            yield {**without, **_first_that_holds(settings)}

    def _first_argument(self, member: type[Family]) -> list[Schema]:
        """The forms of the value that stands for a member's first argument; none where it takes none."""
        try:
            name = member.first_argument()
        except PydanticCustomError:
            return []
        field = member.model_fields[name]
        value = any_of([schema_of(field.annotation, field.metadata, self.refer)])
        forms = value["anyOf"] if set(value) == {"anyOf"} else [value]
        return [form for form in forms if form != {"type": "null"}]


def is_family(section: type[Section]) -> bool:
    """Whether a class stands for all its members, rather than for one of them."""
    return issubclass(section, Family) and "type" not in section.model_fields


def bare_names(family: type[Any]) -> list[str]:
    """The names of members, and their aliases, that can stand alone."""
    return [name for name, member in family.choices().items() if not _required(member)]


def shortest(value: Any) -> Any:
    """A setting in the shortest of its written forms, as plain values: ``relu``, ``0.001`` or ``{l2: 1e-4}``."""
    if isinstance(value, tuple | list):
        return [shortest(item) for item in value]
    if not isinstance(value, Section):
        return plain_value(value)
    fields = type(value).model_fields
    changed = {
        name: shortest(setting)
        for name, setting in value
        if name != "type"
        and (fields[name].is_required() or setting != fields[name].get_default(call_default_factory=True))
    }
    return _shortest_member(value, changed) if isinstance(value, Family) else changed


def _shortest_member(value: Family, changed: dict[str, Any]) -> Any:
    kind = type(value)
    if kind.default_type == value.type and len(fields := set(kind.model_fields) - {"type"}) == 1:
        return shortest(getattr(value, fields.pop()))
    if not changed:
        return value.type
    only = next(iter(changed))
    scalar = len(changed) == 1 and only == kind.first_argument() and not isinstance(changed[only], dict)
    return {value.type: changed[only] if scalar else changed}


def _name(section: type[Section]) -> str:
    return ".".join([*section.__module__.split(".")[1:2], section.__name__])


def title_of(section: type[Section]) -> str:
    """What a section or family is called, and its members: ``trainer``, ``optimizer``, ``optimizer adam``."""
    if not issubclass(section, Family):
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", section.__name__.removesuffix("Spec")).lower()
    # Of the whole family, where a member also belongs to a smaller one.
    noun = family_of(section).noun
    return noun if is_family(section) else f"{noun} {type_name(section)}"


def family_of(member: type[Family]) -> type[Family]:
    """The family that a member, or a family within it, belongs to."""
    return next(base for base in member.__mro__ if issubclass(base, Family) and Family in base.__bases__)


def _names(names: list[str], texts: dict[str, str]) -> Schema:
    """One of some names; editors show the descriptions."""
    return {"enum": names, "enumDescriptions": [texts[name] for name in names]}


def _required(member: type[Section]) -> bool:
    """Whether there is a setting, or one of several, that a member cannot do without."""
    return any(field.is_required() for field in member.model_fields.values()) or any(
        "anyOf" in rule for rule in member.json_rules()
    )


def _first_that_holds(settings: list[tuple[Schema, Schema]]) -> Schema:
    """The settings of the first rule that holds; those without a rule are alternatives."""
    # That none holds is refused by all of them together, so that editors propose what all of them take.
    chain = any_of({"allOf": [rule, then]} if rule else then for rule, then in settings)
    rules = [rule for index, (rule, _) in enumerate(settings) if rule and rule not in [r for r, _ in settings[:index]]]
    for rule in reversed(rules):
        chain = {"if": rule, "then": any_of(then for other, then in settings if other == rule), "else": chain}
    if not rules:
        return chain
    # What a rule looks at may be in an environment variable.
    return {"if": _FROM_ENVIRONMENT, "then": any_of(then for _, then in settings), "else": chain}
