"""Encoding and decoding from Python: arrays in, arrays out."""

import sys

import numpy as np
import pytest
from PIL import Image

from vaecli import inference
from vaecli.errors import DamagedArtifact, DataError, RunNotFound
from vaecli.images import to_uint8
from vaecli.inference import (
    decode,
    decode_batches,
    decode_epochs,
    encode,
    encode_folder,
    open_network,
    read_own_images,
)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_the_encodings_of_the_heldout_images_are_those_that_an_epoch_kept(fabricate):
    run = fabricate(2)
    encodings = encode(run, epoch=1)
    np.testing.assert_array_equal(encodings.mean, run.snapshot(1).mean)
    assert (encodings.image[3], encodings.label[3]) == ("#3", "class 0")
    np.testing.assert_array_equal(encode(run).mean, run.snapshot(2).mean)


def test_arrays_files_and_splits_are_encoded_alike(trained, dataset, tmp_path):
    wanted = trained.snapshot(4).mean
    images = dataset.heldout.images
    close(encode(trained, images).mean, wanted)
    close(encode(trained, images[..., 0]).mean, wanted)
    close(encode(trained, images[5]).mean, wanted[5:6])
    split = encode(trained, dataset.heldout)
    close(split.mean, wanted)
    assert (split.image[4], split.label[4]) == ("#4", str(dataset.heldout.labels[4]))
    path = tmp_path / "an image.png"
    Image.fromarray(images[7, :, :, 0]).save(path)
    for given in (path, str(path), [path]):
        encodings = encode(trained, given)
        close(encodings.mean, wanted[7:8])
        assert encodings.image == [str(path)]


def test_latents_of_any_shape_are_decoded_into_images_of_that_shape(trained):
    snapshot = trained.snapshot(4)
    images = decode(trained, snapshot.grid_latents)
    assert images.shape == snapshot.grid.shape
    assert np.abs(images.astype(int) - snapshot.grid).max() <= 1
    assert decode(trained, [0.5, -1.0]).shape == trained.dataset.shape


def test_samples_follow_from_their_seed(trained):
    first, again, other = (decode(trained, [[0.0, 0.0]], sample=True, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_open_network_reconstructs_what_it_encodes_and_decodes(trained, dataset):
    network = open_network(trained, epoch=2)
    images = dataset.heldout.images
    mean, log_var = network.encode(images)
    close(mean, trained.snapshot(2).mean)
    close(log_var, trained.snapshot(2).log_var)
    np.testing.assert_array_equal(network.reconstruct(images), network.decode(mean))
    followed = trained.snapshot(2)
    found = to_uint8(network.reconstruct(followed.originals)).astype(int)
    assert np.abs(found - followed.reconstructions).max() <= 1


def test_many_images_are_left_to_tensorflow_which_gives_the_same_of_each_epoch(lean, monkeypatch):
    latents, said = [[[0.5, -1.0], [2.0, 1.0]], [[0.0, 0.0]], [[1.0, 1.0]]], []
    wanted = decode_epochs(lean, latents, [0, 2, 4], say=said.append)
    assert said == []
    monkeypatch.setattr(inference, "WORK", 0)
    found = decode_epochs(lean, latents, [0, 2, 4], say=said.append)
    assert said == ["Loading TensorFlow to decode …"] or "tensorflow" in sys.modules
    assert [images.shape for images in found] == [(2, 12, 10, 1), (1, 12, 10, 1), (1, 12, 10, 1)]
    for ours, theirs in zip(wanted, found, strict=True):
        assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert not np.array_equal(found[1], found[2])


def test_what_is_converted_is_said(trained, tmp_path):
    Image.fromarray(np.full((50, 40, 3), 99, np.uint8)).save(tmp_path / "b.png")
    said = []
    pixels, names = read_own_images(trained, [tmp_path / "b.png"], said.append)
    assert pixels.shape == (1, 12, 10, 1)
    assert names == [str(tmp_path / "b.png")]
    assert said == [f"{tmp_path / 'b.png'}: 50 × 40 → 12 × 10, colour → grey"]


@pytest.mark.parametrize("images", [np.zeros((2, 12, 11, 1), np.uint8), np.zeros((2, 12, 10, 1), np.float32)])
def test_arrays_that_do_not_fit_are_refused(fabricate, images):
    with pytest.raises(DataError, match=r"do not fit run toy-1.\nExpected: uint8 of shape \(n, 12, 10, 1\)"):
        encode(fabricate(1), images)


@pytest.mark.parametrize("latents", [[[1.0, 2.0, 3.0]], [[np.nan, 0.0]], 0.5])
def test_latents_that_are_not_the_runs_are_refused(fabricate, latents):
    with pytest.raises(DataError, match=r"are not those of run toy-1.\nExpected: finite .* \(n, 2\)"):
        decode(fabricate(1), latents)


def test_a_split_of_another_shape_is_refused(fabricate, dataset):
    run = fabricate(1, shape=(8, 8, 1))
    with pytest.raises(DataError, match=r"The split's images have shape \(12, 10, 1\)"):
        encode(run, dataset.train)


def test_every_epoch_decodes_and_encodes_after_its_checkpoint_is_gone(whole_run, lean, dataset):
    assert lean.checkpoints() == (4,)
    for epoch in lean.epochs():
        snapshot = lean.snapshot(epoch)
        rounded, exact = (decode(run, snapshot.grid_latents, epoch=epoch) for run in (lean, whole_run))
        assert np.abs(rounded.astype(int) - exact).max() <= 1
        assert (
            np.abs(rounded.astype(int) - snapshot.grid).max() <= 2
        )  # the stored one has rounding of its own
        mean = encode(lean, dataset.heldout.images, epoch=epoch).mean
        np.testing.assert_allclose(mean, snapshot.mean, atol=0.01)


def test_exact_weights_are_preferred_to_rounded_ones(whole_run, lean):
    latents = whole_run.snapshot(4).grid_latents
    exact, also_exact = (open_network(run, 4).decode(latents[0]) for run in (whole_run, lean))
    rounded = open_network(lean, 3).decode(latents[0])
    np.testing.assert_array_equal(also_exact, exact)
    assert not np.array_equal(rounded, open_network(whole_run, 3).decode(latents[0]))


def test_an_epoch_that_keeps_no_weights_is_named_and_so_are_the_nearest_that_do(fabricate):
    with pytest.raises(RunNotFound) as caught:
        open_network(fabricate(5, weights_of=(0, 1, 4, 5)), 2)
    assert str(caught.value).splitlines() == [
        "Run toy-1 keeps no weights of epoch 2.",
        "The nearest epochs with weights: 1 and 4.",
    ]


def test_weights_of_another_network_are_refused_by_the_name_of_a_tensor(fabricate):
    run, said = fabricate(2), []
    for count in (1, 10**9):
        with pytest.raises(
            DamagedArtifact, match=r"The weights do not fit their run: tensor '.*' is missing"
        ):
            open_network(run, 1, count=count, say=said.append)
    assert said == []  # TensorFlow is not loaded for that


def test_a_folder_is_encoded_with_the_names_and_classes_of_its_images(trained, dataset, tmp_path):
    said = []
    for number in range(12):
        place = tmp_path / "set" / ("cat", "dog")[number % 2] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(dataset.heldout.images[number, :, :, 0]).save(place)
    (tmp_path / "set" / "dog" / "bad.png").write_bytes(b"no image")
    found = encode_folder(trained, tmp_path / "set", say=said.append)
    assert found.image[:3] == ["cat/0.png", "cat/2.png", "cat/4.png"]
    assert found.label == ["cat"] * 6 + ["dog"] * 6
    rows = [*range(0, 12, 2), *range(1, 12, 2)]
    np.testing.assert_allclose(found.mean, trained.snapshot(4).mean[rows], rtol=1e-4, atol=1e-5)
    assert any("1 skipped" in line for line in said)


@pytest.mark.parametrize("sample", [False, True])
def test_many_latents_are_decoded_in_batches(trained, sample):
    points = np.random.default_rng(0).normal(size=(2100, 2)).astype(np.float32)
    batches = list(decode_batches(trained, points, sample=sample))
    assert [len(batch) for batch in batches] == [2048, 52]
    whole = decode(trained, points, sample=sample)
    np.testing.assert_array_equal(np.concatenate(batches), whole)
    if sample:
        assert (batches[1] != decode(trained, points[2048:], sample=True)).any()  # other noise
