"""How the process of a command ends."""

import subprocess
import sys

import pytest

CODE = """
import atexit, sys, types
{imported}
class Kept:
    def __del__(self): print("cleared away")
kept = Kept()
atexit.register(print, "at exit")
sys.argv = ["dltrain", {arguments}]
from dltrain.cli import main
main()
"""
KERAS = "sys.modules['keras'] = types.ModuleType('keras')"


@pytest.mark.parametrize(("arguments", "code"), [("'--version'", 0), ("'validate', 'none.yaml'", 2)])
@pytest.mark.parametrize(("imported", "last"), [("", ["cleared away"]), (KERAS, [])])
def test_nothing_is_cleared_away_where_keras_is_imported_and_all_else_is_done(
    tmp_path, arguments, code, imported, last
):
    script = CODE.format(imported=imported, arguments=arguments)
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    said = done.stdout.splitlines()
    assert (done.returncode, said[-1 - len(last) :]) == (code, ["at exit", *last])
    assert len(said) + len(done.stderr.splitlines()) == 2 + len(last)
