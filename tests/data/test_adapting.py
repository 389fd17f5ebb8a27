import numpy as np
import pytest
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data import Dataset
from vaecli.data.adapting import adapted
from vaecli.errors import DataError, UsageError


def made(channels=1):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (30, 8, 6, channels), dtype=np.uint8)
    labels = np.arange(30) % 3
    return Dataset.from_arrays(
        "toy",
        pixels[:24],
        labels[:24],
        heldout_images=pixels[24:],
        heldout_labels=labels[24:],
        class_names=("ant", "bee", "cow"),
    )


@pytest.mark.parametrize(
    "config", [TrainConfig(), TrainConfig(size="8x6"), TrainConfig(channels=1), TrainConfig(classes="a,b,c")]
)
def test_what_it_is_already_is_left_as_it_is(config):
    dataset = made()
    if config.classes:
        config = TrainConfig(classes="ant,bee,cow")
    assert adapted(dataset, config) is dataset


def test_classes_are_kept_in_order_and_numbered_anew():
    dataset = made()
    two = adapted(dataset, TrainConfig(classes="cow,ant"))
    assert two.class_names == ("ant", "cow")
    assert two.train.labels.tolist() == [0, 1] * 8
    assert two.train.index.tolist()[:4] == [0, 2, 3, 5]
    np.testing.assert_array_equal(two.train.images[1], dataset.train.images[2])
    assert two.fingerprint != dataset.fingerprint
    assert two.notes == ("2 of 3 classes are kept.",)


def test_size_and_channels_are_changed():
    dataset = made()
    large = adapted(dataset, TrainConfig(size="16x12", channels=3, fit="stretch"))
    assert large.shape == (16, 12, 3)
    assert large.notes == ("Converted from 8 × 6 × 1 to 16 × 12 × 3.",)
    truth = Image.fromarray(dataset.train.images[0, ..., 0]).resize((12, 16), Image.Resampling.LANCZOS)
    for channel in range(3):
        np.testing.assert_array_equal(large.train.images[0, ..., channel], truth)


def test_colour_becomes_grey_by_its_luma():
    dataset = made(3)
    grey = adapted(dataset, TrainConfig(channels=1))
    luma = dataset.heldout.images @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(grey.heldout.images[..., 0], luma, atol=0.6)


def test_a_set_with_a_split_takes_no_other():
    with pytest.raises(UsageError, match="toy has a split of its own: 6 held-out images"):
        adapted(made(), TrainConfig(test_fraction=0.5))


def test_an_unknown_class_is_an_error():
    with pytest.raises(DataError, match="Did you mean 'cow'"):
        adapted(made(), TrainConfig(classes="coww"))
