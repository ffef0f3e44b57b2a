"""What the coach reads from histories alone."""

import pytest

from dltrain.coach.course import Course, noise
from dltrain.coach.learning_rate_high import Unrest, unrest
from dltrain.coach.learning_rate_low import Crawl, crawl
from dltrain.coach.overfitting import Turn, turn
from dltrain.coach.still_improving import Gain, late_gain


def course(loss, val_loss=None, *, planned=None, rates=None, **others):
    """Epochs with these scores; the one with the lowest validation loss is kept."""
    scores = {"loss": loss, **({"val_loss": val_loss} if val_loss else {}), **others}
    scores["learning_rate"] = rates or [0.001] * len(loss)
    rows = [
        {"epoch": number, **dict(zip(scores, values, strict=True))}
        for number, values in enumerate(zip(*scores.values(), strict=True), 1)
    ]
    kept = val_loss.index(min(val_loss)) + 1 if val_loss else len(loss)
    monitor, mode = ("val_accuracy", "max") if "val_accuracy" in others else (("val_loss" if val_loss else None), "min")
    return Course(rows, planned or len(loss), kept, monitor, mode)


FALLING = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2]
TURNING = [1.0, 0.8, 0.7, 0.75, 0.8, 0.85, 0.9]


def test_noise_is_0_on_a_line_and_the_deviation_of_what_lies_around_it():
    assert noise([3.0, 2.0, 1.0, 0.0]) == 0
    assert noise([1.0]) == 0
    # Second differences of +1, -1, +1, ... are 4: 1.4826 * 4 / sqrt(6).
    assert noise([1, -1, 1, -1, 1, -1]) == pytest.approx(1.4826 * 4 / 6**0.5)


def test_overfitting_begins_where_the_validation_loss_turns_and_the_training_loss_does_not():
    assert turn(course(FALLING, TURNING)) == Turn(3, 0.7, 0.875, (0.6, 0.2))


@pytest.mark.parametrize(
    ("loss", "val_loss", "others"),
    [
        (FALLING, None, {}),  # no validation
        (FALLING, [1.0, 0.8, 0.7, 0.71, 0.72, 0.73, 0.74], {}),  # 5 % are little
        ([1.0, 0.8, 0.6, 0.6, 0.6, 0.6, 0.6], TURNING, {}),  # the training loss does not go on falling
        (FALLING, [1.0, 0.7, 0.9, 0.7, 0.95, 0.69, 0.9], {}),  # noise: the lowest is among the last
        (FALLING, [1.0, 0.5, 0.9, 0.6, 1.0, 0.55, 0.9], {}),  # noise: it jumps by as much everywhere
        (FALLING, TURNING, {"val_accuracy": [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9]}),  # what is watched gets better
        (FALLING[:3], TURNING[:3], {}),  # no epoch after the lowest
    ],
)
def test_overfitting_is_not_seen_where_it_is_not_certain(loss, val_loss, others):
    assert turn(course(loss, val_loss, **others)) is None


def test_a_validation_loss_that_falls_to_the_end_asks_for_more_epochs():
    falling = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    assert late_gain(course(falling, falling)) == Gain(2, 0.5, 0.3)


@pytest.mark.parametrize(
    ("val_loss", "changes"),
    [
        ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3], {"planned": 20}),  # it stopped early
        ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.41], {}),  # the last is not the best
        ([1.0, 0.6, 0.5, 0.45, 0.42, 0.41, 0.405, 0.4], {}),  # 2.5 % are little
        ([1.0, 0.9, 0.8], {}),  # three epochs show no trend
        ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3], {"rates": [1, 1, 1, 1, 1, 0.5, 0.2, 0.1]}),  # a schedule ended
        ([1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3], {"val_accuracy": [0.9] * 8}),  # what is watched does not
    ],
)
def test_more_epochs_are_not_asked_for_where_they_may_not_help(val_loss, changes):
    assert late_gain(course(val_loss, val_loss, **changes)) is None


def test_more_epochs_are_not_asked_for_without_validation():
    assert late_gain(course([1.0, 0.8, 0.6, 0.4])) is None


def test_a_training_loss_that_jumps_is_of_a_high_learning_rate():
    loss = [1.0, 0.6, 0.5, 0.4, 0.5, 0.4, 0.6, 0.4]
    assert unrest(course(loss)) == Unrest("jumps", (5, 7), (0.4, 0.6))


def test_a_training_loss_that_rises_to_the_end_is_of_a_high_learning_rate():
    assert unrest(course([1.0, 0.8, 0.9, 0.98, 1.07, 1.16, 1.25, 1.3])) == Unrest("rises", (2,), (0.8, 1.3))


@pytest.mark.parametrize(
    ("loss", "rates"),
    [
        (FALLING, None),
        ([1.0, 0.5, 0.01, 0.012, 0.01, 0.012, 0.01, 0.012], None),  # jumps of a loss that is nearly 0
        ([1.0, 0.6, 0.7, 0.5, 0.4, 0.35, 0.3, 0.29], None),  # only at the beginning
        ([1.0, 0.5, 0.3, 0.25, 0.3, 0.24, 0.23, 0.22], None),  # once
        ([1.0, 0.6, 0.5, 0.4, 0.5, 0.4, 0.6, 0.4], [1, 1, 1, 0.5, 0.4, 0.3, 0.2, 0.1]),  # a schedule lowered it
        ([0.5, 1.0, 2.0], None),  # three epochs
    ],
)
def test_a_learning_rate_is_not_called_high_where_that_is_not_certain(loss, rates):
    assert unrest(course(loss, rates=rates)) is None


def test_a_loss_that_falls_slowly_and_steadily_is_of_a_low_learning_rate():
    loss = [1.0, 0.98, 0.96, 0.94, 0.925, 0.91, 0.895]
    assert crawl(course(loss, loss)) == Crawl((1.0, 0.895), pytest.approx(0.03 / 0.04))
    assert crawl(course(loss)) is not None


@pytest.mark.parametrize(
    ("loss", "val_loss"),
    [
        (FALLING, FALLING),  # by more than half
        ([1.0, 0.8, 0.7, 0.65, 0.63, 0.62, 0.615], None),  # it has slowed down
        ([1.0, 0.98, 0.99, 0.97, 0.98, 0.96, 0.95], None),  # not steadily
        ([1.0, 0.98, 0.96, 0.94, 0.92, 0.90, 0.88], [1.0, 0.98, 0.96, 0.94, 0.95, 0.96, 0.97]),  # it overfits
        ([1.0, 1.0, 1.0, 1.0, 1.0], None),  # it does not move at all
    ],
)
def test_a_learning_rate_is_not_called_low_where_that_is_not_certain(loss, val_loss):
    assert crawl(course(loss, val_loss)) is None


def test_scores_that_are_not_numbers_in_every_epoch_are_not_looked_at():
    assert course([1.0, float("nan"), 0.5]).of("loss") == []
    assert course([1.0, 0.5]).of("val_loss") == []
