import numpy as np
import pytest
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data.files.containers import open_container
from vaecli.data.files.layout import Item
from vaecli.data.files.reading import Reading, Watch
from vaecli.errors import DataError, Interrupted

ITEMS = [Item(f"{number}.png", "x") for number in range(150)]


@pytest.fixture
def folder(tmp_path):
    """Return a folder of 150 grey images, each of its own shade."""
    for number, item in enumerate(ITEMS):
        Image.fromarray(np.full((3, 2), number, np.uint8)).save(tmp_path / item.name)
    return open_container(tmp_path)


def test_each_item_is_worked_on_once_and_all_bytes_are_told(folder):
    told, worked = [], []
    reading = Reading(folder, TrainConfig(), lambda *what: told.append(what))
    reading.each("looking", ITEMS, lambda number, item: worked.append((number, item)))
    assert sorted(worked) == list(enumerate(ITEMS))
    total = sum(folder.files.values())
    assert [what for what, _, _ in told] == ["looking"] * len(told)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1:] == (total, total)


def test_who_watches_can_end_it(folder):
    def interrupt(*_):
        raise Interrupted(2, "Stopped.")

    worked = []
    with pytest.raises(Interrupted):
        Reading(folder, TrainConfig(), interrupt).each("looking", ITEMS, lambda *what: worked.append(what))
    assert len(worked) < 151


def test_pixels_are_decoded_to_a_shape(folder):
    reading = Reading(folder, TrainConfig(), lambda *_: None)
    np.testing.assert_array_equal(reading.pixels(Item("7.png", "a"), (3, 2, 1)), np.full((3, 2, 1), 7))
    np.testing.assert_array_equal(reading.pixels(Item("9.png", "a"), (4, 6, 3)), np.full((4, 6, 3), 9))
    (folder.path / "7.png").unlink()
    with pytest.raises(DataError, match=r"7\.png: No such file"):
        reading.pixels(Item("7.png", "a"), (3, 2, 1))


def test_a_watch_adds_up_whoever_tells_it(folder):
    told = []
    watch = Watch("decoding", Reading(folder, TrainConfig(), lambda *what: told.append(what)), ITEMS[:3])
    sizes = [folder.files[item.name] for item in ITEMS[:3]]
    watch.saw(ITEMS[2])
    watch.saw(*ITEMS[:2])
    assert told == [("decoding", sizes[2], sum(sizes)), ("decoding", sum(sizes), sum(sizes))]
