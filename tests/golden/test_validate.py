"""Mistakes that the config alone shows."""

import pytest
from golden.conftest import CONFIGS, EXPECTED, compare, names


@pytest.mark.parametrize("name", names("validate"))
def test_a_wrong_config_is_refused_with_place_cause_and_remedy(name, folder, dltrain):
    said = dltrain("validate", f"{name}.yaml")
    assert (said.code, said.out) == (2, "")
    compare(name, said.err)


@pytest.mark.parametrize("name", names("validate"))
def test_every_line_of_an_error_begins_with_its_place(name):
    for line in (EXPECTED / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        assert line.startswith(f"{name}.yaml:"), line


def test_every_expected_text_belongs_to_a_config():
    assert {path.stem for path in EXPECTED.glob("*.txt")} == {path.stem for path in CONFIGS.glob("*.yaml")}
