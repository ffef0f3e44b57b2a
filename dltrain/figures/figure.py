"""A picture as a page can take it in: SVG without anything of its own but shapes and text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from dltrain.figures.canvas import INK, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_PNG_DOTS_PER_INCH = 144
_DROPPED = re.compile(r"<metadata>.*?</metadata>|<style\b.*?</style>|<!--.*?-->|<title>.*?</title>", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*>")
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_FONT = re.compile(r"'DejaVu Sans'[^;\"]*")
_EMPTY = re.compile(r"\s*<defs>\s*</defs>")


@dataclass(frozen=True)
class Figure:
    """A picture of a run.

    Attributes:
        name: the stem of its files, and the beginning of all ids in `svg`.
        title: a few words.
        alternative: what it shows, with its main numbers, in one or two sentences.
        svg: an element for a page in HTML. Text and axes have the page's colour, data colours that are told apart on
            light and dark, and by the colour-blind. It has no scripts and no styles, and links to nothing outside.
        png: the same on white; empty unless asked for.
    """

    name: str
    title: str
    alternative: str
    svg: str
    png: bytes = b""


@dataclass(frozen=True)
class Sketch:
    """A picture before it is written out.

    Attributes:
        title: of the figure.
        alternative: of the figure.
        drawing: what Matplotlib draws.
    """

    title: str
    alternative: str
    drawing: Drawing


def rendered(name: str, sketch: Sketch, *, png: bool) -> Figure:
    """The picture as text, and where `png` says so as pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    text, pixels, drawing = StringIO(), BytesIO(), sketch.drawing
    with styled(name):
        # `savefig` would draw everything twice, to lay it out anew each time.
        if (engine := drawing.get_layout_engine()) is not None:
            engine.execute(drawing)
            drawing.set_layout_engine("none")
        # Matplotlib has no types for these.
        vectors: Any = FigureCanvasSVG(drawing)
        vectors.print_svg(text, metadata={"Date": None, "Creator": None})
        if png:
            drawing.set(dpi=_PNG_DOTS_PER_INCH, facecolor="white")
            dots: Any = FigureCanvasAgg(drawing)
            dots.print_png(pixels, pil_kwargs={"compress_level": 3})
    svg = inlined(text.getvalue(), name, sketch.alternative)
    return Figure(name, sketch.title, sketch.alternative, svg, pixels.getvalue())


def inlined(text: str, name: str, alternative: str) -> str:
    """Matplotlib's SVG as an element of a page.

    Args:
        text: as Matplotlib writes it.
        name: put before all ids, which are those of the whole page.
        alternative: what the picture shows.
    """
    text = _DROPPED.sub("", text[text.index("<svg") :]).replace("xlink:href", "href")
    for pattern in (r'( id=")', r'( href="#)', r"(url\(#)"):
        text = re.sub(pattern, rf"\g<1>{name}-", text)
    text = _FONT.sub("system-ui, sans-serif", text).replace(INK, "currentColor")
    return _EMPTY.sub("", _ROOT.sub(lambda found: _root(found.group(), alternative), text, count=1)).strip()


def _root(opening: str, alternative: str) -> str:
    """The first tag; Matplotlib's style sheet, which would be that of the whole page, becomes attributes."""
    size = _SIZE.search(opening)
    width, height = size.groups() if size else ("360", "240")
    lines = 'stroke-linejoin="round" stroke-linecap="butt"'
    place = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alternative)}" {place} {lines}>'
