import os

import numpy as np
import pytest

from vaecli.data.decoded import Decoded, entry_of, remembered
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


def test_what_was_abandoned_long_ago_is_cleared_away():
    abandoned, fresh = Decoded(SHAPE, "old"), Decoded(SHAPE, "new")
    (old,) = entry_of("old").parent.glob(f"{entry_of('old').name}*")
    os.utime(old, (1, 1))
    last = Decoded(SHAPE, "this")
    assert not old.exists()
    assert len(list(entry_of("new").parent.glob("*.part"))) == 2
    for room in (abandoned, fresh, last):
        room.close()


def test_who_comes_second_takes_what_is_there():
    first, second = Decoded(SHAPE, "this"), Decoded(SHAPE, "this")
    first.images[:], second.images[:] = 1, 1
    first.finish({})
    assert (second.finish({}) == 1).all()
    second.close()
    assert len(list(entry_of("this").parent.iterdir())) == 1


@pytest.mark.parametrize("damage", ["facts.json", "images.u8"])
def test_a_damaged_entry_is_no_entry(damage):
    Decoded(SHAPE, "this").finish({})
    (entry_of("this") / damage).write_bytes(b"{}")
    assert remembered("this") is None


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
