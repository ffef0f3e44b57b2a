"""What several test modules share."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

# TensorFlow's C++ messages would drown the test report; the backend is not the machine's choice.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.pop("KERAS_BACKEND", None)

REPOSITORY = Path(__file__).parent.parent

_ADULT = (
    "age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,race,sex,"
    "capital_gain,capital_loss,hours_per_week,native_country,income",
    "39,State-gov,77516,Bachelors,13,Never-married,Adm-clerical,Not-in-family,White,Male,2174,0,40,?,<=50K",
)
STAND_INS = {
    "adult_train.csv": _ADULT,
    "adult_test.csv": _ADULT,
    "winequality_white.csv": (
        "fixed_acidity,volatile_acidity,citric_acid,residual_sugar,chlorides,free_sulfur_dioxide,"
        "total_sulfur_dioxide,density,pH,sulphates,alcohol,quality",
        "7,0.27,0.36,20.7,0.045,45,170,1.001,3,0.45,8.8,6",
    ),
    "ETTh1.csv": ("date,HUFL,HULL,MUFL,MULL,LUFL,LULL,OT", "2016-07-01 00:00:00,5.8,2.0,1.6,0.5,4.2,1.3,30.5"),
}
"""The header and a row of each table that shipped configs need."""


_MINUTES = ("hostile", "backends", "test_survival.py", "training", "cli")
"""Files and folders of tests that take long."""


_ALL_NEED_KERAS = re.compile(r"^pytestmark = .*pytest\.mark\.keras\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where tests that need Keras are left out, modules of nothing else are not imported: some import it themselves."""
    if "not keras" not in config.option.markexpr or collection_path.suffix != ".py":
        return None
    return bool(_ALL_NEED_KERAS.search(collection_path.read_text(encoding="utf-8"))) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those come first, so that no process works on one of them while the other has nothing left to do."""
    tests = Path(__file__).parent

    def turn(item: pytest.Item) -> int:
        first = item.path.relative_to(tests).parts[0]
        return _MINUTES.index(first) if first in _MINUTES else len(_MINUTES)

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def _no_reports():
    """Pictures take two seconds a fit; a test that wants them asks for `reports`."""
    from dltrain.page import process

    patch = pytest.MonkeyPatch()
    kept = process.Reporter.report, process._begun
    patch.setattr(process.Reporter, "report", lambda self, run: None)
    patch.setattr(process, "_begun", lambda: None)
    yield kept
    patch.undo()


@pytest.fixture
def reports(_no_reports, monkeypatch):
    """Fits write their reports, as they do outside of tests."""
    from dltrain.page import process

    monkeypatch.setattr(process.Reporter, "report", _no_reports[0])
    monkeypatch.setattr(process, "_begun", _no_reports[1])


@pytest.fixture(scope="session")
def configs() -> Path:
    """The folder of shipped configs."""
    return REPOSITORY / "configs"


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$DLTRAIN_DATA with a few rows in the place of each file that shipped configs need."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, (header, row) in STAND_INS.items():
        (tmp_path / name).write_text(f"{header}\n{row}\n" + f"{row}\n" * (1 << 11), encoding="utf-8")
    for name in ("imdb_train.parquet", "imdb_test.parquet"):
        pq.write_table(pa.table({"text": ["a good film", "a bad one"], "label": ["pos", "neg"]}), tmp_path / name)
    (tmp_path / "cats_vs_dogs.tar.gz").touch()
    monkeypatch.setenv("DLTRAIN_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def write(tmp_path: Path):
    """Writes a config and returns its path."""

    def write_config(text: str, name: str = "test.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_config
