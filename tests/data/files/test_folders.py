"""Folders and zips of real image files, good ones and bad ones."""

import io
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data.decoded import entry_of
from vaecli.data.files import folders
from vaecli.data.files.folders import load_folder
from vaecli.data.splitting import hold_out
from vaecli.data.streamed import Streamed
from vaecli.data.summary import facts_of
from vaecli.errors import DataError, UsageError

RANDOM = np.random.default_rng(0)


def png(size=(12, 10), channels=3, seed=None):
    random = RANDOM if seed is None else np.random.default_rng(seed)
    pixels = random.integers(0, 256, (*size, channels), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(buffer, "PNG")
    return buffer.getvalue()


def pixels_of(content):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def in_rgb(content):
    buffer = io.BytesIO()
    Image.fromarray(pixels_of(content)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def pets():
    """Return name → bytes of 20 cats and 10 dogs."""
    return {
        f"{kind}/{number}.png": png() for kind, count in (("cat", 20), ("dog", 10)) for number in range(count)
    }


@pytest.fixture
def lay_out(tmp_path):
    """Return a function that writes files into a folder, or into a zip."""

    def write(contents, name="My Pets"):
        path = tmp_path / name
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for member, content in contents.items():
                    archive.writestr(member, content)
            return path
        for member, content in contents.items():
            (path / member).parent.mkdir(parents=True, exist_ok=True)
            (path / member).write_bytes(content)
        path.mkdir(exist_ok=True)
        return path

    return write


def load(path, in_memory=1 << 30, *, stream=False, **settings):
    return load_folder(path, TrainConfig(**settings), stream=stream, in_memory=in_memory)


def test_a_folder_per_class_becomes_a_dataset(lay_out, pets):
    path = lay_out(pets)
    dataset = load(path)
    assert dataset.name == "my-pets"
    assert dataset.shape == (12, 10, 3)
    assert dataset.class_names == ("cat", "dog")
    assert np.bincount(dataset.train.labels).tolist() == [18, 9]
    assert np.bincount(dataset.heldout.labels).tolist() == [2, 1]
    assert (dataset.word, dataset.source) == (str(path), f"the folder {path}")
    assert dataset.notes == ()


def test_every_image_keeps_its_pixels_and_its_label(lay_out, pets):
    dataset = load(lay_out(pets))
    truth = {pixels_of(content).tobytes(): name[:3] for name, content in pets.items()}
    for split in (dataset.train, dataset.heldout):
        for image, label in zip(split.images, split.labels, strict=True):
            assert truth.pop(image.tobytes()) == dataset.class_names[label]
    assert truth == {}


@pytest.mark.parametrize("in_memory", [0, 1 << 30], ids=["disk", "memory"])
def test_a_folder_and_a_zip_of_it_are_the_same_set(lay_out, pets, in_memory):
    wrapped = {f"pets/{name}": content for name, content in pets.items()}
    found = [
        load(lay_out(contents, name), in_memory)
        for contents, name in ((pets, "a"), (pets, "b.zip"), (wrapped, "c.zip"))
    ]
    assert len({dataset.fingerprint for dataset in found}) == 1
    np.testing.assert_array_equal(found[0].train.images, found[2].train.images)


def test_train_and_test_folders_are_the_splits(lay_out, pets):
    named = {("train/" if number % 3 else "test/") + name: pets[name] for number, name in enumerate(pets)}
    dataset = load(lay_out(named))
    assert (len(dataset.train), len(dataset.heldout)) == (20, 10)
    assert {image.tobytes() for image in dataset.heldout.images} == {
        pixels_of(content).tobytes() for number, content in enumerate(pets.values()) if number % 3 == 0
    }
    with pytest.raises(UsageError, match="has a split of its own: 10 held-out images"):
        load(lay_out(named), test_fraction=0.5)


def test_the_folders_of_the_splits_can_be_named_and_are_kept_apart_in_the_cache(lay_out, pets):
    path = lay_out(pets)
    split = load(path, 0, train="cat", test="dog")
    assert (len(split.train), len(split.heldout), split.class_names) == (20, 10, ("unlabelled",))
    assert (len(load(path, 0, train="dog", test="cat").train), len(load(path, 0).train)) == (10, 27)


def tiff(values):
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "TIFF")
    return buffer.getvalue()


@pytest.mark.parametrize("stream", [False, True])
def test_images_of_wide_numbers_have_the_scale_of_the_whole_set(lay_out, stream):
    values = RANDOM.integers(-1000, 2000, (8, 4, 4), np.int32)
    values[0, 0, 0], values[7, 0, 0] = -1000, 2000
    path = lay_out({f"{number}.tif": tiff(each) for number, each in enumerate(values)})
    for _ in range(2):  # decoded, and from what was kept
        dataset = load(path, 0, stream=stream)
        found = {image.tobytes() for split in (dataset.train, dataset.heldout) for image in split.images[:]}
        assert found == {
            np.floor((each + 1000) / 3000 * 255 + 0.5).astype(np.uint8).tobytes() for each in values
        }
        assert "read as -1000…2000" in dataset.notes[0]


def test_each_split_of_image_files_is_judged_by_itself(lay_out):
    values = RANDOM.integers(0, 4096, (6, 4, 4), np.uint16)
    values[:, 0, 0] = 4095
    names = {f"train/{number}.tif": tiff(each * 16) for number, each in enumerate(values)}
    dataset = load(
        lay_out({**names, **{f"test/{number}.tif": tiff(each) for number, each in enumerate(values)}})
    )
    assert dataset.train.images.max() == dataset.heldout.images.max() == 255
    assert dataset.notes[0].startswith("The splits differ: training images are uint16 from ")


def test_the_range_that_is_asked_for_holds_for_files(lay_out):
    dark = {f"{number}.png": png(channels=1) for number in range(4)}
    dataset = load(lay_out(dark), range="0,10")
    assert set(np.unique(dataset.train.images)) <= {0, 26, 51, 77, 102, 128, 153, 179, 204, 230, 255}
    assert dataset.notes == ("Read as 0,10, as asked.",)


def test_bands_of_image_files_can_be_chosen(lay_out):
    files = {f"{number}.png": png(channels=4) for number in range(6)}
    truth = {
        np.asarray(Image.open(io.BytesIO(content)))[..., [3, 0, 1]].tobytes() for content in files.values()
    }
    path = lay_out(files)
    dataset = load(path, bands="4,1,2")
    assert {image.tobytes() for split in (dataset.train, dataset.heldout) for image in split.images} == truth
    assert load(path, bands="4").shape == (12, 10, 1)
    with pytest.raises(DataError, match="it has 4 bands, not 5"):
        load(path, bands="5")


@pytest.mark.parametrize("in_memory", [0, 1 << 30], ids=["disk", "memory"])
def test_images_of_a_patient_are_never_on_both_sides(lay_out, in_memory):
    names = [
        f"{kind}/p{patient:02}_{number}.png" for kind in "ab" for patient in range(10) for number in range(4)
    ]
    path = lay_out({name: png() for name in names})
    dataset = load(path, in_memory, group="(p[0-9]+)_", test_fraction=0.2)
    sides = [{name.split("/")[1][:3] for name in split.files} for split in (dataset.train, dataset.heldout)]
    assert (len(sides[0]), len(sides[1]), sides[0] & sides[1]) == (8, 2, set())
    assert dataset.notes == ("10 groups of 80 images are kept together.",)


def stack(count, kind="TIFF"):
    frames = [Image.fromarray(RANDOM.integers(0, 256, (6, 5), np.uint8)) for _ in range(count)]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], lossless=True)
    return buffer.getvalue(), [np.asarray(frame)[..., np.newaxis] for frame in frames]


@pytest.mark.parametrize("stream", [False, True])
def test_all_frames_of_a_stack_can_be_read_and_stay_on_one_side(lay_out, stream):
    stacks = {f"{name}.tif": stack(5) for name in "abcd"}
    path = lay_out({name: content for name, (content, _) in stacks.items()})
    for _ in range(2):  # decoded, and from what was kept
        dataset = load(path, 0, stream=stream, frames="all")
        found = {image.tobytes() for split in (dataset.train, dataset.heldout) for image in split.images[:]}
        assert found == {frame.tobytes() for _, frames in stacks.values() for frame in frames}
        assert len({name[:5] for name in dataset.heldout.files}) * 5 == len(dataset.heldout)
        assert dataset.notes == ("4 files have several frames, 20 in total: all are read.",)


def test_the_first_of_several_frames_is_read_and_said_or_the_one_that_is_asked_for(lay_out):
    (content, frames), single = stack(3), stack(1)
    path = lay_out({"a.tif": content, "b.tif": single[0]})
    for asked, read, said in (
        (None, 0, "the first of each is read; --frames all reads all, --frames N the Nth"),
        ("2", 1, "frame 2 of each is read"),
    ):
        dataset = load(path, frames=asked)
        found = {image.tobytes() for split in (dataset.train, dataset.heldout) for image in split.images}
        assert found == {frames[read].tobytes(), single[1][0].tobytes()}
        assert dataset.notes == (f"1 file has several frames, 3 in total: {said}.",)


def test_a_frame_that_a_file_does_not_have_is_said(lay_out):
    path = lay_out({"a.tif": stack(3)[0], "b.tif": stack(2)[0], "c.tif": stack(4)[0]})
    assert (
        "b.tif, frame 3: the image cannot be read: it has 2 frames, not 3" in load(path, frames="3").notes[-1]
    )


@pytest.mark.parametrize("stream", [False, True])
def test_a_held_out_image_that_cannot_be_decoded_gives_its_place_to_another(lay_out, stream):
    good = {f"{number}.png": png() for number in range(9)}
    whole = load(lay_out(good, "good"), 0, stream=stream, test_fraction=0.1)
    (only,) = whole.heldout.files
    bad = {**good, only: good[only][:-60] + bytes(40)}  # its header is whole; its rank may be another
    for number in range(40):
        path = lay_out({**bad, only: good[only][:60] + bytes([number]) * 40}, f"bad {number}")
        dataset = load(path, 0, stream=stream, test_fraction=0.1)
        assert (len(dataset.train), len(dataset.heldout)) in {(7, 1), (8, 1)}
        assert only not in (*dataset.train.files, *dataset.heldout.files)


def test_the_split_is_the_same_at_every_size_and_in_grey(lay_out, pets):
    path = lay_out(pets)
    whole, small = load(path, test_fraction=0.3), load(path, test_fraction=0.3, size="6x5", channels=1)
    assert (len(whole.heldout), small.shape) == (9, (6, 5, 1))
    means = [split.images.mean(axis=(1, 2, 3)) for split in (whole.heldout, small.heldout)]
    np.testing.assert_allclose(*means, atol=14)
    assert np.corrcoef(*means)[0, 1] > 0.7


def test_the_cache_on_the_disk_is_used_again_and_forgets_what_changed(lay_out, pets):
    path = lay_out(pets)
    first, again = load(path, 0), load(path, 0)
    assert not again.train.images.flags.owndata
    assert not again.train.images.flags.writeable
    assert first.fingerprint == again.fingerprint == load(path).fingerprint
    assert load(path, 0, seed=1).fingerprint != first.fingerprint
    (path / "cat" / "0.png").write_bytes(png())
    assert load(path, 0).fingerprint != first.fingerprint


def test_a_size_is_decoded_once_however_it_is_typed(lay_out, pets):
    path = lay_out(pets)
    for size in ("12", "12x12", "12×12", " 12X12 "):
        assert load(path, 0, size=size).train.images.shape[1:3] == (12, 12)
        assert len(list(entry_of("").parent.iterdir())) == 1
    load(path, 0, size="12x10")
    assert len(list(entry_of("").parent.iterdir())) == 2


def test_pixels_that_were_changed_in_the_cache_are_never_trained_on(lay_out, pets):
    path = lay_out(pets)
    first = load(path)
    for _ in range(2):
        assert load(path, 0).fingerprint == first.fingerprint
        (entry,) = entry_of("").parent.iterdir()
        (entry / "images.u8").write_bytes(bytes((entry / "images.u8").stat().st_size))
    again = load(path, 0)
    np.testing.assert_array_equal(again.train.images, first.train.images)
    np.testing.assert_array_equal(again.heldout.images, first.heldout.images)


@pytest.mark.parametrize("name", ["a", "a.zip"])
def test_streamed_images_are_those_of_the_cache(lay_out, pets, name):
    broken = {"dog/text.png": b"no image", "cat/torn.png": png((40, 30))[:-200]}
    path = lay_out(pets | broken, name)
    kept, streamed = load(path, size="12x10"), load(path, 0, size="12x10", stream=True)
    assert streamed.fingerprint == kept.fingerprint
    assert streamed.notes == kept.notes
    assert "2 skipped" in streamed.notes[-1]
    assert facts_of(streamed) == facts_of(kept)
    for one, other in ((streamed.train, kept.train), (streamed.heldout, kept.heldout)):
        assert isinstance(one.images, Streamed)
        assert one.images.shape == other.images.shape
        np.testing.assert_array_equal(one.images[:], other.images)
        np.testing.assert_array_equal(one.labels, other.labels)
        order = np.random.default_rng(0).permutation(len(other))
        np.testing.assert_array_equal(one.images[order], other.images[order])
        np.testing.assert_array_equal(one.images[-1], other.images[-1])
    few = streamed.limited(5)
    assert isinstance(few.train.images, Streamed)
    np.testing.assert_array_equal(few.train.images[:], kept.limited(5).train.images)


def test_streaming_leaves_facts_in_the_cache_and_no_pixels(lay_out, pets):
    path, told = lay_out(pets), []
    first = load_folder(path, TrainConfig(), lambda *what: told.append(what), stream=True, in_memory=0)
    (entry,) = entry_of("").parent.iterdir()
    assert [file.name for file in entry.iterdir()] == ["facts.json"]
    total = sum(map(len, pets.values()))
    assert told[-1] == ("decoding the images", total, total)
    told.clear()
    again = load_folder(path, TrainConfig(), lambda *what: told.append(what), stream=True, in_memory=0)
    assert (told, again.fingerprint) == ([], first.fingerprint)
    assert np.bincount(again.train.labels).tolist() == [18, 9]
    (entry / "facts.json").write_text("{}")
    assert load(path, 0, stream=True).fingerprint == first.fingerprint


def test_what_the_cache_has_already_is_not_streamed_nor_is_what_memory_holds(lay_out, pets):
    path = lay_out(pets)
    assert not isinstance(load(path, stream=True).train.images, Streamed)
    load(path, 0)
    assert isinstance(load(path, 0, stream=True).train.images.base, np.memmap)


def test_by_default_more_is_held_in_memory_before_it_is_streamed(lay_out, pets, monkeypatch):
    path = lay_out(pets)
    monkeypatch.setattr(folders, "IN_MEMORY", 0)
    assert not isinstance(load_folder(path, TrainConfig(), stream=True).train.images, Streamed)
    assert list(entry_of("").parent.glob("*")) == []
    monkeypatch.setattr(folders, "IN_MEMORY_RATHER_THAN_STREAMED", 0)
    assert isinstance(load_folder(path, TrainConfig(), stream=True).train.images, Streamed)
    assert isinstance(load_folder(path, TrainConfig()).train.images.base, np.memmap)


def test_streamed_grey_in_colour_has_one_channel(lay_out):
    grey = {f"{number}.png": png(channels=1) for number in range(9)}
    coloured = {"x.png": png()}
    path = lay_out({**grey, **coloured})
    (path / "x.png").write_bytes(in_rgb(grey["0.png"]))
    dataset = load(path, 0, stream=True)
    assert dataset.shape == (12, 10, 1)
    assert dataset.notes == load(path).notes
    assert dataset.fingerprint == load(path).fingerprint


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file.unlink(), "cat/0.png: No such file or directory."),
        (lambda file: file.write_bytes(png()), "cat/0.png: changed since the folder was opened."),
    ],
)
def test_a_streamed_image_that_changes_is_an_error_that_names_it(lay_out, pets, change, words):
    path = lay_out({name: pets[name] for name in ("cat/0.png", "cat/1.png")})
    dataset = load(path, 0, stream=True)
    change(path / "cat" / "0.png")
    with pytest.raises(DataError) as caught:
        np.concatenate([dataset.train.images[:], dataset.heldout.images[:]])
    assert caught.value.what == f"{path}: {words}"
    assert caught.value.expected == "Expected: the images as they were when the dataset was opened."


def test_nothing_left_to_stream_is_an_error(lay_out):
    path = lay_out({f"{number}.png": png((40, 30), seed=number)[:-200] for number in range(4)})
    with pytest.raises(DataError, match="no image to train on can be read"):
        load(path, 0, stream=True)


def test_classes_are_chosen_before_anything_is_read(lay_out, pets):
    dataset = load(lay_out(pets | {"horse/1.png": b"never read"}), classes="do,cat")
    assert dataset.class_names == ("cat", "dog")
    assert dataset.notes == ()


def test_grey_files_have_one_channel_and_grey_in_colour_too(lay_out):
    grey = {f"{number}.png": png(channels=1) for number in range(9)}
    assert load(lay_out(grey, "a")).shape == (12, 10, 1)
    stored = {name: in_rgb(content) for name, content in grey.items()}
    dataset = load(lay_out(stored, "b"))
    assert dataset.shape == (12, 10, 1)
    assert dataset.notes == ("All of them are grey, though stored in colour: one channel is kept.",)
    assert {image.tobytes() for image in dataset.train.images} < {
        pixels_of(content)[..., 0].tobytes() for content in grey.values()
    }
    assert load(lay_out(stored, "b"), channels=3).shape == (12, 10, 3)


@pytest.mark.parametrize(("fit", "corner"), [("cover", 200), ("contain", 255), ("stretch", 200)])
def test_fit_says_what_becomes_of_other_proportions(lay_out, fit, corner):
    buffer = io.BytesIO()
    Image.fromarray(np.full((10, 40), 200, np.uint8)).save(buffer, "PNG")
    path = lay_out({"1.png": buffer.getvalue(), "2.png": png((10, 40), 1)})
    dataset = load(path, size="8", fit=fit, background="white")
    flat = min((*dataset.train.images, *dataset.heldout.images), key=lambda image: image[2:6].std())
    assert (flat[0, 0, 0], flat[4, 4, 0]) == (corner, 200)
    assert dataset.notes == (f"Scaled from 10 × 40, to {fit}.",)


def test_a_large_jpeg_is_scaled_as_finely_as_it_would_be_whole(lay_out):
    rows, columns = np.indices((600, 800))
    pixels = np.stack([rows * 255 / 600, columns * 255 / 800, 127 + 120 * np.sin(rows / 60)], -1)
    photo, contents = Image.fromarray(pixels.astype(np.uint8)), {}
    for number in range(2):
        buffer = io.BytesIO()
        photo.save(buffer, "JPEG", quality=90 + number)
        contents[f"{number}.jpg"] = buffer.getvalue()
    dataset = load(lay_out(contents), size="32", fit="stretch")
    whole = np.asarray(photo.resize((32, 32), Image.Resampling.LANCZOS), int)
    assert np.abs(dataset.train.images[0] - whole).mean() < 1


def test_a_set_of_one_class_may_be_flat(lay_out):
    dataset = load(lay_out({f"{number}.png": png() for number in range(20)}))
    assert dataset.class_names == ("unlabelled",)
    assert (len(dataset.train), len(dataset.heldout)) == (18, 2)


def bomb():
    """Return a PNG whose header states 50,000 × 50,000 pixels."""
    content = bytearray(png((1, 1), 1))
    content[16:24] = (50_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize("in_memory", [0, 1 << 30], ids=["disk", "memory"])
@pytest.mark.parametrize("name", ["My Pets", "my pets.zip"])
def test_broken_files_are_skipped_and_said(lay_out, pets, in_memory, name):
    good = load(lay_out(pets, "good"), test_fraction=0.3)
    bad = {"cat/broken.png": png((12, 10))[:-40], "cat/bomb.png": bomb(), "dog/text.png": b"not an image"}
    dataset = load(lay_out(pets | bad, name), in_memory, test_fraction=0.3)
    count = len(dataset.train) + len(dataset.heldout)
    assert count == len(good.train) + len(good.heldout) == 30
    (note,) = dataset.notes
    assert note.startswith("3 skipped that cannot be used: cat/bomb.png: too large: 2,500,000,000 pixels; ")
    assert "cat/broken.png: the image cannot be read" in note
    assert note.endswith("dog/text.png: not an image that can be read.")


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ({}, "no images in it.\nExpected: PNG"),
        ({"a.txt": b"", "b.csv": b"", "c.TXT": b""}, r"no images in it, only other files \(2 .txt, 1 .csv\)"),
        (
            {"1.png": b"?", "2.png": b""},
            "no image can be read.\nThe first of 2 that cannot be read: 1.png: ",
        ),
        ({"1.png": png()}, "only 1 usable image"),
        ({"1.png": png(seed=1), "2.png": png(seed=1)}, "all equal"),
        ({"train/1.png": png(), "test/2.png": b"?"}, "no image to hold out can be read"),
        ({"train/1.png": b"?", "test/2.png": png()}, "no image to train on can be read"),
    ],
)
@pytest.mark.parametrize("name", ["My Pets", "my pets.zip"])
def test_a_bad_folder_is_an_error(lay_out, contents, message, name):
    path = lay_out(contents, name)
    with pytest.raises(DataError, match=message) as caught:
        load(path)
    assert len(str(caught.value).splitlines()) <= 3


def test_all_broken_in_decoding_is_an_error(lay_out):
    with pytest.raises(DataError, match="no image to train on can be read"):
        load(lay_out({f"{number}.png": png((64, 64))[:-3000] for number in range(3)}), 0)


def test_progress_is_told_in_bytes(lay_out, pets):
    told = []
    load_folder(lay_out(pets), TrainConfig(), lambda what, done, total: told.append((what, done, total)))
    total = sum(map(len, pets.values()))
    assert told == [("looking at the images", total, total), ("decoding the images", total, total)]


def test_the_split_is_that_of_the_files_bytes(lay_out, pets):
    from vaecli.data.splitting import file_digest

    dataset = load(lay_out(pets), seed=5)
    names = list(pets)
    labels = np.array([name.startswith("dog") for name in names], np.int64)
    held = hold_out([file_digest(io.BytesIO(pets[name])) for name in names], labels, None, 5)
    assert {image.tobytes() for image in dataset.heldout.images} == {
        pixels_of(pets[name]).tobytes() for name, out in zip(names, held, strict=True) if out
    }
