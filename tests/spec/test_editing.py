"""Settings written into the text of a config."""

import pytest

from dltrain.spec.editing import with_settings

TWO = {"backend": "jax", "threads": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "dataset: iris # data\nmodel: mlp\n",
            "dataset: iris # data\nmodel: mlp\nruntime:\n  backend: jax\n  threads: 1\n",
            id="no section",
        ),
        pytest.param(
            "dataset: iris\nmodel: mlp  # last",
            "dataset: iris\nmodel: mlp  # last\nruntime:\n  backend: jax\n  threads: 1\n",
            id="no section and no line end",
        ),
        pytest.param(
            "a: 1\n\n# the end\n",
            "a: 1\n\n# the end\nruntime:\n  backend: jax\n  threads: 1\n",
            id="a comment at the end",
        ),
        pytest.param("a: 1\n...\n", "a: 1\nruntime:\n  backend: jax\n  threads: 1\n...\n", id="a mark of the end"),
        pytest.param(
            "---\n  a: 1\n", "---\n  a: 1\n  runtime:\n    backend: jax\n    threads: 1\n", id="all is indented"
        ),
        pytest.param("{a: 1, b: [2]}\n", "{a: 1, b: [2], runtime: {backend: jax, threads: 1}}\n", id="all in braces"),
        pytest.param(
            "{\n  a: 1,\n}\n", "{\n  a: 1, runtime: {backend: jax, threads: 1},\n}\n", id="a comma at the end"
        ),
        pytest.param(
            "runtime:\n  # why\n  threads: 2   # all\n\nexpect: {}\n",
            "runtime:\n  # why\n  threads: 1   # all\n  backend: jax\n\nexpect: {}\n",
            id="a block with comments",
        ),
        pytest.param(
            "runtime:\n    device: cpu # this\n    # and no more\nname: x\n",
            "runtime:\n    device: cpu # this\n    backend: jax\n    threads: 1\n    # and no more\nname: x\n",
            id="other settings",
        ),
        pytest.param(
            "runtime:\n  backend: 'tensorflow'\n  threads: 16",
            "runtime:\n  backend: jax\n  threads: 1",
            id="all are there",
        ),
        pytest.param("runtime: {threads: 2}  # c\n", "runtime: {threads: 1, backend: jax}  # c\n", id="braces"),
        pytest.param("runtime: {}\n", "runtime: {backend: jax, threads: 1}\n", id="empty braces"),
        pytest.param(
            "runtime:  # later\nname: x\n", "runtime: {backend: jax, threads: 1}  # later\nname: x\n", id="nothing"
        ),
        pytest.param("runtime: auto # c\n", "runtime: {backend: jax, threads: 1} # c\n", id="a word"),
        pytest.param("runtime:\n  threads:\n", "runtime:\n  threads: 1\n  backend: jax\n", id="a key without a value"),
        pytest.param(
            "a: 1\r\nruntime:\r\n  threads: 2 # c\r\nb: 2\r\n",
            "a: 1\r\nruntime:\r\n  threads: 1 # c\r\n  backend: jax\r\nb: 2\r\n",
            id="CRLF",
        ),
        pytest.param('a: ä\nb: "é"\n', 'a: ä\nb: "é"\nruntime:\n  backend: jax\n  threads: 1\n', id="not ASCII"),
    ],
)
def test_only_the_settings_change(before, after):
    assert with_settings(before, "runtime", TWO) == after


def test_nothing_and_booleans_are_written_as_yaml():
    text = with_settings("a: 1\n", "runtime", {"jit_compile": True, "threads": None, "memory": "2GB"})
    assert text == "a: 1\nruntime:\n  jit_compile: true\n  threads: null\n  memory: 2GB\n"


def test_a_list_is_refused():
    with pytest.raises(ValueError, match=r"^runtime is a list$"):
        with_settings("runtime: [1]\n", "runtime", TWO)
