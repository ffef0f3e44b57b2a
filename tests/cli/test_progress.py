"""What a terminal shows while observers draw on it, and what a pipe gets."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from dltrain.cli import console, progress, screen
from dltrain.cli.console import wrapped
from dltrain.cli.progress import Lines, Live, observer
from dltrain.cli.screen import ACCENT, STRONG, Screen
from dltrain.page.process import Reporter
from dltrain.record import LoggingObserver
from dltrain.training.observer import EpochReport, Observer, Plan, Relay

SEQUENCE = re.compile(r"\x1b\[(\d*)([A-Za-z])|[\s\S]")


class Stream(io.StringIO):
    """A terminal's end of stderr that is 80 cells wide; `seen` is what its user sees."""

    encoding = "utf-8"
    terminal = True

    def isatty(self):
        return self.terminal

    def fileno(self):
        raise OSError

    @property
    def seen(self):
        return seen(self.getvalue(), 80)


def seen(written, columns):
    """The lines of a terminal of so many columns after this was written."""
    rows, row, column = [""], 0, 0
    for found in SEQUENCE.finditer(written.replace("\r\n", "\n")):
        count, command = int(found[1] or 1), found[2]
        if command == "A":
            row -= count
            assert row >= 0
        elif command == "J":
            rows = [*rows[:row], rows[row][:column]]
        elif command == "m":
            continue
        elif found[0] == "\r":
            column = 0
        elif found[0] == "\n" or column == columns:
            row, column = row + 1, 0
            rows += [""] * (row == len(rows))
        if found[0].isprintable():
            rows[row] = rows[row][:column].ljust(column) + found[0] + rows[row][column + 1 :]
            column += 1
    return rows


@pytest.fixture
def stream(monkeypatch):
    made = Stream()
    # Not sys.stderr itself, which pytest sets anew when the test begins.
    for module in (console, screen):
        monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=made, stdout=made))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return made


def report(epoch, value, **changed):
    return EpochReport(epoch, 3, {"loss": value, "learning_rate": 0.1}, 0.5, "loss", best=True, **changed)


def trained(watching, stream, *, moments):
    """What is seen after each of the calls."""
    watching.phase("starting tensorflow")
    watching.header({"run": "runs/a/1", "device": "cpu"})
    watching.begin(Plan(3, 10, 4, "loss", "min"))
    shown = []
    for done in moments:
        watching.step(1, done, 10, {"loss": 0.5})
        shown.append(stream.seen)
    watching.epoch(report(1, 0.5))
    return shown


def test_a_live_view_is_drawn_below_the_lines_that_stay_and_taken_away_at_the_end(stream, monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
    live = Live()
    shown = trained(live, stream, moments=(1, 5))
    header = ["run     runs/a/1", "device  cpu"]
    first = "epoch 1/3  ━━━━────────────────────────────────────  1/10"
    second = "epoch 1/3  ━━━━━━━━━━━━━━━━━━───────────────────  5/10  16 samples/s  7s left"
    assert shown == [[*header, first, "loss 0.5000"], [*header, second, "loss 0.5000"]]
    assert stream.seen[:3] == [*header, "1/3 loss 0.5000* 0.5s"]
    assert stream.seen[-1] == "loss 0.5000  best 0.5000 in epoch 1"
    live.note("all epochs are done")
    live.close()
    assert stream.seen == [*header, "1/3 loss 0.5000* 0.5s", "all epochs are done", ""]


def test_a_view_is_drawn_at_most_ten_times_a_second(stream, monkeypatch):
    moment = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: moment[0])
    live = Live()
    live.begin(Plan(1, 10_000, 4, "loss", "min"))
    before = stream.getvalue().count("epoch")
    for done in range(1, 1001):
        moment[0] = done / 1024
        live.step(1, done, 10_000, {"loss": 0.5})
    assert stream.getvalue().count("epoch") - before == 9


def test_nothing_of_the_terminal_is_changed_that_would_have_to_be_put_back(stream):
    trained(Live(), stream, moments=(1, 10))
    commands = set(re.findall(r"\x1b(?!\[)|\x1b\[[\d;?]*([A-Za-z])", stream.getvalue()))
    assert commands <= {"A", "J", "m"}
    assert stream.getvalue().count("\x1b[0m") == len(re.findall(r"\x1b\[(?:1|2|36)m", stream.getvalue()))


def test_no_color_takes_the_styles_and_leaves_the_view(stream, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    trained(Live(), stream, moments=(1, 10))
    assert not re.search(r"\x1b\[[\d;]*m", stream.getvalue())
    assert "━" in stream.getvalue()


def test_a_terminal_that_became_narrow_keeps_no_rest_of_a_long_line(stream, monkeypatch):
    drawn = Screen()
    drawn.show([[("a" * 70, STRONG)], [("b" * 30, ACCENT)]])
    monkeypatch.setattr("dltrain.cli.screen.columns", lambda: 40)
    stream.seek(0)
    stream.truncate()
    drawn.clear()
    # The first line now takes two rows: two up from the third.
    assert stream.getvalue() == "\r\x1b[2A\x1b[J"


@pytest.mark.parametrize(
    ("terminal", "term", "expected"),
    [(True, "xterm", Live), (True, "dumb", Lines), (True, "", Lines), (False, "xterm", Lines)],
)
def test_only_a_terminal_that_can_go_up_gets_a_live_view(stream, monkeypatch, terminal, term, expected):
    monkeypatch.setenv("TERM", term)
    stream.terminal = terminal
    assert type(observer(quiet=False)) is expected
    assert type(observer(quiet=True)) is Observer


def test_a_pipe_gets_a_line_for_each_epoch(stream):
    stream.terminal = False
    trained(Lines(), stream, moments=(1, 10))
    assert stream.getvalue() == "run     runs/a/1\ndevice  cpu\nepoch 1/3 loss 0.5000* 0.5s\n"


def test_long_lines_are_divided_between_words_but_no_score_from_its_name(stream):
    live = Live()
    scores = {f"val_score_{letter}": 0.25 for letter in "abcdef"}
    live.epoch(EpochReport(10, 12, scores, 1.0, "val_score_a", best=True))
    assert stream.seen == [
        "10/12 val_score_a 0.2500* val_score_b 0.2500 val_score_c 0.2500",
        "      val_score_d 0.2500 val_score_e 0.2500 val_score_f 0.2500 1.0s",
        "",
    ]
    assert wrapped("x" * 100) == "x" * 100
    stream.terminal = False
    assert wrapped("word " * 30) == "word " * 30


def test_an_encoding_without_blocks_still_gets_a_view(stream):
    stream.encoding = "latin-1"
    trained(Live(), stream, moments=(1, 10))
    assert "epoch 1/3" in stream.getvalue()
    assert stream.getvalue().isascii()


class Everything(Observer):
    """Remembers what it was told."""

    def __init__(self):
        self.told = []

    def __getattribute__(self, name):
        if name in vars(Observer) and not name.startswith("_"):
            return lambda *values: self.told.append((name, *values))
        return super().__getattribute__(name)


@pytest.mark.parametrize("relay", [Relay, lambda listener: LoggingObserver(listener, Mock()), Reporter])
def test_who_stands_between_a_training_and_its_view_passes_everything_on(relay):
    plan, report = Plan(3, 5, 32, "loss", "min"), EpochReport(1, 3, {"loss": 0.5}, 0.1, None, best=False)
    told = [("phase", "a"), ("header", {"b": "c"}), ("begin", plan), ("step", 1, 2, 5, None), ("epoch", report)]
    told.append(("note", "d"))
    names = {name for name, value in vars(Observer).items() if callable(value) and not name.startswith("_")}
    assert names == {name for name, *_ in told} | {"close"}
    listener = Everything()
    between = relay(listener)
    for name, *values in told:
        getattr(between, name)(*values)
    assert listener.told == told


CONFIG = """
name: seen
dataset: iris
model: {type: mlp, units: [4]}
trainer: {epochs: 2, batch_size: 16}
"""


@pytest.mark.keras
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_fit_on_a_terminal_shows_a_view_and_leaves_only_lines(tmp_path):
    import pty

    (tmp_path / "seen.yaml").write_text(CONFIG)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "dltrain", "fit", "seen.yaml", "--no-report"]
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    )
    os.close(theirs)
    written = b""
    while block := _read(ours):
        written += block
    assert process.wait(timeout=60) == 0
    text = written.decode()
    assert "starting tensorflow ..." in text
    assert "epoch 1/2  ───" in text
    lines = seen(text, 80)
    assert not [line for line in lines if "───" in line or line.endswith("...")]
    assert [line.split()[0] for line in lines if re.match(r"\d/2 loss ", line)] == ["1/2", "2/2"]
    assert any(re.fullmatch(r"next: dltrain evaluate runs/seen/1 +# score it again", line) for line in lines)


def _read(descriptor):
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        # A pseudo-terminal whose other end is closed.
        return b""
