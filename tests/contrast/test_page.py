"""The page of a comparison, and the pictures in it."""

from __future__ import annotations

import math
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dltrain.contrast.contrast import Contrast
from dltrain.contrast.curves import shared_curves, sparkline
from dltrain.contrast.drawing import line_chart
from dltrain.contrast.page import check_page, page, write_page
from dltrain.contrast.settings import MISSING
from dltrain.errors import RunError, UsageError
from dltrain.runs.catalog import Entry
from dltrain.runs.directory import RunDirectory
from dltrain.runs.rating import Rating, Ratings

EVIL = "\"'><script>alert(1)</script><img src=x onerror=y>"


class Outline(HTMLParser):
    """The tags of a page, and whatever could reach out of it."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.reaching = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.reaching += [name for name, _ in attrs if name in ("src", "href", "xlink:href") or name.startswith("on")]
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def found(text=EVIL):
    ratings = Ratings({"test": {text: Rating(0.5, (0.25, 0.75))}}, text, (text, Rating(0.25)))
    entries = [Entry(RunDirectory(Path(f"{text}/{number}")), "completed", ratings=ratings) for number in (1, 2)]
    curves = [{text: [1.0, math.nan, 0.5]}, {text: [2.0, math.inf]}]
    return Contrast(entries, {text: [text, MISSING]}, {text: ["x", 5]}, curves, [text], [text])


def test_foreign_text_is_text_and_nothing_reaches_out():
    text = page(found())
    outline = Outline(text)
    assert outline.open == []
    assert outline.reaching == []
    assert not outline.tags & {"script", "img", "link", "iframe", "object", "image"}
    assert text.count("<script") == 0
    assert "default-src 'none'; style-src 'unsafe-inline'" in unescape(text)
    assert "http" not in text.replace("http-equiv", "")


def test_every_picture_has_a_text_in_its_place():
    text = line_chart("loss", {"A": [2.0, 1.0], "B": []})
    assert 'role="img" aria-label="loss by epoch: A ends at 1"' in text
    assert text.count("<path") == 1


def test_a_gap_in_a_curve_is_not_bridged_and_a_constant_is_drawn():
    assert line_chart("x", {"A": [1.0, 2.0, math.nan, 1.0, 2.0]}).count("M") == 2
    assert line_chart("x", {"A": [3.0, 3.0]}).count("<path") == 1
    assert line_chart("x", {"A": [math.nan]}).count("<path") == 0


@pytest.mark.parametrize(
    ("column", "width", "line"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
        ([0, 7, 0, 7], 2, "██"),
        ([0, math.nan, 7], 8, "▁!█"),
        ([], 8, ""),
    ],
)
def test_a_sparkline(column, width, line):
    assert sparkline(column, 0.0, 7.0, width=width) == line


def test_a_sparkline_of_huge_and_of_equal_numbers():
    assert sparkline([-1.7e308, 1.7e308], -1.7e308, 1.7e308, width=2) == "▁█"
    assert sparkline([5.0, 5.0], 5.0, 5.0, width=2) == "▁▁"


def test_losses_come_first_and_validation_beside_its_own():
    assert shared_curves([{"loss": [], "f1": []}, {"val_f1": [], "val_loss": []}]) == [
        "loss",
        "val_loss",
        "f1",
        "val_f1",
    ]


def test_a_page_does_not_replace_a_file_unasked(tmp_path):
    path = tmp_path / "p.html"
    path.write_text("mine")
    with pytest.raises(UsageError) as caught:
        check_page(path, overwrite=False)
    assert str(caught.value) == f"{path} exists; name another file, or write --overwrite to replace it"
    check_page(path, overwrite=True)
    write_page(path, found())
    assert path.read_text().startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named_before_anything_is_read(tmp_path):
    with pytest.raises(UsageError, match=r"^there is no folder .*/no for p\.html; make it first$"):
        check_page(tmp_path / "no" / "p.html", overwrite=False)
    with pytest.raises(RunError, match=r"^cannot write .*p\.html: no such file or directory; name another file with"):
        write_page(tmp_path / "no" / "p.html", found())
