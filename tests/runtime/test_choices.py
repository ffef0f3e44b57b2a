"""What is chosen where nothing is written, and why."""

from types import SimpleNamespace

import pytest

from dltrain.runtime.choices import in_words, xla
from dltrain.runtime.settings import RuntimeSpec


@pytest.mark.parametrize(
    ("settings", "device", "expected"),
    [
        ({"backend": "jax"}, None, (True, "JAX compiles every step")),
        ({"backend": "torch"}, "gpu", (False, "torch.compile only where it is asked for")),
        ({}, "cpu", (False, "it slows convolutions on a processor")),
        ({}, "gpu", (True, "on a GPU")),
        ({"deterministic": True}, "gpu", (False, "TensorFlow takes none where it is deterministic")),
        ({}, None, (None, "on a GPU; on a processor it slows convolutions")),
    ],
)
def test_xla_is_taken_where_it_helps(settings, device, expected):
    assert xla(RuntimeSpec(**settings), device) == expected


def started(device, threads, shared, *, onednn=True):
    return SimpleNamespace(device=device, threads=threads, intra_op_threads=shared, onednn=onednn)


def test_a_run_says_what_it_computes_with_and_why():
    said = in_words(RuntimeSpec(), started("cpu", 2, 2), steps=16, compiled=False)
    chosen = "16 steps a call (for this model), no XLA (it slows convolutions on a processor)"
    assert said == f"tensorflow, 2 threads (all), float32, {chosen}"


@pytest.mark.parametrize(("written", "why"), [(None, " (for this model)"), (1, "")])
def test_a_run_says_how_many_threads_share_an_operation(written, why):
    said = in_words(RuntimeSpec(intra_op_threads=written), started("cpu", 8, 1), steps=1, compiled=False)
    assert said.startswith(f"tensorflow, 8 threads (all), 1 an operation{why}, float32, ")


@pytest.mark.parametrize(("written", "why"), [(None, " (for this model)"), (False, "")])
def test_a_run_says_where_it_leaves_onednn_out(written, why):
    said = in_words(RuntimeSpec(onednn=written), started("cpu", 2, 2, onednn=False), steps=1, compiled=False)
    assert said.startswith(f"tensorflow, 2 threads (all), float32, no oneDNN{why}, 1 step a call")
    assert "oneDNN" not in in_words(RuntimeSpec(), started("gpu", 2, 2, onednn=False), steps=1, compiled=True)
    elsewhere = in_words(RuntimeSpec(backend="jax"), started("cpu", 2, 2, onednn=False), steps=1, compiled=True)
    assert "oneDNN" not in elsewhere


def test_what_was_asked_for_needs_no_reason():
    written = RuntimeSpec(threads=1, steps_per_execution=1, jit_compile=True, precision="mixed_float16")
    said = in_words(written, started("cpu", 1, 1), steps=1, compiled=True)
    assert said == "tensorflow, 1 thread, mixed_float16, 1 step a call, XLA"


def test_where_keras_leaves_xla_off_no_other_reason_is_given():
    said = in_words(RuntimeSpec(), started("gpu", 1, 1), steps=1, compiled=False)
    assert said.endswith(", no XLA")
