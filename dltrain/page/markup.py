"""HTML whose foreign text is escaped because it cannot get in any other way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from dltrain.page.style import STYLE

# No script, no request: even what slipped through the escapes could do nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_VOID = ("meta",)


class Html(str):
    """Text that is HTML already, made by `element`; all other text is escaped where it is put in."""

    __slots__ = ()


def plain(text: object) -> str:
    """Text without control characters, halves of characters and marks of direction, which no file or page can show."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for character in str(text)
    )


def html(*parts: object) -> Html:
    """Parts one after the other: `Html` as it is, anything else as text; None is nothing."""
    return Html("".join(part if isinstance(part, Html) else escape(plain(part)) for part in parts if part is not None))


def element(name: str, /, *children: object, **attributes: object) -> Html:
    """An element, with children as in `html`.

    Args:
        name: its tag.
        children: what is in it.
        attributes: `class_` is written ``class``, and `aria_label` ``aria-label``. True is an attribute without a
            value; None and False are none.
    """
    written = []
    for key, value in attributes.items():
        label = key.rstrip("_").replace("_", "-")
        if value is True:
            written.append(f" {label}")
        elif value is not None and value is not False:
            written.append(f' {label}="{escape(plain(value))}"')
    opening = f"<{name}{''.join(written)}>"
    return Html(opening if name in _VOID else f"{opening}{html(*children)}</{name}>")


def breakable(name: str) -> Html:
    """A name that may be divided after its underscores, where there is no room for all of it."""
    return Html(html(name).replace("_", "_<wbr>"))


def prose(text: str) -> Html:
    """Text in which what stands between backticks is code, as in Markdown."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return html(text)
    return html(*(element("code", part) if index % 2 else part for index, part in enumerate(parts)))


def each(parts: Iterable[object]) -> Html:
    """Many parts, one after the other."""
    return html(*parts)


def table(columns: Sequence[object], rows: Iterable[Sequence[object]], *, label: str, style: str = "") -> Html:
    """A table in a container of its own, which is scrolled where it is too wide, also by keyboard.

    Args:
        columns: what stands above each.
        rows: their cells; the first names the row.
        label: what the table holds, for those who do not see it.
        style: the class of the container, besides its own.
    """
    head = element("tr", *(element("th", column, scope="col") for column in columns))
    body = each(
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
        for first, *rest in rows
    )
    inner = element("table", element("thead", head), element("tbody", body))
    return element("div", inner, class_=f"wide {style}".strip(), role="region", aria_label=label, tabindex="0")


def details(summary: object, *children: object, open_: bool = False) -> Html:
    """Something that is shown when it is asked for; on paper always."""
    return element("details", element("summary", summary), *children, open=open_)


def document(title: str, body: Html, *, style: str = "", wide: bool = False) -> str:
    """A whole page.

    Args:
        title: as text.
        body: what is in it.
        style: CSS besides the common one; must hold no foreign text.
        wide: whether lines may be longer than those of running text.
    """
    head = html(
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Html(STYLE + style)),
    )
    page = element("html", element("head", head), "\n", element("body", body, class_=wide and "spacious"), lang="en")
    return f"<!doctype html>\n{page}\n"
