"""Run directories: numbered, never shared, locked while written, and found again."""

import multiprocessing
import os
import stat

import pytest

from dltrain.errors import RunBusyError, RunError, UsageError
from dltrain.runs.directory import RunDirectory, RunLock, create, find, latest, newest, now
from dltrain.runs.files import write_json
from dltrain.runs.log import RunLog

FORK = multiprocessing.get_context("fork")


def test_runs_are_numbered_and_latest_points_to_the_newest(tmp_path):
    for number in ("1", "2", "3"):
        run = create(tmp_path / "runs", "digits")
        assert run.path == tmp_path / "runs" / "digits" / number
        assert os.readlink(tmp_path / "runs" / "digits" / "latest") == number
    assert create(tmp_path / "runs", "other").path.name == "1"


def test_numbers_go_on_after_the_largest_as_numbers_not_as_text(tmp_path):
    for name in ("2", "10", "notes", "-3", "7.5"):
        (tmp_path / "a" / name).mkdir(parents=True)
    assert create(tmp_path, "a").path.name == "11"


def create_and_report(root, queue):
    queue.put(create(root, "digits").path.name)


@pytest.mark.long
def test_of_100_processes_at_once_each_gets_its_own_number(tmp_path):
    queue = FORK.SimpleQueue()
    processes = [FORK.Process(target=create_and_report, args=(tmp_path, queue)) for _ in range(100)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    numbers = sorted(int(queue.get()) for _ in range(100))
    assert numbers == list(range(1, 101))
    assert (tmp_path / "digits" / "latest").is_dir()
    assert sorted(child.name for child in (tmp_path / "digits").iterdir() if child.name.startswith(".")) == []


def lock_and_report(run, queue):
    try:
        RunLock(run).release()
        queue.put("locked")
    except RunBusyError as error:
        queue.put(f"{error.exit_code} {error}")


def from_another_process(run):
    queue = FORK.SimpleQueue()
    process = FORK.Process(target=lock_and_report, args=(run, queue))
    process.start()
    process.join(30)
    return queue.get()


def test_a_run_that_is_being_written_is_busy_for_others_until_it_is_released(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = create(tmp_path / "runs", "digits")
    lock = RunLock(run)
    busy = "3 runs/digits/1 is being written by another process; wait for it, or stop it"
    assert from_another_process(run) == busy
    lock.release()
    assert from_another_process(run) == "locked"


def lock_and_die(run):
    RunLock(run)
    os._exit(9)


def test_the_lock_of_a_process_that_died_is_free(tmp_path):
    run = create(tmp_path, "digits")
    process = FORK.Process(target=lock_and_die, args=(run,))
    process.start()
    process.join(30)
    assert process.exitcode == 9
    assert RunLock(run).release() is None


def test_a_file_in_the_way_is_an_error_that_names_it(tmp_path):
    (tmp_path / "runs").write_text("")
    with pytest.raises(RunError) as raised:
        create(tmp_path / "runs", "digits")
    text = "not a directory; choose another folder with --runs-dir"
    assert str(raised.value) == f"cannot write {tmp_path / 'runs' / 'digits'}: {text}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_an_error_that_names_it(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(RunError, match="permission denied; choose another folder"):
        create(tmp_path, "digits")


def completed(root, name, ended, scores=True):
    run = create(root, name)
    write_json(run.manifest, {"status": "completed", "ended": ended})
    if scores:
        write_json(run.metrics, {"scores": {}})
    return run


def test_the_newest_run_is_the_one_that_completed_last(tmp_path):
    completed(tmp_path, "b", "2026-01-01T10:00:00.000+00:00")
    last = completed(tmp_path, "a", "2026-01-03T10:00:00.000+00:00")
    completed(tmp_path, "c", "2026-01-02T10:00:00.000+00:00")
    completed(tmp_path, "a", "2026-01-09T10:00:00.000+00:00", scores=False)
    write_json(create(tmp_path, "a").manifest, {"status": "running"})
    create(tmp_path, "a")
    assert newest(tmp_path).path == last.path


@pytest.mark.parametrize("exists", [True, False])
def test_where_nothing_completed_the_remedy_is_to_fit(tmp_path, exists):
    root = tmp_path / "runs"
    if exists:
        create(root, "a")
    with pytest.raises(UsageError) as raised:
        newest(root)
    text = f"no completed run below {root}; run `dltrain fit CONFIG` first, or give the path of a run"
    assert str(raised.value) == text


def test_a_run_that_cannot_be_read_does_not_hide_the_one_that_was_begun_last(tmp_path):
    for number, text in (("1", '{"started": "2026-01-01"}'), ("2", "{"), ("3", "[]")):
        folder = tmp_path / "digits" / number
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(text)
    assert latest(tmp_path).path == latest(tmp_path, "digits").path == tmp_path / "digits" / "1"
    with pytest.raises(UsageError) as caught:
        latest(tmp_path, "iris")
    assert str(caught.value) == f"no run below {tmp_path}/iris to go on with; leave --resume out to begin one"


def test_a_run_is_found_by_its_path_and_by_its_name(tmp_path):
    run = completed(tmp_path, "a", now())
    assert find(run.path).path == find(tmp_path / "a").path == find(tmp_path / "a" / "latest").path == run.path
    for path in (tmp_path, tmp_path / "none", run.manifest):
        with pytest.raises(UsageError) as raised:
            find(path)
        assert str(raised.value) == f"{path} is not a run directory; give one such as runs/digits-mlp/1"


def test_a_run_is_shown_relative_to_the_working_directory(tmp_path, monkeypatch):
    run = RunDirectory(tmp_path / "runs" / "a" / "1")
    monkeypatch.chdir(tmp_path)
    assert str(run) == "runs/a/1"
    monkeypatch.chdir("/")
    assert str(run) == str(tmp_path / "runs" / "a" / "1").lstrip("/")


def test_a_manifest_grows(tmp_path):
    run = create(tmp_path, "a")
    run.update_manifest(status="running", seed=1)
    run.update_manifest(status="completed")
    from dltrain.runs.files import read_json

    assert read_json(run.manifest) == {"status": "completed", "seed": 1}


def test_a_log_has_a_line_with_the_time_for_each_text(tmp_path):
    log = RunLog(tmp_path / "log.txt")
    log.write("first")
    log.write("second")
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["first", "second"]
    assert all(line.startswith("20") and "T" in line for line in lines)
