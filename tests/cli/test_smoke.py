"""`dltrain smoke`, as CI runs it."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.keras


def smoke(*arguments, cwd, **environment):
    command = [sys.executable, "-m", "dltrain", "smoke", *map(str, arguments)]
    env = {**os.environ, "TMPDIR": str(cwd / "tmp"), **environment}
    (cwd / "tmp").mkdir(exist_ok=True)
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "iris.yaml").write_text(
        "dataset: iris\nmodel: {type: mlp, units: [4]}\ntrainer: {epochs: 9, batch_size: 8}\n"
        "optimizer: {adam: {learning_rate: {one_cycle: 1e-3}}}\nexpect: {test.accuracy: '>= 1'}\n"
    )
    # Classes in order, as an export sorts them, and more rows than are read.
    rows = [f"{index % 7},{'red' if index % 3 else 'blue'},{index // 2000}" for index in range(6000)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]))
    (tmp_path / "table.yaml").write_text(
        "dataset: {path: t.csv, target: y}\nsplits: {folds: 3}\nmodel: {type: mlp, units: [4]}\n"
        "trainer: {batch_size: 16}\n"
    )
    (tmp_path / "gone.yaml").write_text("dataset: {path: gone.csv, target: y}\nmodel: {type: mlp, units: [4]}\n")
    (tmp_path / "wrong.yaml").write_text("dataset: iris\nmodel: {type: mpl}\n")
    (tmp_path / "diverges.yaml").write_text(
        "dataset: diabetes\nmodel: {type: mlp, units: [4], activation: linear}\noptimizer: {sgd: 1000}\n"
    )
    return tmp_path


def test_every_config_has_a_line_and_nothing_is_left(folder):
    names = ["iris", "gone", "diverges", "table", "wrong"]
    done = smoke(*(f"{name}.yaml" for name in names), "--junit", "j.xml", cwd=folder)
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"{name}.yaml" for name in names]
    assert lines[0].startswith("iris.yaml: ok in ")
    assert lines[1].startswith("gone.yaml: skipped: gone.yaml:1:17: dataset.path: no such file: ")
    assert lines[2].startswith("diverges.yaml: failed to train: ")
    assert lines[3].startswith("table.yaml: ok in ")
    assert lines[4] == (
        "wrong.yaml: failed: wrong.yaml:2:15: model.type: unknown model 'mpl'; expected cnn, lstm, mlp or sequential; "
        "did you mean 'mlp'?"
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-2].startswith("2 ok, 2 failed, 1 skipped in ")
    assert done.stderr.splitlines()[-1] == "3 of 5 configs did not pass"
    assert b'tests="5" failures="3" errors="0" skipped="0"' in (folder / "j.xml").read_bytes()
    assert not list((folder / "tmp").glob("dltrain-smoke-*"))
    assert not (folder / "runs").exists()


def test_missing_data_may_be_allowed_and_runs_may_be_kept(folder):
    done = smoke("iris.yaml", "gone.yaml", "--skip-missing", "--keep", "kept", "--json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    iris, gone = json.loads(done.stdout)["configs"]
    assert (iris["status"], iris["rows"]) == ("ok", {"train": 16, "validation": 15, "test": 16})
    assert list(iris["stages"]) == ["read", "build", "train", "evaluate", "save", "reload", "predict"]
    assert (gone["status"], gone["kind"]) == ("skipped", "MissingDataError")
    assert (folder / "kept/iris/1/model.keras").is_file()
    assert len((folder / "kept/iris/1/history.csv").read_text().splitlines()) == 2
    assert smoke("gone.yaml", cwd=folder).returncode == 1


def test_a_dataset_that_would_be_downloaded_is_missing(folder):
    (folder / "mnist.yaml").write_text("dataset: mnist\nmodel: {type: mlp, units: [4]}\n")
    done = smoke("mnist.yaml", cwd=folder, DLTRAIN_DATA="", KERAS_HOME=str(folder))
    text = "the dataset 'mnist' is not on this machine; `dltrain fit` downloads it"
    assert (done.returncode, done.stdout) == (1, f"mnist.yaml: skipped: {text}\n")


@pytest.mark.data
@pytest.mark.soak
def test_all_shipped_configs_whose_data_is_there_pass(configs, tmp_path):
    if not os.environ.get("DLTRAIN_DATA"):
        pytest.skip("DLTRAIN_DATA names no folder of data")
    done = smoke(*sorted(configs.glob("*.yaml")), "--skip-missing", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)["configs"]
    assert {one["status"] for one in found} <= {"ok", "skipped"}
    assert sum(one["status"] == "ok" for one in found) >= 10
