"""Stacks of random layers have the shapes and weights that Keras builds."""

import random

import pytest

from dltrain.layers.base import LayerSpec, LengthError, ShapeError
from dltrain.models.base import ModelSpec
from dltrain.signature import Feature, Head
from tests.layers.test_agreement import SETTINGS

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.keras

STACKS = 40
STARTS = [(12,), (9, 4), (None, 6), (8, 8, 3), (7, 10, 1)]
MOST_LAYERS = 6
# Only the first layer may take ids.
KINDS = sorted(set(SETTINGS) - {"embedding"})


def drawn(draw, shape):
    """A layer with random settings that takes rows of this shape, or None where none is found soon."""
    for _ in range(50):
        kind = draw.choice(KINDS)
        spec = LayerSpec.choose({"type": kind, **SETTINGS[kind][1](draw)})
        if draw.random() < 0.15:
            spec = spec.model_copy(update={"trainable": False})
        try:
            output, _ = spec.output_shape(shape), spec.parameters(shape)
        except (ShapeError, LengthError):
            continue
        # Unrolled layers take long to build.
        if all(length is None or length <= 64 for length in output) and not getattr(spec, "unroll", False):
            return spec, output
    return None


def stack(draw):
    """Layers that give rows of a known length, and the feature that the first one takes."""
    while True:
        feature, layers, shape = drawn_stack(draw)
        if None not in shape:
            return feature, [*layers, LayerSpec.choose("flatten"), LayerSpec.choose({"dense": 3})]


def drawn_stack(draw):
    if draw.random() < 0.3:
        feature = Feature(name="x", kind="ids", dtype="int32", shape=(draw.choice([5, 9]),), vocabulary_size=17)
        layers = [LayerSpec.choose({"embedding": {"output_dim": 4}})]
        shape = (*feature.shape, 4)
    else:
        shape, layers = draw.choice(STARTS), []
        feature = Feature(name="x", kind="numeric", dtype="float32", shape=shape)
    for _ in range(draw.randint(1, MOST_LAYERS)):
        if (found := drawn(draw, shape)) is None:
            break
        layers.append(found[0])
        shape = found[1]
    return feature, layers, shape


@pytest.mark.parametrize("seed", range(STACKS))
def test_a_random_stack_is_planned_as_keras_builds_it(seed):
    draw = random.Random(f"stack {seed}")
    feature, layers = stack(draw)
    plan = ModelSpec.choose({"type": "sequential", "layers": layers}).plan(feature, Head(3, "linear"))
    built = [layer.spec.build(name=layer.name, seed=seed) for layer in plan]
    model = keras.Sequential([keras.Input(feature.shape, dtype=feature.dtype), *built], name="m")
    assert [layer.output_shape for layer in plan] == [tuple(layer.output.shape[1:]) for layer in built]
    ours = [(weight.name, weight.shape, weight.trainable) for layer in plan for weight in layer.weights]
    theirs = [(weight.path.removeprefix("m/"), tuple(weight.shape), weight.trainable) for weight in model.weights]
    assert sorted(ours) == sorted(theirs)
    assert sum(layer.parameters for layer in plan) == model.count_params()
