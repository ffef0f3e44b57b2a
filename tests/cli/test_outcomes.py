"""What JUnit files, GitHub's log and its summary say of configs, also of those with hostile names."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dltrain.cli.github import command
from dltrain.cli.job_summary import append_summary, summary
from dltrain.cli.junit import junit
from dltrain.cli.outcomes import Outcome, Outcomes, failed
from dltrain.errors import ConfigError, DataError, ExpectationError, InterruptedRunError, RunError
from dltrain.spec.problems import Position, Problem

HOSTILE = 'x]]></failure>\x00\x1b[31m\n::error::a & <script> "q" \ufffe %0A'
RESULT = {
    "run": "runs/a/1",
    "seconds": 2.5,
    "scores": {"train": {"accuracy": 0.9}, "test": {"accuracy": 0.875, "confusion_matrix": [[1]]}},
    "intervals": {"test": {"accuracy": [0.75, 0.9375]}},
    "baselines": {"majority": {"text": "majority class 'a|b'", "scores": {"accuracy": 0.5}, "intervals": {}}},
    "verdict": {"split": "test", "metric": "accuracy", "text": "beats <b>it</b>", "beaten": True},
}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch):
    """No variable of a real job decides."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


def wrong(file="a.yaml"):
    return ConfigError([Problem("too large; write 1", ("trainer", "epochs"), Position(file, 3, 11))])


def test_a_junit_file_counts_and_holds_every_outcome():
    root = ElementTree.fromstring(
        junit(
            "fit", [Outcome("a.yaml", seconds=1.5), failed("b.yaml", wrong()), Outcome("c.yaml", "skipped", text="no")]
        )
    )
    counts = {"tests": "3", "failures": "1", "errors": "0", "skipped": "1", "time": "1.500"}
    assert root.tag == "testsuites"
    assert root.attrib == {"name": "dltrain", **counts}
    (suite,) = root
    assert (suite.tag, suite.attrib) == ("testsuite", {"name": "dltrain fit", **counts})
    assert [case.attrib for case in suite] == [
        {"classname": "dltrain.fit", "name": f"{name}.yaml", "file": f"{name}.yaml", "time": time}
        for name, time in (("a", "1.500"), ("b", "0.000"), ("c", "0.000"))
    ]
    text = "a.yaml:3:11: trainer.epochs: too large; write 1"
    (failure,) = suite[1]
    assert (failure.tag, failure.text, failure.attrib) == ("failure", text, {"message": text, "type": "ConfigError"})
    assert [(child.tag, child.attrib) for child in suite[2]] == [("skipped", {"message": "no"})]
    assert not list(suite[0])


def test_no_text_leaves_its_place_in_a_junit_file():
    root = ElementTree.fromstring(junit("smoke", [failed(HOSTILE, RunError(HOSTILE))]))
    ((case,),) = root
    (failure,) = case
    cleaned = HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd").replace("\ufffe", "\ufffd")
    assert failure.text == cleaned
    assert failure.attrib["message"] == cleaned.partition("\n")[0]
    assert case.attrib["name"] == cleaned


def test_a_command_of_github_has_one_line_and_no_other_command_in_it():
    said = command("error", {"file": "a,b:c\n.yaml", "line": 3}, HOSTILE)
    assert said == (
        '::error file=a%2Cb%3Ac%0A.yaml,line=3::x]]></failure>\ufffd\ufffd[31m%0A::error::a & <script> "q" \ufffd %250A'
    )
    assert command("error", {}, "a\u2028b\rc") == "::error ::a\ufffdb%0Dc"


def tell(configs, error=None, outcomes=(), junit=None):
    with pytest.raises(type(error)) if error else Nothing(), Outcomes("fit", [*map(Path, configs)], junit) as told:
        for config, outcome in outcomes:
            told.fitted(config, outcome)
        if error:
            raise error
    return told


class Nothing:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


def test_annotations_point_at_the_line_and_only_where_github_reads_them(monkeypatch, capsys, tmp_path):
    tell(["a.yaml"], wrong())
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    tell(["a.yaml", "b.yaml"], wrong())
    assert capsys.readouterr().err.splitlines() == [
        "::error file=sub/a.yaml,line=3,col=11::trainer.epochs: too large; write 1",
        "::warning file=sub/b.yaml::skipped: not begun",
    ]


def test_a_missed_expectation_is_annotated_with_the_measured_value(monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    text = "test.accuracy is 0.875, and expect asks for >= 0.9 (runs/a/1)"
    missed = ExpectationError([Problem(text, ("expect", "test.accuracy"), Position("a.yaml", 9, 26))], RESULT)
    assert str(missed) == f'a.yaml:9:26: expect."test.accuracy": {text}'
    told = tell(["a.yaml"], outcomes=[("a.yaml", missed)])
    assert capsys.readouterr().err == f'::error file=a.yaml,line=9,col=26::expect."test.accuracy": {text}\n'
    assert (told.found[0].result, told.found[0].seconds) == (RESULT, 2.5)


def test_an_error_without_a_place_is_of_every_config_that_has_no_outcome(tmp_path):
    told = tell(
        ["a.yaml", "b.yaml", "b.yaml"], DataError("t.csv: has no rows"), [("a.yaml", RESULT)], tmp_path / "j.xml"
    )
    assert [(one.config, one.status, one.text) for one in told.found] == [
        ("a.yaml", "ok", ""),
        ("b.yaml", "failed", "t.csv: has no rows"),
        ("b.yaml", "failed", "t.csv: has no rows"),
    ]
    assert (tmp_path / "j.xml").read_bytes().count(b"<failure") == 2


def test_what_an_interruption_kept_from_beginning_is_skipped(tmp_path):
    tell(["a.yaml"], InterruptedRunError("interrupted"), junit=tmp_path / "j.xml")
    ((case,),) = ElementTree.parse(tmp_path / "j.xml").getroot()
    assert [child.attrib for child in case] == [{"message": "not begun"}]


def test_a_junit_file_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(RunError) as caught:
        tell(["a.yaml"], junit=tmp_path / "none" / "j.xml")
    path = tmp_path / "none" / "j.xml"
    assert str(caught.value) == f"cannot write {path}: no such file or directory; name another file with --junit"


def test_the_summary_has_scores_with_intervals_baselines_and_the_verdict():
    assert "\n".join(summary("fit", [Outcome("a.yaml", seconds=2.5, result=RESULT)])) == (
        "### dltrain fit: 1 of 1 ok\n\n"
        "| config | | seconds | |\n|---|---|---:|---|\n| a.yaml | ✅ ok | 2.5 |  |\n\n"
        "#### a.yaml: runs&#47;a&#47;1\n\n"
        "| | train | test |\n|---|---:|---:|\n"
        "| accuracy | 0.9000 | 0.8750 [0.7500, 0.9375] |\n\n"
        "| baseline | test accuracy |\n|---|---:|\n| majority class 'a&#124;b' | 0.5000 |\n\n"
        "**Verdict:** beats &#60;b&#62;it&#60;&#47;b&#62;\n"
    )


def test_a_summary_is_added_to_and_foreign_text_stays_in_its_cell(tmp_path):
    path = tmp_path / "summary.md"
    path.write_text("before\n")
    append_summary(path, "smoke", [failed("a|b.yaml", RunError("# x\n| @me <img src=x> [a](http://b) `c`"))])
    lines = path.read_text().splitlines()
    assert lines[0] == "before"
    assert lines[5] == (
        "| a&#124;b.yaml | ❌ failed | 0.0 | &#35; x &#124; &#64;me &#60;img src=x&#62; &#91;a&#93;&#40;http&#58;"
        "&#47;&#47;b&#41; &#96;c&#96; |"
    )


def test_validate_tells_ci_of_every_config(tmp_path):
    (tmp_path / "a.yaml").write_text("dataset: iris\nmodel: {type: mlp}\n")
    (tmp_path / "b.yaml").write_text("dataset: iris\nmodel: {type: mpl}\n")
    told = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "s.md"), "PATH": ""}
    arguments = ["validate", "a.yaml", "b.yaml", "--json", "--junit", "j.xml"]
    done = subprocess.run(
        [sys.executable, "-m", "dltrain", *arguments],
        cwd=tmp_path,
        env=told,
        capture_output=True,
        text=True,
        timeout=60,
    )
    text = "unknown model 'mpl'; expected cnn, lstm, mlp or sequential; did you mean 'mlp'?"
    assert (done.returncode, done.stderr) == (2, f"::error file=b.yaml,line=2,col=15::model.type: {text}\n")
    assert len(json.loads(done.stdout)["problems"]) == 1
    assert (tmp_path / "s.md").read_text().startswith("### dltrain validate: 1 of 2 ok\n")
    assert b'tests="2" failures="1"' in (tmp_path / "j.xml").read_bytes()
