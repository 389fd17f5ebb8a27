import dataclasses
import hashlib

import numpy as np
import pytest

from vaecli.data import Dataset, load_dataset
from vaecli.data.loading import load_named
from vaecli.errors import DataError, DownloadFailed, UsageError


def test_a_set_of_files_becomes_a_dataset(tmp_path, tiny, lay_out):
    dataset = load_named(tiny, data_dir=lay_out(tmp_path, zipped=True))
    assert isinstance(dataset, Dataset)
    assert dataset.name == "tiny"
    assert dataset.shape == (5, 4, 1)
    assert (len(dataset.train), len(dataset.heldout)) == (12, 6)
    assert dataset.class_names == ("a", "b", "c")
    assert list(dataset.heldout.labels) == [0, 1, 2, 0, 1, 2]
    assert dataset.source == f"the data folder ({tmp_path})"


def test_the_fingerprint_does_not_depend_on_the_place(tmp_path, tiny, lay_out, server, contents):
    server.serve(contents)
    here = load_named(tiny, data_dir=lay_out(tmp_path))
    there = load_named(dataclasses.replace(tiny, mirrors=(server.url,)))
    assert here.fingerprint == there.fingerprint
    assert here.source != there.source


def with_labels(tiny, contents, labels):
    """Return the tiny set as if its training labels had always been these."""
    content = bytes([0, 0, 8, 1, 0, 0, 0, len(labels)]) + bytes(labels)
    name = tiny.files[1].name
    file = dataclasses.replace(tiny.files[1], dims=(len(labels),), sha256=hashlib.sha256(content).hexdigest())
    contents[name] = content
    return dataclasses.replace(tiny, files=(tiny.files[0], file, *tiny.files[2:]))


def test_images_and_labels_are_counted_against_each_other(tmp_path, tiny, lay_out, contents):
    changed = with_labels(tiny, contents, [0] * 11)
    with pytest.raises(DataError, match=r"tiny: training labels are uint8 of shape \(11,\)"):
        load_named(changed, data_dir=lay_out(tmp_path))


def test_labels_without_a_class_are_an_error(tmp_path, tiny, lay_out, contents):
    changed = with_labels(tiny, contents, [0, 1, 2, 3] * 3)
    with pytest.raises(DataError, match="tiny: a label is 3") as caught:
        load_named(changed, data_dir=lay_out(tmp_path))
    assert "less than 3, the number of classes" in caught.value.expected


def test_shapes_need_no_file():
    dataset = load_dataset("shapes", size="16x12", channels=3, offline=True)
    assert dataset.shape == (16, 12, 3)
    assert dataset.source == "made on the spot"


def test_a_limit_applies_to_both_splits():
    dataset = load_dataset("shapes", size="8", limit=60)
    assert np.bincount(dataset.train.labels).tolist() == [10] * 6
    assert len(dataset.heldout) == 60


@pytest.mark.parametrize("name", ["fashion", "fashion_mnist", "mnist"])
@pytest.mark.parametrize("words", [{"size": "28"}, {"channels": 1}])
def test_size_and_channels_are_for_shapes_only(name, words):
    with pytest.raises(UsageError, match="have their own size and channels") as caught:
        load_dataset(name, **words)
    assert "shapes only" in caught.value.expected


def test_an_unknown_name_is_an_error():
    with pytest.raises(DataError, match="No dataset is called 'mnits'") as caught:
        load_dataset("mnits")
    assert caught.value.mend == "Did you mean 'mnist'?"


def test_offline_and_nowhere_is_an_error():
    with pytest.raises(DownloadFailed, match="Dataset mnist could be found nowhere"):
        load_dataset("mnist", offline=True)
