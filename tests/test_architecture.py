"""What is imported when; the layers themselves are held by import-linter."""

import subprocess
import sys

import pytest

HEAVY = {"tensorflow", "keras", "numpy", "pyarrow", "sklearn", "jax", "torch", "matplotlib", "safetensors"}
REPORT = """
import atexit, sys
atexit.register(lambda: print("imported:", *sorted({name.partition(".")[0] for name in sys.modules})))
sys.argv = ["dltrain", *sys.argv[1:]]
from dltrain.cli import main
main()
"""


def run(*arguments, cwd):
    """The exit code, what was printed, and the top-level packages that were imported."""
    command = [sys.executable, "-c", REPORT, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)
    printed, _, imported = done.stdout.partition("imported: ")
    return done.returncode, printed + done.stderr, set(imported.split())


def test_validate_of_every_shipped_config_but_parquet_imports_nothing_heavy(configs, stand_ins, tmp_path):
    paths = [path for path in sorted(configs.glob("*.yaml")) if ".parquet" not in path.read_text()]
    assert len(paths) > 20
    code, printed, imported = run("validate", *paths, cwd=tmp_path)
    assert (code, printed) == (0, "".join(f"{path}: ok\n" for path in paths))
    assert not imported & HEAVY


def test_validate_of_a_wrong_config_imports_nothing_heavy(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "dataset: digit\nmodel: {type: mpl}\nloss: mes\noptimizer: adma\nmetrics: [acuracy]\n"
    )
    code, printed, imported = run("validate", "c.yaml", cwd=tmp_path)
    assert (code, printed.count("did you mean")) == (2, 5)
    assert not imported & HEAVY


def test_every_family_can_be_listed_without_anything_heavy(tmp_path):
    families = ["augmentations", "callbacks", "data", "initializers", "layers", "losses", "metrics", "models"]
    families += ["optimizers", "preprocessing", "regularizers", "schedules", "splits", "tasks"]
    code = f"""
import importlib, sys
from dltrain.spec.family import Family
for name in {families}:
    base = importlib.import_module(f"dltrain.{{name}}.base")
    kinds = [kind for kind in vars(base).values() if isinstance(kind, type) and Family in kind.__bases__]
    assert all(kind.choices() for kind in kinds) and kinds
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert not set(done.stdout.split()) & HEAVY


def test_help_imports_neither_pydantic_nor_yaml(tmp_path):
    code, printed, imported = run("--help", cwd=tmp_path)
    assert (code, "validate" in printed) == (0, True)
    assert not imported & (HEAVY | {"pydantic", "yaml", "rich"})


@pytest.mark.parametrize("command", ["fit", "evaluate", "validate"])
def test_help_of_a_command_imports_nothing_heavy(command, tmp_path):
    code, printed, imported = run(command, "--help", cwd=tmp_path)
    assert (code, f"dltrain {command}" in printed) == (0, True)
    assert not imported & (HEAVY | {"yaml"})


def test_the_package_itself_imports_nothing_before_a_function_is_called(tmp_path):
    code = "import sys, dltrain; print(*sorted(name for name in sys.modules if name.startswith('dltrain')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "dltrain\n"


def test_a_name_that_is_not_there_is_an_attribute_error():
    import dltrain

    with pytest.raises(AttributeError, match="module 'dltrain' has no attribute 'train'"):
        dltrain.train  # noqa: B018
