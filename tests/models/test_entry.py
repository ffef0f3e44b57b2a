"""Vectors for ids among the columns of a prepared row."""

import numpy as np
import pytest

from dltrain.models.entry import after, entry
from dltrain.signature import EmbeddedColumn, Feature

E, F = (
    EmbeddedColumn(name="e", position=1, vocabulary_size=5, length=3),
    EmbeddedColumn(name="f", position=3, vocabulary_size=4000, length=2),
)
PREPARED = Feature(name="columns", kind="numeric", dtype="float32", shape=(4,), embedded=(E, F))


def embedding(prepared):
    (layer,) = entry(prepared)
    return layer.spec


def test_rows_without_ids_need_no_layer():
    plain = Feature(name="columns", kind="numeric", dtype="float32", shape=(4,))
    assert entry(plain) == []
    assert after(plain, []) == plain


def test_vectors_take_the_place_of_ids_behind_the_other_columns():
    (layer,) = entry(PREPARED)
    assert (layer.name, layer.shape, layer.output_shape) == ("embedded-columns", (4,), (2 + 3 + 2,))
    assert layer.parameters == 5 * 3 + 4000 * 2
    assert after(PREPARED, [layer]) == Feature(name="columns", kind="numeric", dtype="float32", shape=(7,))


@pytest.mark.keras
@pytest.mark.parametrize("embedded", [(E, F), (E,), (F,)])
def test_each_id_gets_its_own_vector(embedded):
    prepared = PREPARED.model_copy(update={"embedded": embedded})
    spec = embedding(prepared)
    layer = spec.build(name="embedded-columns", seed=3)
    assert layer.output_shape[1:] == spec.output_shape((4,))
    assert layer.count_params() == spec.parameters((4,))
    tables = {table.name: np.asarray(table.embeddings) for table in layer.layers if hasattr(table, "embeddings")}
    rows = np.array([[0.5, 4, -1.5, 3999], [2, 0, 3, 1]], "float32")
    found = np.asarray(layer(rows))
    plain = [position for position in range(4) if position not in {column.position for column in embedded}]
    vectors = [tables[f"column_{column.position}"][rows[:, column.position].astype(int)] for column in embedded]
    np.testing.assert_array_equal(found, np.hstack([rows[:, plain], *vectors]))


@pytest.mark.keras
def test_rows_of_ids_alone_become_vectors_alone():
    prepared = Feature(
        name="c", kind="numeric", dtype="float32", shape=(1,), embedded=(E.model_copy(update={"position": 0}),)
    )
    layer = embedding(prepared).build(name="embedded-columns", seed=3)
    (table,) = layer.get_weights()
    np.testing.assert_array_equal(np.asarray(layer(np.array([[2.0], [0.0]]))), table[[2, 0]])


@pytest.mark.keras
def test_half_precision_does_not_mix_up_large_ids():
    import keras

    keras.config.set_dtype_policy("mixed_float16")
    try:
        layer = embedding(PREPARED).build(name="embedded-columns", seed=3)
        rows = np.array([[0, 0, 0, 3998], [0, 0, 0, 3999]], "float32")
        first, second = np.asarray(layer(rows))
    finally:
        keras.config.set_dtype_policy("float32")
    assert (first != second).any()


@pytest.mark.keras
def test_the_vectors_follow_from_the_seed_and_the_name_of_the_column():
    def tables(seed, name="e"):
        column = E.model_copy(update={"name": name})
        prepared = PREPARED.model_copy(update={"embedded": (column,)})
        return embedding(prepared).build(name="embedded-columns", seed=seed).get_weights()[0].tolist()

    assert tables(1) == tables(1)
    assert tables(1) != tables(2)
    assert tables(1) != tables(1, "other")
