"""Pictures in a page, each with its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dltrain.page.markup import Html, each, element, html

if TYPE_CHECKING:
    from dltrain.figures.figure import Figure

_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_BROAD = 540
"""Points of width from which a picture takes a whole line."""
_FORBIDDEN = re.compile(
    r"<\s*(?:script|style|foreignobject|iframe|object|embed|a|animate\w*|set|handler)\b|<!|<\?|[\s\"'/]on\w+\s*="
    r"|(?:href|src)\s*=\s*[\"']?(?!\s*(?:#|data:image/png;))(?:[^\"'\s>]|$)|url\(\s*[\"']?(?!#)|javascript:",
    re.IGNORECASE,
)


def pictures(figures: Sequence[Figure], notes: Sequence[str]) -> Html | None:
    """All of them, and why some are missing; None where there is neither."""
    if not figures and not notes:
        return None
    shown = each(_picture(figure) for figure in figures)
    return html(
        each(element("p", note) for note in notes), element("div", shown, class_="figures") if figures else None
    )


def _picture(figure: Figure) -> Html:
    """With its text below, for those who see and those who do not."""
    size = _SIZE.search(figure.svg[:2000])
    broad = size is not None and float(size.group(1)) > _BROAD
    # Drawn here of a record that a stranger may have written: text is escaped there, and this looks again.
    drawn = Html(figure.svg) if is_inert(figure.svg) else html("This picture holds more than shapes and text.")
    title = element("h3", figure.title)
    return element(
        "figure",
        title,
        drawn,
        element("figcaption", figure.alternative),
        class_=broad and "broad",
        id=f"figure-{figure.name}",
    )


def is_inert(svg: str) -> bool:
    """Whether an SVG element is nothing but shapes, text and pixels, which reaches nothing outside of it."""
    return svg.startswith("<svg") and svg.rstrip().endswith("</svg>") and not any(map(_FORBIDDEN.search, _tags(svg)))


def _tags(svg: str) -> list[str]:
    """The text between angle brackets: what is outside of it is shown, and not read."""
    return re.findall(r"<[^>]*>?", svg)
