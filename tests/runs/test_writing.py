"""How a run that is written says that it ended, when a signal came."""

import os
import signal

import pytest

from dltrain.errors import InterruptedRunError, RunError, UsageError
from dltrain.runs.directory import create
from dltrain.runs.files import read_json, write_json
from dltrain.runs.writing import writing


@pytest.fixture
def run(tmp_path):
    run = create(tmp_path, "a")
    write_json(run.manifest, {"status": "running"})
    return run


def became(error):
    """What becomes of a KeyboardInterrupt in TensorFlow's C++: it is lost, and an error of its own comes."""
    try:
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the signal was not heard")
    except KeyboardInterrupt:
        pass
    raise error


@pytest.mark.parametrize(
    "error", [SystemError("Objects/listobject.c:338: bad argument to internal function"), RunError("TF failed")]
)
def test_an_error_that_a_signal_became_ends_the_run_as_the_signal_does(run, error):
    with pytest.raises(InterruptedRunError) as caught, writing(run):
        became(error)
    assert caught.value.exit_code == 130
    assert str(caught.value) == f"interrupted; go on with: dltrain fit --resume {run.whole}"
    assert read_json(run.manifest)["status"] == "interrupted"


@pytest.mark.parametrize(("error", "status"), [(SystemError("x"), "crashed"), (RunError("x"), "failed")])
def test_an_error_without_a_signal_is_itself(run, error, status):
    with pytest.raises(type(error), match="x"), writing(run):
        raise error
    assert read_json(run.manifest)["status"] == status


def test_an_error_while_a_signal_waits_is_itself(run):
    def stop(opened):
        with opened.interruption.deferred():
            os.kill(os.getpid(), signal.SIGTERM)
            raise RunError("disk full")

    with pytest.raises(RunError, match="disk full"), writing(run) as opened:
        stop(opened)
    assert read_json(run.manifest)["status"] == "failed"


def test_a_wrong_command_leaves_the_run_as_it_was(run):
    with pytest.raises(UsageError), writing(run):
        raise UsageError("x")
    assert read_json(run.manifest)["status"] == "running"
