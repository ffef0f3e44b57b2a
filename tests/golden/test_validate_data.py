"""What `validate --data` says of configs whose mistake only the data shows, and of what is in the data."""

import pytest

from golden.conftest import HERE, compare, names

TEXTS = HERE / "with_data"


@pytest.mark.parametrize("name", names("fit"))
def test_all_rows_show_what_a_fit_would_refuse(name, folder, dltrain):
    said = dltrain("validate", "--data", f"{name}.yaml")
    assert said.code == 2
    assert all(line.startswith(f"{name}.yaml:") for line in said.err.splitlines())
    compare(name, said.err, TEXTS)


def test_every_expected_text_belongs_to_a_config():
    assert {path.stem for path in TEXTS.glob("*.txt")} == set(names("fit"))
