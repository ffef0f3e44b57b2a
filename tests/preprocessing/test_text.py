"""Texts become ids or counts of words, by the layer that is saved."""

import math

import numpy as np
import pytest

from dltrain.errors import DataError
from dltrain.load import parse
from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing, settle
from dltrain.signature import Feature
from dltrain.spec.problems import SpecError

FEATURE = Feature(name="review", kind="text", dtype="string")
TEXTS = np.array(
    ["The film, the FILM!", "a dull film", "", "never a dull moment; a film", "...", "Größe and größe  naïve"], object
)


def settled(text="text", features=(FEATURE,), sequences=True, **others):
    return settle(features, {"review": FeatureSpec.choose(text), **others}, "constant", reads_sequences=sequences)


def adapted(chunks, **settings):
    specs = settled({"text": settings})
    return Preprocessing.adapt((FEATURE,), specs, lambda name: iter(chunks))


@pytest.mark.keras
def test_the_most_frequent_words_come_first_and_of_equals_the_last_of_the_alphabet():
    statistics = adapted([TEXTS[:2], TEXTS[2:]], output="sequence", vocabulary_size=7).statistics["review"]
    assert statistics == {"vocabulary": ["film", "a", "the", "größe", "dull"], "length": 6}


@pytest.mark.keras
def test_a_sequence_is_cut_at_its_end_and_padded_there_with_zeros():
    prepared = adapted([TEXTS], output="sequence", vocabulary_size=7, sequence_length=4)
    # film 2, a 3, the 4, größe 5, dull 6; 1 is any other word, and what a text without words is.
    assert prepared.prepare({"review": TEXTS}).tolist() == [
        [4, 2, 4, 2], [3, 6, 2, 0], [1, 0, 0, 0], [1, 3, 6, 1], [1, 0, 0, 0], [5, 1, 5, 1],
    ]  # fmt: skip
    feature = prepared.prepared
    assert (feature.kind, feature.dtype, feature.shape, feature.vocabulary_size) == ("ids", "int32", (4,), 7)
    assert prepared.prepare({"review": TEXTS}).dtype.name == "int32"


@pytest.mark.keras
@pytest.mark.parametrize(("longest", "length"), [(3, 3), (256, 256), (257, 256)])
def test_a_sequence_is_as_long_as_the_longest_training_text_but_no_longer_than_256(longest, length):
    texts = np.array(["a", "b " * longest], object)
    prepared = adapted([texts, texts[:1]], output="sequence")
    assert prepared.prepared.shape == (length,)
    assert prepared.prepare({"review": np.array(["a " * 300], object)}).tolist() == [[3] * length]


@pytest.mark.keras
def test_a_sequence_can_be_cut_at_its_beginning_and_is_padded_at_its_end_all_the_same():
    cut = adapted([TEXTS], output="sequence", vocabulary_size=7, sequence_length=4, truncate="beginning")
    assert cut.prepare({"review": TEXTS}).tolist() == [
        [4, 2, 4, 2], [3, 6, 2, 0], [1, 0, 0, 0], [6, 1, 3, 2], [1, 0, 0, 0], [5, 1, 5, 1],
    ]  # fmt: skip
    assert cut.prepare({"review": np.array(["film"], object)}).tolist() == [[2, 0, 0, 0]]


@pytest.mark.keras
@pytest.mark.parametrize(
    ("output", "wanted"),
    [
        ("count", [[1, 0, 2], [1, 1, 0], [0, 0, 0], [1, 2, 0]]),
        ("multi_hot", [[1, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 0]]),
    ],
)
def test_words_are_counted_and_unknown_ones_left_out(output, wanted):
    prepared = adapted([TEXTS], output=output, vocabulary_size=3)
    texts = np.array(["the film, the end", "a film", "", "one film, a two; a three"], object)
    assert prepared.prepare({"review": texts}).tolist() == wanted
    assert (prepared.prepared.kind, prepared.prepared.dtype, prepared.prepared.shape) == ("numeric", "float32", (3,))


@pytest.mark.keras
def test_the_weight_of_a_word_falls_with_the_number_of_texts_that_have_it():
    prepared = adapted([TEXTS[:4]], output="tf_idf", vocabulary_size=3)
    # Three of four texts have film, two have a, and one has the.
    film, a, the = (math.log(1 + 4 / (1 + texts)) for texts in (3, 2, 1))
    assert prepared.statistics["review"]["vocabulary"] == ["film", "a", "the"]
    assert prepared.statistics["review"]["idf"] == pytest.approx([film, a, the], rel=1e-6)
    found = prepared.prepare({"review": np.array(["a film, a good film: a comedy"], object)})
    np.testing.assert_allclose(found, [[2 * film, 3 * a, 0]], rtol=1e-6)


SETTINGS = [
    {"output": "tf_idf"},
    {"output": "tf_idf", "ngrams": 2, "vocabulary_size": 12},
    {"output": "count", "ngrams": 3, "standardize": "lower"},
    {"output": "multi_hot", "tokens": "characters", "standardize": "none"},
    {"output": "tf_idf", "tokens": "characters", "ngrams": 2, "standardize": "strip_punctuation"},
    {"output": "sequence", "vocabulary_size": 6, "standardize": "none", "sequence_length": 5},
]


@pytest.mark.keras
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_vocabulary_and_weights_are_those_of_keras_however_the_rows_come(settings):
    import keras

    pool = np.array(["the", "The", "a", "[UNK]", "film,", "FILM!", "", "dull", "naïve", "...", "x-y", "7"], object)
    random = np.random.default_rng(0)
    texts = np.array([" ".join(random.choice(pool, random.integers(0, 12))) for _ in range(3000)], object)
    prepared = adapted([texts[:1], texts[1:2000], texts[2000:]], **settings)
    layer = keras.layers.TextVectorization(
        max_tokens=settings.get("vocabulary_size", 10_000) + (settings["output"] != "sequence"),
        standardize={"none": None}.get(name := settings.get("standardize", "lower_and_strip_punctuation"), name),
        split="character" if settings.get("tokens") == "characters" else "whitespace",
        ngrams=settings.get("ngrams"),
        output_mode=settings["output"].replace("sequence", "int"),
        output_sequence_length=settings.get("sequence_length"),
    )
    layer.adapt(texts)
    assert prepared.statistics["review"]["vocabulary"] == layer.get_vocabulary(include_special_tokens=False)
    wanted = keras.ops.convert_to_numpy(layer(texts[:500]))
    found = prepared.prepare({"review": texts[:500]})
    if settings["output"] == "sequence":
        wanted[:, 0] = np.maximum(wanted[:, 0], 1)
    else:
        wanted = wanted[:, 1:]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.keras
def test_of_too_many_different_words_the_rarest_are_forgotten():
    import keras

    from dltrain.preprocessing.tokens import TokenCounts

    counts, layer = TokenCounts(limit=6), keras.layers.TextVectorization()
    for chunk in (["a b b c c c d d d d"], ["e f g h i", "d a"], ["c d"]):
        counts.add(layer, np.array(chunk, object))
    # After the second chunk nine words are known, of which the three most frequent stay.
    vocabulary, documents = counts.most_frequent(10)
    assert (vocabulary, documents.tolist(), counts.rows) == (["d", "c", "b"], [3, 2, 1], 4)


@pytest.mark.keras
def test_many_rows_are_prepared_in_parts_that_give_the_same(monkeypatch):
    prepared = adapted([TEXTS], output="tf_idf")
    texts = np.tile(TEXTS, 50)
    whole = prepared.prepare({"review": texts})
    monkeypatch.setattr("dltrain.preprocessing.preparer._NUMBERS_AT_ONCE", 1)
    np.testing.assert_array_equal(prepared.prepare({"review": texts}), whole)


@pytest.mark.keras
def test_texts_without_any_word_are_no_vocabulary():
    with pytest.raises(DataError) as raised:
        adapted([np.array(["", "?!", " "], object)])
    assert str(raised.value) == (
        "no training row has a word in 'review'; write tokens: characters, or leave the feature out"
    )


@pytest.mark.keras
def test_texts_are_joined_with_other_columns_as_vectors():
    features = (FEATURE, Feature(name="year", kind="numeric", dtype="float32"))
    rows = {"review": TEXTS[:2], "year": np.array([1990, 2000], "float32")}
    specs = settled({"text": {"vocabulary_size": 3, "output": "count"}}, features, sequences=False)
    prepared = Preprocessing.adapt(features, specs, lambda name: iter([rows[name]]))
    assert prepared.prepare(rows).tolist() == [[2, 2, 0, -1], [1, 0, 1, 1]]


@pytest.mark.parametrize(
    ("model", "output"),
    [
        ("lstm", "sequence"),
        ("mlp", "tf_idf"),
        ({"cnn": {"layers": [{"embedding": 8}, {"conv1d": {"filters": 4, "kernel_size": 3}}]}}, "sequence"),
        ({"mlp": {"layers": [{"embedding": 8}, "global_average_pooling1d"]}}, "sequence"),
        ({"mlp": {"layers": [{"dense": 8}]}}, "tf_idf"),
        ({"sequential": {"layers": [{"embedding": 8}, "flatten", {"dense": 1}]}}, "sequence"),
        ({"sequential": {"layers": [{"dense": 1}]}}, "tf_idf"),
    ],
)
def test_the_output_follows_from_the_model(model, output):
    values = {"name": "x", "dataset": {"csv": {"path": "x.csv", "target": "y"}}, "model": model}
    spec = parse(values).settle([FEATURE])["review"]
    assert spec.output == output


def test_what_was_derived_is_written_out_and_reads_back_as_it_is():
    values = {"name": "x", "dataset": {"csv": {"path": "x.csv", "target": "y"}}, "model": "lstm"}
    experiment = parse(values)
    specs = experiment.settle([FEATURE])
    again = parse(experiment.with_features(specs).plain())
    assert again.dataset.features == specs
    assert again.settle([FEATURE]) == specs


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_texts_need_tensorflow(backend):
    dataset = {"csv": {"path": "x.csv", "target": "y"}}
    values = {"name": "x", "dataset": dataset, "model": "lstm", "runtime": {"backend": backend}}
    with pytest.raises(SpecError) as raised:
        parse(values).settle([FEATURE])
    assert [str(problem) for problem in raised.value.problems] == [
        "runtime.backend: 'review' is a text, which Keras's TextVectorization cuts into words, and that needs "
        "TensorFlow; write tensorflow, or give ids of words in the place of texts"
    ]


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (
            {"output": "tf_idf", "sequence_length": 100},
            "dataset.features.review.sequence_length: `sequence_length` is for sequences, and tf_idf is of all words "
            "of a text; delete `sequence_length`, or write output: sequence",
        ),
        (
            {"output": "count", "truncate": "end"},
            "dataset.features.review.truncate: `truncate` is for sequences, and count is of all words of a text; "
            "delete `truncate`, or write output: sequence",
        ),
        (
            {"output": "sequence", "ngrams": 2},
            "dataset.features.review.ngrams: groups of 2 words would come after all single words of a sequence; "
            "delete `ngrams`, or write output: tf_idf",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, error):
    dataset = {"path": "x.csv", "target": "y", "features": {"review": {"type": "text"} | settings}}
    with pytest.raises(SpecError) as raised:
        parse({"name": "x", "dataset": dataset, "model": "mlp"})
    assert [str(problem) for problem in raised.value.problems] == [error]


@pytest.mark.parametrize(
    ("text", "features", "sequences", "error"),
    [
        (
            {"text": {"sequence_length": 100}}, [FEATURE], False,
            "review: `sequence_length` is for sequences, and tf_idf is of all words of a text, and the model reads "
            "vectors; delete `sequence_length`, or use lstm",
        ),
        (
            {"text": {"ngrams": 2}}, [FEATURE], True,
            "review: groups of 2 words would come after all single words of a sequence, and the model reads "
            "sequences; delete `ngrams`, or use type: mlp",
        ),
        (
            "text", [FEATURE, Feature(name="year", kind="numeric", dtype="float32")], True,
            "review: 'review' becomes a sequence of ids, which cannot be joined with the other features; "
            "write output: tf_idf and model.type: mlp, or leave the others out",
        ),
        (
            "text", [Feature(name="review", kind="text", dtype="uint8", shape=(3,))], True,
            "review: 'review' holds uint8, and a text is strings; use `numeric` or `ids`",
        ),
    ],
)  # fmt: skip
def test_what_neither_data_nor_model_can_take_is_refused(text, features, sequences, error):
    with pytest.raises(SpecError) as raised:
        settled(text, features, sequences)
    assert [str(problem) for problem in raised.value.problems] == [error]


def test_an_empty_text_is_missing_unless_the_dataset_or_the_feature_takes_it():
    rows = np.array(["a", "", " "], object)
    for policy, own, refused in [
        ("error", {}, [False, True, False]),
        ("mean", {}, None),
        ("constant", {}, None),
        ("constant", {"missing": "error"}, [False, True, False]),
        ("error", {"missing": "constant"}, None),
    ]:
        found = FeatureSpec.choose({"text": own}).with_policy(policy).refuses(rows)
        assert (found if found is None else found.tolist()) == refused
