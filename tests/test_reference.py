"""docs/reference.md."""

from __future__ import annotations

import re
from pathlib import Path

from dltrain.experiment import Experiment
from dltrain.optimizers.base import OptimizerSpec
from dltrain.reference import reference

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"


def _section(heading: str) -> str:
    """What stands below a heading, up to the next one."""
    return re.split(r"^#+ ", PAGE.read_text(encoding="utf-8").split(f"\n{heading}\n", 1)[1], flags=re.MULTILINE)[0]


def test_the_page_is_that_of_the_code():
    assert PAGE.read_text(encoding="utf-8") == reference(), "docs/reference.md is stale; run `make reference`"


def test_every_link_leads_to_a_heading():
    text = PAGE.read_text(encoding="utf-8")
    headings = [heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
    assert len(headings) == len(set(headings))
    links = set(re.findall(r"\]\(#([^)]*)\)", text))
    assert len(links) > 150
    assert links <= set(headings)


def test_every_setting_of_the_config_is_described():
    rows = [line.split(" | ") for line in _section("## experiment").splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows] == [f"| `{name}`" for name in [*Experiment.model_fields, "extends"]]
    assert all(row[3].removesuffix("|").strip() for row in rows)


def test_a_component_has_its_own_settings_first_and_those_of_its_family_once():
    for name in OptimizerSpec.types():
        assert f"| `{OptimizerSpec.choices()[name].first_argument()}` |" in _section(f"### optimizer {name}")
    shared = _section("## optimizer")
    assert "Settings of every optimizer:" in shared
    assert "| `clipnorm` | number above 0 |  | the largest norm" in shared
    assert "`clipnorm`" not in _section("### optimizer adam")
    # Its default is another one.
    assert "| `weight_decay` | number, at least 0 | `0.004` |" in _section("### optimizer adamw")


def test_a_bar_does_not_end_a_cell():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
