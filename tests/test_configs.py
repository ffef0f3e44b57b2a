"""The configs that dltrain ships: each is a manual page, and each trains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dltrain
from dltrain.errors import ConfigError
from dltrain.experiment import Experiment
from dltrain.load import load

REPOSITORY = Path(__file__).parent.parent
CONFIGS = sorted((REPOSITORY / "configs").glob("*.yaml"))
BUNDLED = ("xor", "digits-mlp", "digits-cnn", "digits-lstm", "iris", "wine", "breast-cancer", "diabetes")

each_config = pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)


def _load(config: Path) -> Experiment:
    """The experiment of a config; skips where only its data files are absent."""
    try:
        return load(config)[0]
    except ConfigError as error:
        messages = [problem.message for problem in error.problems]
        if all(message.startswith(("no such file: ", "no such folder or archive: ")) for message in messages):
            pytest.skip(f"{config.stem} needs data that is not here: {messages[0]}")
        raise


def _header(config: Path) -> list[str]:
    """The comment lines before the first setting, without their marks."""
    lines = config.read_text(encoding="utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if not line.startswith("#"))
    return [line.removeprefix("#").removeprefix(" ") for line in lines[:first]]


def test_the_bundled_configs_are_shipped():
    assert set(BUNDLED) <= {config.stem for config in CONFIGS}


@each_config
def test_a_config_loads_without_a_problem_and_is_named_as_its_file(config: Path):
    assert _load(config).name == config.stem


@each_config
def test_a_header_gives_title_command_expected_scores_and_time(config: Path):
    title, *rest = _header(config)
    assert title.endswith(".")
    assert f"  dltrain fit configs/{config.name}" in rest
    text = " ".join(rest)
    assert re.search(r"Expected: .*\d", text), "no expected score"
    assert re.search(r"Time: (about .* on two cores|not measured here)", text), "no time"


@each_config
def test_a_config_says_what_its_settings_do_in_lines_that_fit(config: Path):
    lines = config.read_text(encoding="utf-8").splitlines()
    assert max(map(len, lines)) <= 100
    assert sum("  # " in line for line in lines) >= 3, "fewer than three trailing comments"


@each_config
def test_a_config_is_among_the_results(config: Path):
    results = (REPOSITORY / "docs" / "results.md").read_text(encoding="utf-8")
    assert f"configs/{config.name}" in results


@pytest.mark.keras
@pytest.mark.parametrize("name", BUNDLED)
def test_a_config_on_bundled_data_trains_and_is_scored(name: str, tmp_path: Path):
    config = REPOSITORY / "configs" / f"{name}.yaml"
    run = dltrain.fit(config, overrides=["trainer.epochs=1", "expect={}"], runs_dir=tmp_path)
    splits = ["train"] if name == "xor" else ["train", "validation", "test"]
    assert list(run.scores) == splits
    assert len(run.history["loss"]) == 1
    assert all(scores["rows"] and scores["loss"] > 0 for scores in run.scores.values())


@pytest.mark.keras
def test_xor_is_learned_row_by_row(tmp_path: Path):
    run = dltrain.fit(REPOSITORY / "configs" / "xor.yaml", runs_dir=tmp_path)
    assert run.scores["train"]["accuracy"] == 1.0
    assert run.scores["train"]["confusion_matrix"] == [[2, 0], [0, 2]]
