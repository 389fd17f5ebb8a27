"""Many images on one sheet."""

import numpy as np
import pytest

from vaecli.errors import UsageError
from vaecli.figures.sheet import dataset_sheet, decoded_sheet


def test_a_dataset_is_drawn_in_rows_by_class(dataset):
    few, many = dataset_sheet(dataset, columns=2), dataset_sheet(dataset, columns=9)
    assert few.facts == {
        "name": "noise",
        "split": "train",
        "columns": 2,
        "class_names": ["0", "1", "2"],
        "frames": 1,
    }
    assert few.default_name == "noise.png"
    assert few.frames[0].shape[1] < many.frames[0].shape[1]


def test_the_held_out_images_are_drawn_if_asked_for(dataset):
    held_out = dataset_sheet(dataset, split="test")
    assert (held_out.default_name, held_out.facts["split"]) == ("noise-test.png", "test")
    assert held_out.frames[0].shape[1] < dataset_sheet(dataset).frames[0].shape[1]  # it has fewer images
    with pytest.raises(UsageError, match="split is 'heldout'.\nExpected one of: train, test"):
        dataset_sheet(dataset, split="heldout")


def test_decoded_images_share_a_sheet_and_a_single_one_is_large(fabricate, dataset):
    run, images = fabricate(1), dataset.heldout.images
    sheet, single = decoded_sheet(run, images[:5]), decoded_sheet(run, images[:1])
    assert sheet.facts == {"run": "toy-1", "images": 5, "shape": [12, 10, 1], "frames": 1}
    factor = 75  # of 12 × 10 pixels
    drawn = single.frames[0][40 : 40 + 12 * factor : factor, 40 : 40 + 10 * factor : factor]
    assert (drawn == images[0]).all()
    assert np.prod(sheet.frames[0].shape) > 5 * images[0].size
