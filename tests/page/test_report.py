"""What a report says, from the files of a run directory alone."""

from __future__ import annotations

import copy

import pytest

from dltrain.errors import RunError
from dltrain.figures import Figure
from dltrain.page.markup import breakable, document, element, html, prose, table
from dltrain.page.pictures import is_inert
from dltrain.page.provenance import command
from dltrain.page.reading import read
from dltrain.page.report import report
from dltrain.page.summary import duration
from dltrain.page.writing import write_report
from page.made import CONFIG, FIGURES, MANIFEST, METRICS, SVG, make


def said(text):
    """The page without its tags, a space in the place of each."""
    from html import unescape
    from re import DOTALL, sub

    return " ".join(unescape(sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=DOTALL)).split())


@pytest.fixture
def text(tmp_path):
    return report(read(make(tmp_path)), FIGURES)


def test_the_verdict_comes_first_with_the_scores_it_stands_on(text):
    words = said(text)
    assert "fish/1 completed begun 2026-01-02 03:04:05 UTC, took 10.0 s" in words
    assert (
        "✓ Better than the best simple model 0.8500 test accuracy 95 % interval 0.8000 to 0.9000 "
        "test accuracy 0.8500 beats all this network 0.8500 [0.8000, 0.9000] "
        "majority class 'cod' 0.6000 [0.5000, 0.7000]"
    ) in words


def test_the_scale_has_each_score_at_its_place(text):
    # From 0.5, at 2 %, to 0.9, at 98 %.
    assert 'style="left:74.00%;width:24.00%"' in text
    assert 'style="left:86.00%"' in text
    assert 'style="left:2.00%;width:48.00%"' in text
    assert 'style="left:26.00%"' in text


def test_the_better_of_two_scores_is_marked_and_a_small_loss_is_better(text):
    assert '<span class="best">0.8500</span>' in text
    assert '<span class="best">0.4000</span>' in text
    assert '<span class="best">0.5000</span>' not in text


def test_scores_that_are_not_worth_a_look_are_folded_and_undefined_ones_have_a_reason(text):
    assert "1 more scores" in said(text)
    assert "f1 of this network is not defined: no row is eel" in said(text)


def test_what_is_expected_is_held_against_what_is(text):
    assert "test.accuracy >= 0.9 0.8500 ✗ missed" in said(text)


def test_a_finding_has_its_evidence_and_links_to_the_line_of_its_setting(text):
    assert (
        "Still improving val_loss fell in the last epoch Change: raise trainer.epochs to 6 Setting: trainer.epochs , "
        "line 5 of config.yaml Evidence: epochs: 3; fall: 0.1250 About the data 3 test rows are training rows too"
    ) in said(text)
    assert '<a href="#config-5">line 5</a>' in text
    assert '<span id="config-5">  epochs: 3</span>' in text


def test_a_setting_that_is_not_written_has_no_line(tmp_path):
    metrics = copy.deepcopy(METRICS)
    metrics["findings"][0]["key"] = "optimizer.learning_rate"
    assert "optimizer.learning_rate , which the config leaves out" in said(
        report(read(make(tmp_path, metrics=metrics)), [])
    )


def test_no_finding_is_said_and_a_record_without_findings_says_nothing(tmp_path):
    empty = report(read(make(tmp_path / "a", metrics=METRICS | {"findings": []})), [])
    assert "Nothing in the curves and scores asks for a change." in said(empty)
    without = {key: value for key, value in METRICS.items() if key != "findings"}
    manifest = MANIFEST | {"audit": []}
    assert "What to change" not in report(read(make(tmp_path / "b", metrics=without, manifest=manifest)), [])


def test_the_commands_of_a_record_can_be_pasted(text):
    words = said(text)
    assert "git checkout 0123abcd export FISH=... dltrain fit 'my fish.yaml' --set trainer.epochs=3" in words
    assert "pip install keras==3.15" in words
    assert "dltrain reproduce " in words
    assert command("fit", "a;rm -rf /\nb", "$(x)") == "dltrain fit 'a;rm -rf /\N{REPLACEMENT CHARACTER}b' '$(x)'"


def test_epochs_and_classes_have_their_numbers(text):
    words = said(text)
    assert "epoch loss val_loss 1 2.0000 nan 2 1.5000 1.2500 3 1.0000 1.0000" in words
    assert "cod 0.7500 0.5000 0.6000 1,200" in words


def test_every_picture_has_its_title_and_its_text(text):
    assert "A line a < b It goes from 0 to 10. Other a < b Text." in said(text)


@pytest.mark.parametrize("status", ["failed", "interrupted", "crashed"])
def test_a_run_that_did_not_complete_says_why_and_how_to_go_on(tmp_path, status):
    manifest = MANIFEST | {"status": status, "error": "loss is nan in epoch 2"}
    run = make(tmp_path, metrics=None, manifest=manifest)
    words = said(report(read(run), []))
    assert f"This run is {status} loss is nan in epoch 2" in words
    assert f"dltrain fit --resume {run}" in words
    assert "Better" not in words


def test_a_run_directory_with_nothing_but_a_broken_manifest_has_a_page(tmp_path):
    run = make(tmp_path)
    for path in list(run.path.iterdir()):
        path.write_bytes(b"\x00[[[")
    words = said(report(read(run), []))
    assert "fish/1 broken" in words


@pytest.mark.parametrize("junk", [[], {}, 5, "x", None, {"test": []}, {"test": {"accuracy": [1, 2, 3]}}, [[1]]])
def test_metrics_of_any_other_shape_leave_a_page(tmp_path, junk):
    metrics = {**dict.fromkeys(METRICS, junk), "scores": METRICS["scores"]}
    manifest = {**dict.fromkeys(MANIFEST, junk), "status": "completed"}
    assert "0.8500" in report(read(make(tmp_path, metrics=metrics, manifest=manifest)), [])


def test_a_crowd_of_scores_and_classes_is_cut(tmp_path):
    scores = {f"s{index}": 0.5 for index in range(5000)}
    classes = {f"c{index}": {"precision": 1.0} for index in range(5000)}
    metrics = {"scores": {"test": scores}, "classes": {"test": classes}}
    text = report(read(make(tmp_path, metrics=metrics)), [])
    assert "4,800 more are in metrics.json." in text
    assert len(text) < 200_000


def test_text_is_escaped_wherever_it_is_put():
    assert element("p", "<b>", title='"&') == '<p title="&quot;&amp;">&lt;b&gt;</p>'
    assert html("a\x1b[0m\u202e\ud800<", None, element("i", 5)) == "a\ufffd[0m\ufffd\ufffd&lt;<i>5</i>"
    assert breakable("a_<b") == "a_<wbr>&lt;b"
    assert prose("write `a: <1>`, now") == "write <code>a: &lt;1&gt;</code>, now"
    assert prose("an ` alone") == "an ` alone"
    assert '<th scope="row">&lt;</th><td>&amp;</td>' in table(["a", "b"], [["<", "&"]], label="t")
    assert document("<", html("x")).startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">')


@pytest.mark.parametrize(
    "svg",
    [
        SVG.replace("</svg>", "<script>1</script></svg>"),
        SVG.replace("</svg>", "<ScRipt src='x'/></svg>"),
        SVG.replace("<path", "<path onload='x()'"),
        SVG.replace("<path", "<path\nonload = 'x()'"),
        SVG.replace("</svg>", "<image href='http://x.test'/></svg>"),
        SVG.replace("</svg>", '<use xlink:href="x.svg#a"/></svg>'),
        SVG.replace("</svg>", "<foreignObject></foreignObject></svg>"),
        SVG.replace("</svg>", "<a href='#x'></a></svg>"),
        SVG.replace("<path", "<path fill='url(http://x.test)'"),
        SVG.replace("<svg", "<svg style='background:url(x)'", 1),
        SVG.replace("</svg>", "<style>*{}</style></svg>"),
        f"{SVG}<p>",
        "<!DOCTYPE svg>" + SVG,
    ],
)
def test_a_picture_that_holds_more_than_shapes_is_left_out(tmp_path, svg):
    assert not is_inert(svg)
    text = report(read(make(tmp_path)), [Figure("a", "A", "Alternative.", svg)])
    assert "This picture holds more than shapes and text." in text
    assert "x.test" not in text


@pytest.mark.parametrize(
    "inside", ["<use href='#a-b'/>", "<path clip-path='url(#a-b)'/>", "<image href='data:image/png;base64,AA'/>"]
)
def test_a_picture_of_shapes_and_pixels_is_shown(inside):
    assert is_inert(SVG.replace("</svg>", f"{inside}<text>on x=1, url(y)</text></svg>"))


@pytest.mark.parametrize(("seconds", "words"), [(5.64, "5.6 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_the_page_says_why_there_are_no_pictures(tmp_path, monkeypatch):
    def broken(run):
        raise ValueError("no colours")

    monkeypatch.setattr("dltrain.figures.save", broken)
    path = write_report(make(tmp_path))
    assert "no pictures: ValueError: no colours" in path.read_text()


def test_a_page_that_cannot_be_written_names_the_file(tmp_path):
    run = make(tmp_path)
    (run.path / "report.html").mkdir()
    with pytest.raises(RunError, match=r"^cannot write .*report\.html: is a directory; choose another folder"):
        write_report(run)


def test_the_same_files_make_the_same_page(tmp_path):
    run = make(tmp_path)
    assert report(read(run), FIGURES) == report(read(run), FIGURES)
    assert CONFIG.splitlines()[0] in report(read(run), FIGURES)
