"""The chosen settings in the config file."""

import os

import pytest

from dltrain.benchmarking.writing import fixed_by, refuse_unwritable
from dltrain.benchmarking.writing import write as write_settings
from dltrain.errors import UsageError
from dltrain.load import load

CONFIG = "# mine\ndataset: iris\nmodel: mlp  # small\n"


def written(path, *settings, **chosen):
    """The text of the file after the settings were written into it."""
    _, document = load(path, settings)
    expected, _ = load(path, [*settings, *(f"runtime.{name}={value}" for name, value in chosen.items())])
    write_settings(path, document, {name: getattr(expected.runtime, name) for name in chosen}, expected)
    return path.read_bytes().decode("utf-8")


def test_everything_else_stays_and_the_file_comes_to_what_was_measured(write):
    path = write(CONFIG)
    assert written(path, backend="jax", threads=1) == f"{CONFIG}runtime:\n  backend: jax\n  threads: 1\n"
    runtime = load(path)[0].runtime
    assert (runtime.backend, runtime.threads) == ("jax", 1)


def test_line_ends_and_the_mark_of_an_editor_stay(tmp_path):
    path = tmp_path / "a.yaml"
    text = f"{CONFIG}runtime:\n  threads: 2  # both\n".replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert written(path, threads=1) == "\ufeff" + text.replace("threads: 2", "threads: 1")


def test_a_link_stays_a_link_and_rights_stay(write, tmp_path):
    path = write(CONFIG)
    path.chmod(0o600)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    written(link, threads=1)
    assert (link.is_symlink(), path.stat().st_mode & 0o777) == (True, 0o600)
    assert "threads: 1" in path.read_text()
    assert sorted(os.listdir(tmp_path)) == ["link.yaml", "test.yaml"]


def test_of_files_that_extend_one_another_only_the_config_is_written(write):
    base = write(f"{CONFIG}runtime: {{threads: 2, onednn: true}}\n", "base.yaml")
    before = base.read_text()
    path = write("extends: base.yaml\nname: over\n")
    assert written(path, threads=1) == "extends: base.yaml\nname: over\nruntime:\n  threads: 1\n"
    runtime = load(path)[0].runtime
    assert (runtime.threads, runtime.onednn, base.read_text()) == (1, True, before)


def test_a_value_from_the_environment_is_not_overwritten(write, monkeypatch):
    monkeypatch.setenv("CORES", "2")
    path = write(f"{CONFIG}runtime:\n  threads: ${{env:CORES}}\n")
    before = path.read_text()
    with pytest.raises(UsageError) as raised:
        written(path, threads=1)
    why = "runtime.threads comes from the environment variable CORES"
    assert str(raised.value) == f"{path} is left as it was: {why}; paste what is printed"
    assert path.read_text() == before
    assert written(path, onednn="true").endswith("  threads: ${env:CORES}\n  onednn: true\n")


def test_a_file_that_has_changed_since_is_left_alone(write):
    path = write(CONFIG)
    expected, document = load(path, ["runtime.threads=1"])
    path.write_text(f"{CONFIG}seed: 3\n")
    with pytest.raises(UsageError, match=r"it has changed since it was measured; paste what is printed$"):
        write_settings(path, document, {"threads": 1}, expected)
    assert path.read_text() == f"{CONFIG}seed: 3\n"


def test_an_edit_that_does_not_come_to_the_experiment_is_not_made(write, tmp_path):
    text = f"{CONFIG}runtime:\n  memory: >-\n    2GB\n"
    path = write(text)
    expected, document = load(path, ["runtime.threads=1", "seed=7"])
    with pytest.raises(UsageError, match="is left as it was: its runtime section is written in a way that cannot"):
        write_settings(path, document, {"threads": 1}, expected)
    assert (path.read_text(), os.listdir(tmp_path)) == (text, ["test.yaml"])


def test_settings_of_the_command_line_are_fixed():
    assert fixed_by(["runtime.threads=1", "trainer.epochs=3", "runtime.backend=jax"]) == {"threads", "backend"}
    assert "precision" in fixed_by(["runtime={}"])


def test_only_what_was_measured_is_written(write):
    path = write(CONFIG)
    refuse_unwritable(path, ["runtime.threads=1"])
    with pytest.raises(UsageError) as raised:
        refuse_unwritable(path, ["runtime.threads=1", "trainer.batch_size=8"])
    text = "--write writes the runtime settings of what was measured, and --set trainer.batch_size=8 is not in the file"
    assert str(raised.value) == f"{text}; leave one of them out"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_cannot_be_written_is_refused_before_measuring(write):
    path = write(CONFIG)
    path.chmod(0o400)
    with pytest.raises(UsageError, match=r"cannot be written; leave --write out, and paste what is printed$"):
        refuse_unwritable(path, [])
