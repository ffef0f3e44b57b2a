"""Settings of augmentations."""

import pytest
from pydantic import ValidationError

from dltrain.augmentations.base import AugmentationSpec
from dltrain.data.base import DatasetSpec


def test_all_written_forms_are_equal():
    forms = ["random_flip", {"random_flip": {}}, {"type": "random_flip"}, {"random_flip": "horizontal_and_vertical"}]
    assert len({repr(AugmentationSpec.choose(form)) for form in forms}) == 1


def test_a_number_is_the_first_argument_and_two_are_bounds():
    assert AugmentationSpec.choose({"random_rotation": 0.1}).factor == 0.1
    assert AugmentationSpec.choose({"random_zoom": [-0.3, -0.2]}).height_factor == (-0.3, -0.2)


def test_a_dataset_takes_a_list_of_them():
    dataset = DatasetSpec.choose({"name": "digits", "augment": ["random_flip", {"random_zoom": 0.2}]})
    assert [change.type for change in dataset.augment] == ["random_flip", "random_zoom"]


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ({"random_rotation": [0.2, 0.1]}, "the lower bound 0.2 is above the upper bound 0.1; write [0.1, 0.2]"),
        ({"random_rotation": [0.2, 0.1, 0.3]}, "expected one number, or two as [lower, upper]"),
        ({"random_rotation": "0.2"}, "expected one number, or two as [lower, upper]"),
        ({"random_rotation": 1.5}, "must be from -1 to 1, got 1.5"),
        ({"random_contrast": [0.1, 2]}, "must be from 0 to 1, got 2"),
        ({"random_zoom": -1}, "must be from -0.99 to 1, got -1"),
        ({"random_rotation": {}}, "Field required"),
    ],
)
def test_what_keras_would_refuse_or_take_otherwise_is_an_error(written, error):
    with pytest.raises(ValidationError) as raised:
        AugmentationSpec.choose(written)
    assert raised.value.errors()[0]["msg"] == error
