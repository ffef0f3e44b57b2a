"""The report of a run as one page: verdict, scores, what to change, pictures, and how to have it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dltrain.page.advice import findings
from dltrain.page.markup import Html, document, each, element, html
from dltrain.page.pictures import pictures
from dltrain.page.provenance import config, environment, reproduction, told
from dltrain.page.reading import Reading
from dltrain.page.scores import classes, epochs, expectations, folds, scores
from dltrain.page.style import REPORT
from dltrain.page.summary import facts, heading, verdict

if TYPE_CHECKING:
    from dltrain.figures.figure import Figure

Section = tuple[str, str, Html | None]
"""Its anchor, its title, and what is in it; None where there is nothing to say."""


def report(found: Reading, figures: Sequence[Figure], notes: Sequence[str] = ()) -> str:
    """The page.

    Args:
        found: the files of the run.
        figures: pictures of it.
        notes: why some are missing.
    """
    sections = [section for section in _sections(found, figures, notes) if section[2]]
    links = each(element("li", element("a", title, href=f"#{anchor}")) for anchor, title, _ in sections)
    body = html(
        element("a", "Skip to the content", class_="skip", href="#content"),
        element("header", heading(found)),
        element("nav", element("ul", links), aria_label="Sections"),
        element("main", verdict(found), facts(found), each(map(_section, sections)), id="content", tabindex="-1"),
    )
    return document(f"{found.title}: report of a training", body, style=REPORT, wide=True)


def _sections(found: Reading, figures: Sequence[Figure], notes: Sequence[str]) -> list[Section]:
    return [
        ("findings", "What to change", findings(found)),
        ("expected", "Expected", expectations(found)),
        ("scores", "Scores", scores(found)),
        ("classes", "Classes", classes(found)),
        ("folds", "Folds", folds(found)),
        ("figures", "Figures", pictures(figures, notes)),
        ("epochs", "Epochs", epochs(found)),
        ("config", "Config", config(found)),
        ("environment", "Environment", environment(found)),
        ("reproduce", "Reproduce", reproduction(found)),
        ("log", "Log", told(found)),
    ]


def _section(section: Section) -> Html:
    anchor, title, content = section
    name = f"{anchor}-title"
    return element("section", element("h2", title, id=name), content, id=anchor, aria_labelledby=name)
