"""What several test modules share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# TensorFlow's C++ messages would drown the test report; the backend is not the machine's choice.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.pop("KERAS_BACKEND", None)

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def configs() -> Path:
    """The folder of shipped configs."""
    return REPOSITORY / "configs"


@pytest.fixture
def write(tmp_path: Path):
    """Writes a config and returns its path."""

    def write_config(text: str, name: str = "test.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_config
