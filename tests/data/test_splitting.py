import io

import numpy as np
import pytest

from vaecli.data.splitting import array_digests, file_digest, hold_out
from vaecli.errors import DataError


def digests_of(count, seed=0):
    return array_digests(np.random.default_rng(seed).integers(0, 256, (count, 3, 3), dtype=np.uint8))


def test_of_each_class_the_same_part_is_held_out():
    labels = np.repeat([0, 1], [100, 40])
    held = hold_out(digests_of(140), labels, 0.25, 0)
    assert np.bincount(labels[held]).tolist() == [25, 10]


def test_a_tenth_is_held_out_by_default():
    assert hold_out(digests_of(200), np.zeros(200, np.int64), None, 0).sum() == 20


def test_neither_order_nor_names_matter():
    digests, order = digests_of(50), np.random.default_rng(1).permutation(50)
    labels = np.arange(50) % 3
    held = hold_out(digests, labels, 0.2, 7)
    again = hold_out([digests[number] for number in order], labels[order], 0.2, 7)
    np.testing.assert_array_equal(again, held[order])


def test_another_seed_holds_out_others():
    digests, labels = digests_of(100), np.zeros(100, np.int64)
    assert (hold_out(digests, labels, 0.2, 0) != hold_out(digests, labels, 0.2, 1)).any()


def test_equal_images_are_never_on_both_sides():
    digests = digests_of(30) * 4
    held = hold_out(digests, np.arange(120) % 7, 0.3, 0)
    assert len({(digest, side) for digest, side in zip(digests, held, strict=True)}) == 30


@pytest.mark.parametrize(("count", "fraction"), [(2, 0.01), (2, 0.99), (3, 0.5), (5, 0.001)])
def test_there_is_always_an_image_on_each_side(count, fraction):
    held = hold_out(digests_of(count), np.arange(count), fraction, 0)
    assert 0 < held.sum() < count


def test_one_image_cannot_be_split():
    with pytest.raises(DataError, match="only 1 usable image") as caught:
        hold_out(digests_of(1), np.zeros(1, np.int64), None, 0)
    assert "at least two different ones" in caught.value.expected


@pytest.mark.parametrize("size", [0, 10, 1 << 16, 70_000, 1 << 17, 500_000])
def test_a_files_digest_sees_both_ends_and_the_length(size):
    content = bytes(size)
    digests = {file_digest(io.BytesIO(content)), file_digest(io.BytesIO(content + b"\0"))}
    for position in (0, size - 1) if size else ():
        changed = bytearray(content)
        changed[position] = 1
        digests.add(file_digest(io.BytesIO(changed)))
    assert len(digests) == 2 + 2 * bool(size)
