"""`dltrain schema`."""

import json
import sys

import pytest

from dltrain.cli.app import run
from dltrain.schema import json_schema


@pytest.fixture
def dltrain(monkeypatch, capfd, tmp_path):
    """Runs a command line in this process; the exit code and what was printed."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["dltrain", *arguments])
        with pytest.raises(SystemExit) as exited:
            run()
        return (exited.value.code, *capfd.readouterr())

    return call


def test_the_schema_is_printed(dltrain):
    code, out, err = dltrain("schema")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads(json.dumps(json_schema()))


def test_the_schema_is_written_and_renewed(dltrain, tmp_path):
    for _ in range(2):
        said = dltrain("schema", "-o", "s.json")
        text = "wrote s.json; a config beside it begins with the line\n# yaml-language-server: $schema=s.json\n"
        assert said == (0, "", text)
    assert json.loads((tmp_path / "s.json").read_text())["title"] == "dltrain config"


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"title": "another"}'])
def test_another_file_is_not_overwritten(content, dltrain, tmp_path):
    (tmp_path / "s.json").write_text(content)
    assert dltrain("schema", "-o", "s.json") == (2, "", "s.json holds something else; name another file\n")
    assert (tmp_path / "s.json").read_text() == content


def test_a_file_that_cannot_be_written_is_named(dltrain):
    text = "no/s.json: no such file or directory; name a file that can be written\n"
    assert dltrain("schema", "-o", "no/s.json") == (2, "", text)
    assert dltrain("schema", "-o", ".")[::2] == (2, ".: is a directory; name a file that can be written\n")
