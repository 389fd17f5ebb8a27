import contextlib
import os
import shutil
import signal

import numpy as np
import pytest

from tests.durability.children import Child
from vaecli.data.decoded import Decoded, entry_of, keep_facts, remembered, remembered_facts
from vaecli.data.sealed import sealed
from vaecli.errors import EnvironmentFailure

SHAPE = (40, 5, 4, 3)
PIXELS = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)


@pytest.fixture(params=[None, "made from this"], ids=["memory", "disk"])
def room(request):
    decoded = Decoded(SHAPE, request.param)
    yield decoded
    decoded.close()


def test_what_is_written_is_what_is_read(room):
    room.images[:] = PIXELS
    np.testing.assert_array_equal(room.finish({}), PIXELS)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("rows", [range(40), range(0, 40, 3), [39], [0, 1, 2, 5, 38]])
def test_some_images_and_channels_are_kept(room, rows, channels):
    room.images[:] = PIXELS
    rows = np.array(rows)
    np.testing.assert_array_equal(room.keep(rows, channels), PIXELS[rows][..., :channels])
    np.testing.assert_array_equal(room.finish({}), PIXELS[rows][..., :channels])


def test_an_entry_is_there_when_it_is_finished_and_not_before():
    room = Decoded(SHAPE, "this")
    room.images[:] = PIXELS
    assert remembered("this") is None
    room.finish({"labels": [1, 2]})
    room.close()
    images, facts = remembered("this")
    assert isinstance(images, np.memmap)
    assert not images.flags.writeable
    np.testing.assert_array_equal(images, PIXELS)
    assert facts["labels"] == [1, 2]
    assert remembered("that") is None
    assert [path.name for path in entry_of("this").parent.iterdir()] == [entry_of("this").name]


def test_what_is_not_finished_leaves_nothing():
    room = Decoded(SHAPE, "this")
    room.close()
    assert list(entry_of("this").parent.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_live_one_makes_is_not():
    def live(say):
        room = Decoded(SHAPE, "this")
        room.images[:] = PIXELS
        say("decoded")
        signal.pause()

    children = [Child(live) for _ in range(2)]
    assert [child.lines.readline() for child in children] == ["decoded\n"] * 2
    killed, alive = children
    killed.kill()
    killed.wait()
    keep_facts("that", {"train": 1})
    (left,) = entry_of("this").parent.glob(".*")
    assert (left / "images.u8").read_bytes() == PIXELS.tobytes()
    alive.kill()
    alive.wait()
    keep_facts("more", {"train": 1})
    assert not list(entry_of("this").parent.glob(".*"))


def test_who_comes_second_takes_what_is_there():
    first, second = Decoded(SHAPE, "this"), Decoded(SHAPE, "this")
    first.images[:], second.images[:] = 1, 1
    first.finish({})
    assert (second.finish({}) == 1).all()
    second.close()
    assert len(list(entry_of("this").parent.iterdir())) == 1


DAMAGES = {
    "no images": lambda entry: (entry / "images.u8").unlink(),
    "images cut short": lambda entry: os.truncate(entry / "images.u8", 1000),
    "images cut short and filled up with black": lambda entry: (
        os.truncate(entry / "images.u8", 1000),
        os.truncate(entry / "images.u8", PIXELS.size),
    ),
    "images too long": lambda entry: os.truncate(entry / "images.u8", PIXELS.size + 1),
    "one bit of an image": lambda entry: flip(entry / "images.u8", PIXELS.size - 1),
    "a folder in the place of the images": lambda entry: (
        (entry / "images.u8").unlink(),
        (entry / "images.u8").mkdir(),
    ),
    "no facts": lambda entry: (entry / "facts.json").unlink(),
    "other facts": lambda entry: (entry / "facts.json").write_bytes(b"{}"),
    "half of the facts": lambda entry: os.truncate(entry / "facts.json", 100),
    "one letter of the facts": lambda entry: flip(entry / "facts.json", -10),
    "facts of another version": lambda entry: (entry / "facts.json").write_text(sealed({"version": 1})),
    "nothing in it": lambda entry: [path.unlink() for path in entry.iterdir()],
    "a file in its place": lambda entry: (entry.rename(f"{entry}x"), entry.touch()),
}


def flip(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)


def decode(key):
    """Decode the images anew and return them."""
    room = Decoded(SHAPE, key)
    room.images[:] = PIXELS
    try:
        return room.finish({"labels": [1, 2]})
    finally:
        room.close()


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_entry_is_no_entry_and_is_made_anew(name):
    decode("this")
    DAMAGES[name](entry_of("this"))
    assert remembered("this") is None
    np.testing.assert_array_equal(decode("this"), PIXELS)
    images, facts = remembered("this")
    np.testing.assert_array_equal(images, PIXELS)
    assert facts == {"labels": [1, 2]}


def test_a_damaged_entry_of_facts_is_no_entry_and_is_made_anew():
    for _ in range(2):
        keep_facts("this", {"labels": [1, 2]})
        assert remembered_facts("this") == {"labels": [1, 2]}
        (entry,) = entry_of("this").parent.iterdir()
        flip(entry / "facts.json", -10)
        assert remembered_facts("this") is None


def test_an_entry_that_vanishes_while_it_is_used_is_still_there_for_its_user():
    images = decode("this")
    mapped, _ = remembered("this")
    shutil.rmtree(entry_of("this").parent)
    np.testing.assert_array_equal(images, PIXELS)
    np.testing.assert_array_equal(mapped, PIXELS)
    assert remembered("this") is None


def test_what_cannot_be_read_now_is_decoded_again_and_left_as_it_is(tmp_path):
    decode("this")
    facts = entry_of("this") / "facts.json"
    whole = facts.read_bytes()
    facts.unlink()
    facts.symlink_to(facts)  # any error that is not one of content
    assert remembered("this") is None
    np.testing.assert_array_equal(decode("this"), PIXELS)
    assert facts.is_symlink()
    facts.unlink()
    facts.write_bytes(whole)
    np.testing.assert_array_equal(remembered("this")[0], PIXELS)
    assert len(list(entry_of("this").parent.iterdir())) == 1


def test_processes_that_make_and_damage_one_entry_at_once_all_get_their_images():
    def live(say):
        for number in range(20):
            images, _ = remembered("this") or (decode("this"), None)
            np.testing.assert_array_equal(images, PIXELS)
            if number % 3 == 0:
                with contextlib.suppress(OSError, IndexError):  # others take it away, or write it, too
                    flip(entry_of("this") / "facts.json", number)

    children = [Child(live) for _ in range(3)]
    assert [child.wait() for child in children] == [(0, [])] * 3
    np.testing.assert_array_equal(decode("this"), PIXELS)
    assert len(list(entry_of("this").parent.iterdir())) == 1


def test_checking_is_told_in_bytes():
    decode("this")
    told = []
    remembered("this", lambda *what: told.append(what))
    assert told == [("checking the decoded images", PIXELS.size, PIXELS.size)]


def test_a_disk_without_room_is_an_error_that_says_how_much_is_wanted():
    with pytest.raises(EnvironmentFailure, match=r"takes no 1000000\.0 GB of decoded images") as caught:
        Decoded((1_000_000_000, 1000, 1000, 1), "this")
    assert "XDG_CACHE_HOME" in caught.value.mend
    assert list(entry_of("this").parent.iterdir()) == []


def test_a_cache_that_cannot_be_made_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EnvironmentFailure, match="Not a directory"):
        Decoded(SHAPE, "this")
