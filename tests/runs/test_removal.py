"""Removing run directories: only runs, only those that are named, and nothing that links lead to."""

from __future__ import annotations

import os

import pytest

from dltrain.errors import RunBusyError, UsageError
from dltrain.runs.directory import RunDirectory, create
from dltrain.runs.files import write_json
from dltrain.runs.removal import Removal, plan_removal, remove


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Three runs of a name, and the working directory above them."""
    monkeypatch.chdir(tmp_path)
    runs = [create(tmp_path / "runs", "a") for _ in range(3)]
    for run in runs:
        write_json(run.manifest, {"status": "completed"})
    return runs


def left(tmp_path):
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("runs/*/*"))


def test_a_run_is_removed_and_latest_points_to_the_newest_that_is_left(made, tmp_path):
    removal = plan_removal([tmp_path / "runs/a/latest", tmp_path / "runs/a/3"])
    assert removal == Removal((made[2],), made[2].manifest.stat().st_size)
    remove(removal)
    assert left(tmp_path) == ["runs/a/1", "runs/a/2", "runs/a/latest"]
    assert os.readlink(tmp_path / "runs/a/latest") == "2"


def test_the_folder_of_a_name_goes_with_its_last_run(made, tmp_path):
    remove(plan_removal(run.path for run in made))
    assert list((tmp_path / "runs").iterdir()) == []


def test_what_links_lead_to_stays(made, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    (made[0].path / "checkpoints").symlink_to(outside)
    (made[0].path / "link").symlink_to(outside / "file")
    remove(plan_removal([made[0].path]))
    assert not made[0].path.exists()
    assert (outside / "file").read_text() == "kept"


def test_none_is_removed_where_one_is_being_written(made, tmp_path, busy):
    busy(made[1])
    with pytest.raises(RunBusyError, match=r"runs/a/2 is being written by another process; wait for it, or stop it"):
        remove(plan_removal([made[0].path, made[1].path]))
    assert [run.path.is_dir() for run in made] == [True] * 3


@pytest.fixture
def busy():
    """Holds the lock of a run in another process."""
    import subprocess
    import sys

    holders = []

    def hold(run):
        code = "import sys; from dltrain.runs.directory import *; lock = RunLock(find(sys.argv[1])); print(1); input()"
        command = [sys.executable, "-c", code, str(run.path)]
        holders.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        holders[-1].stdout.readline()

    yield hold
    for holder in holders:
        holder.communicate(b"\n")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("runs/a", "runs/a is not a run directory, and is not removed; name its runs, such as runs/a/3"),
        ("runs", "runs is not a run directory, and is not removed; give one such as runs/digits-mlp/1"),
        ("runs/a/4", "runs/a/4 is not a run directory; give one such as runs/digits-mlp/1"),
        ("runs/a/linked", "runs/a/linked is a link to 1; name the run directory itself"),
        (
            "runs/a/1/fold-1",
            "runs/a/1/fold-1 is a fold of runs/a/1, whose scores would be of runs that are gone; name that",
        ),
        ("other", "other is not a run directory, and is not removed; give one such as runs/digits-mlp/1"),
        ("notes/1", "notes/1 is not a run directory, and is not removed; give one such as runs/digits-mlp/1"),
    ],
)
def test_what_is_no_run_is_refused(made, tmp_path, path, text):
    (tmp_path / "runs/a/linked").symlink_to("1")
    (made[0].path / "fold-1").mkdir()
    write_json(made[0].path / "fold-1" / "manifest.json", {"status": "completed"})
    (tmp_path / "other").mkdir()
    (tmp_path / "notes/1").mkdir(parents=True)
    (tmp_path / "notes/1/diary.txt").write_text("mine")
    with pytest.raises(UsageError) as caught:
        plan_removal([made[2].path, tmp_path.joinpath(path).relative_to(tmp_path)])
    assert str(caught.value) == text
    assert all(run.path.is_dir() for run in made)


def test_a_run_that_ended_before_it_had_a_manifest_is_a_run(made, tmp_path):
    run = RunDirectory(made[0].path)
    run.manifest.unlink()
    run.config.write_text("name: a\n")
    (run.path / ".lock").touch()
    remove(plan_removal([run.path]))
    assert left(tmp_path) == ["runs/a/2", "runs/a/3", "runs/a/latest"]
