"""What is said of prepared rows that take much room."""

import pytest

from dltrain.preprocessing.base import FeatureSpec
from dltrain.preprocessing.pipeline import Preprocessing
from dltrain.preprocessing.width import check_width
from dltrain.signature import Feature
from dltrain.spec.problems import SpecError

REVIEW = Feature(name="review", kind="text", dtype="string")
WORDS = [f"w{index}" for index in range(20_000)]


def said(rows, room, output="tf_idf"):
    statistics = {"vocabulary": WORDS, "idf": [1.0] * len(WORDS), "length": 100}
    spec = FeatureSpec.choose({"text": {"output": output}})
    lines = []
    check_width(Preprocessing((REVIEW,), {"review": spec}, {"review": statistics}), rows, room, lines.append)
    return lines


def test_much_room_is_said_with_what_takes_less():
    assert said(50_000, 10**11) == [
        "prepared rows take 4.0 GB, 50,000 of 20,000 numbers for 'review'; "
        "`dataset.features.review.vocabulary_size: 5000` takes 1.0 GB"
    ]


def test_little_room_and_sequences_are_not_worth_a_word():
    assert said(12_500, 10**11) == []
    assert said(5_000_000, 0, "sequence") == []


def test_what_does_not_fit_is_refused_before_it_is_made():
    with pytest.raises(SpecError) as raised:
        said(50_000, 2 * 10**8)
    assert str(raised.value) == (
        "dataset: prepared rows take 4.0 GB, 50,000 of 20,000 numbers for 'review', and there is room for 0.2 GB; "
        "`dataset.features.review.vocabulary_size: 1000` takes 0.2 GB"
    )
