"""What fits into a page, and what is said of the rest."""

from dataclasses import replace

import numpy as np
import pytest

from vaecli.explorer.assembly import page_of
from vaecli.explorer.contents import EpochContent, RunContent
from vaecli.explorer.fitting import fitted

IMAGES, EPOCHS = 3000, 21


@pytest.fixture(scope="module")
def content():
    """Return a run of 3,000 images of 28 × 28 and 21 epochs with a decoder of 400,000 weights."""
    random = np.random.default_rng(0)
    return RunContent(
        name="fashion-1",
        facts=[],
        command="",
        description={},
        image_shape=(28, 28, 1),
        class_names=["a", "b"],
        colours=["#000000", "#ffffff"],
        labels=np.arange(IMAGES) % 2,
        index=np.arange(IMAGES),
        curve={epoch: {} for epoch in range(EPOCHS)},
        epochs=[
            EpochContent(
                epoch,
                {},
                random.normal(size=(IMAGES, 2)).astype(np.float32),
                {"kernel": random.normal(size=(800, 500)).astype(np.float32)},
            )
            for epoch in range(EPOCHS)
        ],
        axes=np.eye(2),
        centre=np.zeros(2),
        axis_names=["z₁", "z₂"],
        images=random.integers(0, 256, (IMAGES, 28, 28, 1), dtype=np.uint8),
    )


@pytest.mark.parametrize("most", [3e6, 8e6, 15e6])
def test_a_page_is_no_larger_than_asked_for_and_says_what_is_left_out(content, most):
    (fitting,), notes = fitted([content], most)
    assert len(page_of([fitting], notes)) < most + 100_000  # the program
    assert notes
    assert fitting.epochs[-1].epoch == EPOCHS - 1
    assert list(fitting.curve) == list(range(EPOCHS))


def test_what_fits_is_left_as_it_is(content):
    (fitting,), notes = fitted([content], 100e6)
    assert (notes, len(fitting.epochs), fitting.epochs[0].bits) == ([], EPOCHS, 16)


def test_coarser_weights_come_before_fewer_epochs(content):
    (fitting,), notes = fitted([replace(content, images=None)], 15e6)
    assert notes == ["The weights of fashion-1 are rounded to 8 bits."]
    assert len(fitting.shown) == EPOCHS


def test_epochs_without_weights_are_not_shown_unless_there_are_no_others(content):
    without = [replace(epoch, weights=None) for epoch in content.epochs]
    (fitting,), notes = fitted([replace(content, epochs=[*without[:-1], content.epochs[-1]])], 100e6)
    assert (fitting.shown, len(fitting.epochs)) == ([20], EPOCHS)
    assert notes == ["Of its 21 epochs, 20 can be shown and decoded."]
    (fitting,), notes = fitted([replace(content, epochs=without)], 100e6)
    assert fitting.shown == list(range(EPOCHS))
    assert notes == ["fashion-1 left no weights: nothing is decoded."]


def test_points_are_shown_where_no_decoder_fits(content):
    (fitting,), notes = fitted([replace(content, images=None)], 0.7e6)
    assert all(epoch.weights is None for epoch in fitting.epochs)
    assert notes[-1] == "No decoder of fashion-1 fits: nothing is decoded."


def test_two_runs_share_a_page_and_show_the_same_epochs(content):
    other = replace(content, name="fashion-2", images=None)
    fitting, notes = fitted([content, other], 12e6)
    shown = [run.shown for run in fitting]
    assert shown[0] == shown[1]
    assert 1 < len(shown[0]) < EPOCHS
    assert len(page_of(fitting, notes)) < 12e6 + 100_000
