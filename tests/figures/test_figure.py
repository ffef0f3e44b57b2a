"""Pictures are inert, whatever a record says."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dltrain.evidence.record import Evidence, Mistake, write_evidence
from dltrain.figures import draw
from dltrain.figures.canvas import cells, plain, wrapped
from dltrain.figures.figure import inlined
from dltrain.figures.mistakes import mistakes
from tests.figures.made import classes, make, svg_of

HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "$\\frac{1}{$ #1b1f25 url(http://evil)",
    "a\u202egnp.exe\x07\u200b",
    "\u65e5\u672c\u8a9e & <!-- -->",
]
_ALLOWED = {"svg", "g", "path", "defs", "use", "text", "tspan", "image", "rect", "clipPath", "linearGradient", "stop"}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """All pictures of a run whose every label is hostile."""
    truth = np.arange(5).repeat(3)
    outputs = np.full((15, 5), 0.1) + 0.5 * np.eye(5)[(truth + (np.arange(15) == 0)) % 5]
    manifest = {"monitor": f"val_{HOSTILE[0]}", "classes": {"rows": dict.fromkeys(HOSTILE, 3)}}
    history = f'epoch,loss,"{HOSTILE[0]}"\n1,2,3\n'
    target = {"classes": HOSTILE}
    arrays = classes(truth, outputs)
    folder = tmp_path_factory.mktemp("hostile")
    run = make(folder, "multiclass_classification", arrays, target=target, manifest=manifest, history=history)
    pixels = np.zeros((5, 4, 4, 1), "uint8")
    wrong = [Mistake(1, text, text, 0.5, values={text: text}) for text in HOSTILE]
    kernels = np.ones((5, 2, 2, 1), "float32")
    parts = {"batch": pixels, "labels": HOSTILE, "augmented": HOSTILE, "kernels": kernels, "outputs": HOSTILE}
    write_evidence(run, Evidence(HOSTILE[0], wrong, mistaken=5, layer=HOSTILE[0], units=5, **parts))
    return draw(run)


def test_every_picture_is_drawn_of_hostile_labels(drawn):
    assert [figure.name for figure in drawn] == [
        "learning-curves", "confusion-matrix", "roc", "precision-recall", "calibration", "mistakes", "first-layer",
        "class-balance", "training-batch", "model-diagram",
    ]  # fmt: skip


def test_pictures_are_well_formed_and_hold_only_shapes_and_text(drawn):
    for figure in drawn:
        root = ElementTree.fromstring(figure.svg)
        assert {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root.iter()} <= _ALLOWED
        for element in root.iter():
            for name, value in element.attrib.items():
                assert not name.lower().startswith("on")
                if name.endswith("href"):
                    assert value.startswith((f"#{figure.name}-", "data:image/png;base64,"))
                if name not in ("aria-label",):
                    assert all(place.startswith(f"#{figure.name}-") for place in re.findall(r"url\(([^)]*)", value))
        assert root.get("aria-label") == figure.alternative


def test_all_ids_are_the_pictures_own(drawn):
    for figure in drawn:
        ids = re.findall(r' id="([^"]*)"', figure.svg)
        assert ids
        assert all(name.startswith(f"{figure.name}-") for name in ids)


def test_text_has_the_colour_of_the_page(drawn):
    for figure in drawn:
        root = ElementTree.fromstring(figure.svg)
        texts = [element.get("style", "") for element in root.iter() if element.tag.endswith("}text")]
        assert texts
        assert all("fill: currentColor" in style or "fill: #ffffff" in style for style in texts), figure.name
        assert "DejaVu" not in figure.svg


def test_labels_are_shown_as_they_are_but_for_what_cannot_be_seen(drawn):
    balance = next(figure for figure in drawn if figure.name == "class-balance")
    shown = [element.text for element in ElementTree.fromstring(balance.svg).iter() if element.tag.endswith("}text")]
    assert "<script>alert(1)</script"[:23] + "…" in shown
    assert '" onload="alert(1)' in shown
    assert "a gnp.exe" in shown
    assert "\u65e5\u672c\u8a9e & <!-- -->" in shown


@pytest.mark.long
def test_evidence_beyond_its_bounds_is_not_read(tmp_path):
    run = make(tmp_path, "multiclass_classification", target={"classes": HOSTILE})
    kernels = np.full((1, 2, 2, 1), np.nan, "float32")
    write_evidence(run, Evidence(batch=np.zeros((17, 4, 4, 1), "uint8"), kernels=kernels, layer="dense"))
    assert [figure.name for figure in draw(run)] == ["learning-curves", "model-diagram"]
    facts = json.loads((run.path / "evidence.json").read_text())
    facts["mistakes"] = [{"row": 1, "values": {f"v{i}": "x" for i in range(1000)}}] * 1000
    (run.path / "evidence.json").write_text(json.dumps(facts))
    assert len(svg_of(mistakes, run)) < 20_000


def test_matplotlibs_style_sheet_is_left_out():
    text = '<?xml?><svg viewBox="0 0 360 240" id="x"><defs><style type="text/css">*{a}</style></defs><g id="g"/></svg>'
    assert inlined(text, "n", 'a "b"') == (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="a &quot;b&quot;" viewBox="0 0 360 240" '
        'width="360" height="240" stroke-linejoin="round" stroke-linecap="butt"><g id="n-g"/></svg>'
    )


def test_texts_are_cut_and_wrapped_by_their_width():
    assert plain("one\n two\tthree", 9) == "one two …"
    assert cells("ab\u65e5") == 4
    assert wrapped("aa bb cc dd", 5, 2) == ["aa bb", "cc dd"]
    assert wrapped("aa bb cc dd ee", 5, 2) == ["aa bb", "cc d…"]
    assert wrapped("\u65e5\u672c\u8a9e\u65e5", 4, 9) == ["\u65e5\u672c", "\u8a9e\u65e5"]
