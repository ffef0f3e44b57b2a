"""Families: `type:` chooses, and a file is all that a new member needs."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import dltrain
from dltrain.callbacks.base import CallbackSpec
from dltrain.data.base import DatasetSpec
from dltrain.initializers.base import InitializerSpec
from dltrain.layers.base import LayerSpec
from dltrain.losses.base import LossSpec
from dltrain.metrics.base import MetricSpec
from dltrain.models.base import ModelSpec
from dltrain.optimizers.base import OptimizerSpec
from dltrain.preprocessing.base import FeatureSpec
from dltrain.regularizers.base import RegularizerSpec
from dltrain.schedules.base import ScheduleSpec
from dltrain.spec.section import Section
from dltrain.spec.translate import problems_of
from dltrain.splits.base import SplitsSpec
from dltrain.tasks.base import TaskSpec

FAMILIES = [
    *(CallbackSpec, DatasetSpec, FeatureSpec, InitializerSpec, LayerSpec, LossSpec, MetricSpec),
    *(ModelSpec, OptimizerSpec, RegularizerSpec, ScheduleSpec, SplitsSpec, TaskSpec),
]

BASE = """
from typing import ClassVar
from dltrain.spec.family import Family

class ToolSpec(Family):
    noun: ClassVar[str] = "tool"
    note: str = ""

    def use(self):
        raise NotImplementedError
"""

HAMMER = """
from typing import ClassVar, Literal
from {package}.base import ToolSpec

class Hammer(ToolSpec):
    type: Literal["hammer"] = "hammer"
    aliases: ClassVar = ("mallet",)
    weight: float = 1.0
    length: int = 30

    def use(self):
        return self.weight * self.length

class Glue(ToolSpec):
    type: Literal["glue"] = "glue"
"""

SAW = """
from typing import Literal
from {package}.base import ToolSpec

class Saw(ToolSpec):
    type: Literal[{quote}saw{quote}] = {quote}saw{quote}
    teeth: int

    def use(self):
        return self.teeth
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The folder of a package with a family of two members."""
    folder = tmp_path / f"tools_{tmp_path.name.replace('-', '_')}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "base.py").write_text(BASE)
    (folder / "simple.py").write_text(HAMMER.format(package=folder.name))
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        del sys.modules[name]


@pytest.fixture
def tools(package):
    return importlib.import_module(f"{package.name}.base").ToolSpec


def problems(family, value):
    section = type("Config", (Section,), {"__annotations__": {"tool": family}})
    with pytest.raises(ValidationError) as raised:
        section.model_validate({"tool": value})
    return [str(problem) for problem in problems_of(raised.value)]


def test_the_four_written_forms_are_equal(tools):
    forms = [{"type": "hammer", "weight": 2.5}, {"hammer": {"weight": 2.5}}, {"hammer": 2.5}, {"mallet": 2.5}]
    assert len({tools.choose(form).model_dump_json() for form in forms}) == 1
    assert tools.choose(forms[0]).use() == 75.0
    bare = ["hammer", {"type": "hammer"}, {"hammer": None}, {"hammer": {}}, "mallet"]
    assert {tools.choose(form).use() for form in bare} == {30.0}


def test_a_chosen_member_chooses_itself(tools):
    hammer = tools.choose("hammer")
    assert tools.choose(hammer) is hammer
    assert tools.choose(hammer.plain()) == hammer


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("hamer", "tool: unknown tool 'hamer'; expected glue or hammer; did you mean 'hammer'?"),
        ("Hammer", "tool: unknown tool 'Hammer'; expected glue or hammer; did you mean 'hammer'?"),
        ({"type": "drill"}, "tool.type: unknown tool 'drill'; expected glue or hammer"),
        ({"hamer": 1}, "tool.hamer: unknown tool 'hamer'; expected glue or hammer; did you mean 'hammer'?"),
        ({"weight": 1}, "tool: the tool has no `type:`; write one of glue or hammer"),
        ({"weight": 1, "length": 3}, "tool: the tool has no `type:`; write one of glue or hammer"),
        ({}, "tool: the tool has no `type:`; write one of glue or hammer"),
        ({"hammer": 1, "length": 3}, "tool: 'hammer' and 'length' stand side by side; write 'length' below 'hammer'"),
        ({"type": "hammer", "wieght": 1}, "tool.wieght: unknown key 'wieght'; did you mean 'weight'?"),
        ({"hammer": {"wieght": 1}}, "tool.hammer.wieght: unknown key 'wieght'; did you mean 'weight'?"),
        ({"hammer": {"weight": "1"}}, "tool.hammer.weight: expected a number, got '1'; write 1 without quotes"),
        ({"hammer": "heavy"}, "tool.hammer: expected a number, got 'heavy'"),
        ({"glue": 3}, "tool: glue takes no value; write `glue` alone or a mapping of its settings"),
        (3, "tool: expected a tool, got 3; write its name or a mapping with `type:`"),
        (None, "tool: expected a tool, got nothing; write its name or a mapping with `type:`"),
        (["hammer"], "tool: expected a tool, got a list; write its name or a mapping with `type:`"),
    ],
)
def test_a_wrong_choice_is_refused_with_what_can_be_chosen(tools, value, problem):
    assert problems(tools, value) == [problem]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_one_new_file_is_a_new_choice(package, quote):
    before = {path: path.read_bytes() for path in package.glob("*.py")}
    (package / "cutting.py").write_text(SAW.format(package=package.name, quote=quote))
    tools = importlib.import_module(f"{package.name}.base").ToolSpec
    assert tools.choose({"saw": 12}).use() == 12
    assert set(tools.choices()) == {"glue", "hammer", "mallet", "saw"}
    assert problems(tools, "saw") == ["tool: saw needs `teeth`; write saw: {teeth: ...}"]
    assert {path: path.read_bytes() for path in before} == before


def test_only_the_files_that_mention_a_name_are_imported(package):
    (package / "cutting.py").write_text(SAW.format(package=package.name, quote='"'))
    (package / "broken.py").write_text("raise RuntimeError")
    tools = importlib.import_module(f"{package.name}.base").ToolSpec
    tools.choose({"saw": 3})
    assert f"{package.name}.simple" not in sys.modules


OPTIMIZER = '''
"""A new optimizer."""

from typing import Any, Literal

from dltrain.optimizers.base import OptimizerSpec
from dltrain.schedules.base import Horizon, ScheduleSpec
from dltrain.schedules.constant import Constant


class MyOptimizer(OptimizerSpec):
    """Plain gradient descent."""

    type: Literal["my_optimizer"] = "my_optimizer"
    learning_rate: ScheduleSpec = Constant(learning_rate=0.5)

    def build(self, horizon: Horizon) -> Any:
        import keras

        return keras.optimizers.SGD(**self.settings(horizon))
'''


@pytest.mark.parametrize(
    ("optimizer", "code", "text"),
    [
        ("my_optimizer", 0, "config.yaml: ok\n"),
        ("{my_optimizer: 0.1}", 0, "config.yaml: ok\n"),
        (
            "{my_optimizer: {learning_rat: 0.1}}",
            2,
            "config.yaml:3:28: optimizer.my_optimizer.learning_rat: unknown key 'learning_rat';"
            " did you mean 'learning_rate'?\n",
        ),
        ("my_optimiser", 2, None),
    ],
)
def test_a_file_dropped_into_a_real_family_is_a_choice_of_the_command_line(tmp_path, optimizer, code, text):
    source = Path(dltrain.__file__).parent
    shutil.copytree(source, tmp_path / "dltrain", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "dltrain" / "optimizers" / "my_optimizer.py").write_text(OPTIMIZER)
    (tmp_path / "config.yaml").write_text(f"dataset: digits\nmodel: mlp\noptimizer: {optimizer}\n")
    command = [sys.executable, "-m", "dltrain", "validate", "config.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == code
    if text is None:
        assert done.stderr.endswith(
            "my_optimizer, nadam, rmsprop, schedule_free_adamw or sgd; did you mean 'my_optimizer'?\n"
        )
    else:
        assert done.stdout + done.stderr == text


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.noun)
def test_every_family_has_members_and_each_says_what_it_is(family):
    choices = family.choices()
    assert choices
    for name, member in choices.items():
        assert name in (*member.aliases, *family.types())
        assert (member.__doc__ or "").strip(), f"{member} has no docstring"
        assert member.__doc__ != family.__doc__


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.noun)
def test_no_two_members_share_a_name(family):
    names = [name for member in {*family.choices().values()} for name in member.aliases]
    assert len(names) == len(set(names))
    assert not set(names) & set(family.types())


@pytest.mark.parametrize(
    ("family", "first"),
    [
        (LayerSpec, {"dense": "units", "dropout": "rate", "max_pooling2d": "pool_size", "conv2d": "filters"}),
        (
            LayerSpec,
            {"embedding": "output_dim", "lstm": "units", "reshape": "target_shape", "activation": "activation"},
        ),
        (OptimizerSpec, {"sgd": "learning_rate", "adam": "learning_rate", "lion": "learning_rate"}),
        (ScheduleSpec, {"constant": "learning_rate", "cosine": "initial_learning_rate"}),
        (RegularizerSpec, {"l1": "l1", "l2": "l2"}),
        (ModelSpec, {"mlp": "units", "cnn": "filters", "lstm": "units"}),
        (DatasetSpec, {"npz": "path", "csv": "path", "parquet": "path"}),
        (FeatureSpec, {"numeric": "scaling", "ids": "vocabulary_size"}),
        (TaskSpec, {"binary": "positive"}),
        (MetricSpec, {"top_k_categorical_accuracy": "k"}),
    ],
)
def test_a_scalar_is_the_argument_that_a_reader_expects(family, first):
    assert {name: family.choices()[name].first_argument() for name in first} == first
