"""Mistakes that the config alone shows."""

import pytest

from golden.conftest import CONFIGS, EXPECTED, compare, names


@pytest.mark.parametrize("name", names("validate"))
def test_a_wrong_config_is_refused_with_place_cause_and_remedy(name, folder, dltrain):
    said = dltrain("validate", f"{name}.yaml")
    assert (said.code, said.out) == (2, "")
    assert all(line.startswith(f"{name}.yaml:") for line in said.err.splitlines())
    compare(name, said.err)


def test_every_expected_text_belongs_to_a_config():
    assert {path.stem for path in EXPECTED.glob("*.txt")} == {path.stem for path in CONFIGS.glob("*.yaml")}
