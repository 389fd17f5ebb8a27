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


@pytest.mark.parametrize(
    ("classes", "each", "fraction", "held"),
    [(200, 4, 0.12, 96), (300, 3, 0.1, 90), (5, 7, 0.1, 4), (40, 1, 0.1, 4)],
)
def test_the_share_of_the_whole_set_is_right_and_spread_over_the_classes(classes, each, fraction, held):
    labels = np.repeat(np.arange(classes), each)
    found = hold_out(digests_of(len(labels)), labels, fraction, 0)
    assert found.sum() == held
    assert np.bincount(labels[found]).max() == 1


def test_early_runs_rounded_the_share_of_each_class():
    labels = np.repeat(np.arange(200), 4)
    assert hold_out(digests_of(800), labels, 0.12, 0, rounding="class").sum() == 1
    two = np.repeat([0, 1], [100, 40])
    both = [hold_out(digests_of(140), two, 0.25, 0, rounding=word) for word in ("class", "set")]
    np.testing.assert_array_equal(*both)


def test_all_images_of_a_group_are_on_one_side():
    labels, groups = np.arange(300) % 4, [f"patient {number // 10}" for number in range(300)]
    held = hold_out(digests_of(300), labels, 0.2, 0, groups=groups)
    assert len({(group, side) for group, side in zip(groups, held, strict=True)}) == 30
    assert held.sum() == 60


def test_equal_images_join_their_groups():
    digests = digests_of(20)
    digests[0] = digests[19]
    groups = [str(number // 2) for number in range(20)]
    for seed in range(10):
        held = hold_out(digests, np.zeros(20, np.int64), 0.3, seed, groups=groups)
        assert len({*held[[0, 1, 18, 19]].tolist()}) == 1


def test_groups_larger_than_the_share_give_the_smallest_of_them():
    groups = ["a"] * 50 + ["b"] * 30 + ["c"] * 40
    held = hold_out(digests_of(120), np.zeros(120, np.int64), 0.1, 0, groups=groups)
    assert {group for group, side in zip(groups, held, strict=True) if side} == {"b"}


def test_one_group_cannot_be_split():
    with pytest.raises(DataError, match="All images are of one group"):
        hold_out(digests_of(4), np.zeros(4, np.int64), 0.5, 0, groups=["a"] * 4)
