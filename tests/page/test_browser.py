"""The report as a browser shows it: nothing is asked for, nothing is complained about, and everything is reached."""

import pytest

from dltrain.page.reading import read
from dltrain.page.report import report
from page.made import FIGURES, make

REACHABLE = "a[href], summary, [tabindex='0']"
RATIOS = """(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const linear = value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const found = parse(getComputedStyle(node).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    const text = [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim());
    if (!text || !node.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${node.tagName} ${node.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor; })()"""
"""The contrast of text and what is behind it, where it is below WCAG 2.1's 4.5 (its formula of relative luminance)."""


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "report.html"
    path.write_text(report(read(make(tmp_path)), FIGURES), encoding="utf-8")
    return path


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_asked_for_and_nothing_is_complained_about(browser, page, dark):
    browser.open(page, dark=dark)
    assert browser.requests == [page.as_uri()]
    assert browser.complaints == []
    assert browser.evaluate("document.images.length") == 0
    assert browser.evaluate("document.querySelectorAll('figure svg').length") == 2
    assert browser.evaluate("[...document.querySelectorAll('figure svg')].every(svg => svg.getBBox().width > 9)")


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_can_be_read(browser, page, dark):
    browser.open(page, dark=dark)
    browser.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
    assert browser.evaluate(RATIOS) == []


@pytest.mark.parametrize("width", [320, 360, 800])
def test_a_narrow_window_scrolls_in_one_direction(browser, page, width):
    browser.open(page, width=width)
    browser.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert browser.evaluate("window.innerWidth") == width
    assert browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_the_keyboard_reaches_everything_and_opens_what_is_closed(browser, page):
    browser.open(page)
    count = browser.evaluate(
        f"[...document.querySelectorAll(`{REACHABLE}`)].filter(one => one.checkVisibility()).length"
    )
    reached = []
    for _ in range(count):
        browser.press("Tab", 9)
        reached.append(
            browser.evaluate(f"[...document.querySelectorAll(`{REACHABLE}`)].indexOf(document.activeElement)")
        )
    assert len(set(reached)) == count
    assert -1 not in reached
    assert reached[0] == 0
    assert browser.evaluate("document.querySelector('.skip').textContent") == "Skip to the content"
    browser.evaluate("document.querySelector('summary').focus()")
    assert browser.evaluate("document.querySelector('details').open") is False
    browser.call(
        "Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r"
    )
    browser.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    assert browser.evaluate("document.querySelector('details').open") is True


def test_the_skip_link_is_seen_when_it_has_the_focus(browser, page):
    browser.open(page)
    place = "document.querySelector('.skip').getBoundingClientRect().left"
    assert browser.evaluate(place) < 0
    browser.press("Tab", 9)
    assert browser.evaluate(place) >= 0


def test_every_region_and_picture_has_a_name(browser, page):
    browser.open(page)
    nameless = "[...document.querySelectorAll('[role=region], [role=img], nav')].filter(one => !one.ariaLabel).length"
    assert browser.evaluate(nameless) == 0
    assert browser.evaluate("document.querySelectorAll('[id]').length") == browser.evaluate(
        "new Set([...document.querySelectorAll('[id]')].filter(one => !one.closest('svg')).map(one => one.id)).size"
        " + document.querySelectorAll('svg [id]').length"
    )
    broken = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(one => !document.querySelector(one.hash)).length"
    assert browser.evaluate(broken) == 0


def test_on_paper_nothing_is_folded_away(browser, page):
    hidden = "[...document.querySelectorAll('details table, details pre')].filter(one => !one.checkVisibility()).length"
    browser.open(page)
    assert browser.evaluate(hidden) > 0
    browser.open(page, media="print")
    assert browser.evaluate(hidden) == 0


def test_a_stranger_s_record_runs_nothing(browser, tmp_path):
    evil = "\"'><script>alert(1)</script><img src=http://x.test/y onerror=alert(2)><style>*{display:none}</style>"
    metrics = {
        "scores": {"test": {evil: 0.5, "accuracy": 0.5}},
        "classes": {"test": {evil: {"precision": 1.0}}},
        "baselines": {evil: {"text": evil, "scores": {evil: 0.1}}},
        "verdict": {"metric": evil, "text": evil, "beaten": True},
        "findings": [{"name": evil, "text": evil, "key": evil, "remedy": evil, "evidence": {evil: evil}}],
    }
    manifest = {
        "status": "completed",
        "monitor": evil,
        "config": {"files": [evil], "settings": [evil], "variables": [evil]},
        "runtime": {evil: evil, "versions": {evil: evil}},
        "audit": [{"text": evil}],
        "git_commit": evil,
    }
    run = make(tmp_path, metrics=metrics, manifest=manifest, config=f"name: '{evil}'\n")
    run.log.write_text(evil)
    path = tmp_path / "evil.html"
    path.write_text(report(read(run), []), encoding="utf-8")
    browser.open(path)
    assert browser.requests == [path.as_uri()]
    assert browser.complaints == []
    assert browser.evaluate("document.querySelectorAll('script, img, body style').length") == 0
    assert browser.evaluate("document.body.innerText.includes('alert(1)')")
