import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vaecli.data import Dataset, load_dataset
from vaecli.data.named.finding import load_found
from vaecli.errors import DataError, DownloadFailed, UsageError


def test_a_set_of_files_becomes_a_dataset(tmp_path, tiny, lay_out):
    dataset = load_found(tiny, data_dir=lay_out(tmp_path, zipped=True))
    assert isinstance(dataset, Dataset)
    assert dataset.name == "tiny"
    assert dataset.shape == (5, 4, 1)
    assert (len(dataset.train), len(dataset.heldout)) == (12, 6)
    assert dataset.class_names == ("a", "b", "c")
    assert list(dataset.heldout.labels) == [0, 1, 2, 0, 1, 2]
    assert dataset.source == f"the data folder ({tmp_path})"


def test_the_fingerprint_does_not_depend_on_the_place(tmp_path, tiny, lay_out, server, contents):
    server.serve(contents)
    here = load_found(tiny, data_dir=lay_out(tmp_path))
    there = load_found(dataclasses.replace(tiny, mirrors=(server.url,)))
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
        load_found(changed, data_dir=lay_out(tmp_path))


def test_labels_without_a_class_are_an_error(tmp_path, tiny, lay_out, contents):
    changed = with_labels(tiny, contents, [0, 1, 2, 3] * 3)
    with pytest.raises(DataError, match="tiny: a label is 3") as caught:
        load_found(changed, data_dir=lay_out(tmp_path))
    assert "less than 3, the number of classes" in caught.value.expected


def test_shapes_need_no_file():
    dataset = load_dataset("shapes", size="16x12", channels=3, offline=True)
    assert dataset.shape == (16, 12, 3)
    assert dataset.source == "generated"


def test_each_split_has_its_limit():
    dataset = load_dataset("shapes", size="8", limit=60, heldout_limit=30)
    assert np.bincount(dataset.train.labels).tolist() == [10] * 6
    assert np.bincount(dataset.heldout.labels).tolist() == [5] * 6
    assert len(load_dataset("shapes", size="8", limit=60).heldout) == 2000


def test_classes_apply_to_shapes_too():
    dataset = load_dataset("shapes", size="16x12", classes="cross,star")
    assert dataset.class_names == ("cross", "star")
    assert set(dataset.train.factors) == {"size", "angle", "x", "y", "colour"}
    assert len(dataset.train.factors["size"]) == len(dataset.train)


@pytest.fixture
def photos(tmp_path):
    """Return a folder of ten grey images, called like a set."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    for number in range(10):
        Image.fromarray(np.full((6, 5), 20 * number, np.uint8)).save(folder / f"{number}.png")
    return folder


def test_a_path_is_found_again_by_its_absolute_path(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    dataset = load_dataset("./mnist")
    assert dataset.word == str(photos)
    again = load_dataset(dataset.word)
    assert again.fingerprint == dataset.fingerprint
    assert load_dataset(photos).fingerprint == dataset.fingerprint


def test_a_name_means_the_named_set_where_a_folder_has_it_too(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    with pytest.raises(DownloadFailed, match="mnist was not found"):
        load_dataset("mnist", offline=True)
    assert load_dataset(Path("mnist")).word == str(photos)


def test_a_limit_applies_to_folders_and_leaves_the_fingerprint(photos):
    dataset = load_dataset(photos, limit=3)
    assert (len(dataset.train), len(dataset.heldout)) == (3, 1)
    assert dataset.fingerprint == load_dataset(photos).fingerprint


@pytest.mark.parametrize("name", ["./mnits", "/nowhere/at all", "photos.zip", Path("photos")])
def test_a_path_where_nothing_is_is_an_error(name):
    with pytest.raises(DataError, match="no such file or folder") as caught:
        load_dataset(name)
    assert "Looked for: /" in caught.value.expected


def test_a_path_that_no_file_system_takes_is_an_error():
    with pytest.raises(DataError, match="^./x+: File name too long"):
        load_dataset("./" + "x" * 5000)
    with pytest.raises(DataError, match="No dataset is called 'x+'"):
        load_dataset("x" * 5000)
    with pytest.raises(DataError, match="^~nobody-of-this-name/x: no such file or folder"):
        load_dataset("~nobody-of-this-name/x")


def test_an_unknown_name_is_an_error():
    with pytest.raises(DataError, match="No dataset is called 'mnits'") as caught:
        load_dataset("mnits")
    assert caught.value.mend == "Did you mean 'mnist'?"


def test_offline_and_nowhere_is_an_error():
    with pytest.raises(DownloadFailed, match="Dataset mnist was not found"):
        load_dataset("mnist", offline=True)


@pytest.mark.parametrize("word", ["\0", "a\0b", "./a\0b.png"])
def test_a_word_with_a_nul_is_no_dataset_and_no_path(word):
    with pytest.raises(DataError):
        load_dataset(word, offline=True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"background": "blurple"}, "background is 'blurple'"),
        ({"fit": "squeeze"}, "fit is 'squeeze'"),
        ({"sise": "64"}, "Unknown setting 'sise'.\nDid you mean 'size'?"),
        ({"epochs": 3}, "Unknown setting 'epochs'."),
    ],
)
def test_a_setting_that_makes_no_sense_is_an_error(settings, message):
    with pytest.raises(UsageError) as caught:
        load_dataset("shapes", **settings)
    assert message in str(caught.value)
