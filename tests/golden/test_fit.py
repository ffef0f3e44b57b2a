"""Mistakes that only the data shows."""

import pytest

from golden.conftest import compare, names

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("name", names("fit"))
def test_a_config_that_does_not_fit_its_data_is_refused_before_a_run_begins(name, folder, dltrain):
    said = dltrain("fit", f"{name}.yaml")
    assert (said.code, said.out) == (2, "")
    assert not (folder / "runs").exists()
    compare(name, said.err)


@pytest.mark.parametrize("name", names("fit"))
def test_validate_finds_nothing_wrong_without_the_data(name, folder, dltrain):
    assert dltrain("validate", f"{name}.yaml") == (0, f"{name}.yaml: ok\n", "")
