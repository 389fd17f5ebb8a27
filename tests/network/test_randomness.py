from __future__ import annotations

import numpy as np

from vaecli.network import randomness


def test_each_of_seed_epoch_purpose_and_step_changes_the_key() -> None:
    keys = [
        randomness.key(0, 1, "noise"),
        randomness.key(1, 1, "noise"),
        randomness.key(0, 2, "noise"),
        randomness.key(0, 1, "evaluation"),
        randomness.key(0, 1, "noise", 1),
    ]
    assert len({tuple(key) for key in keys}) == len(keys)


def test_a_key_is_the_same_on_every_machine() -> None:
    assert randomness.key(0, 1, "noise").tolist() == [1564658031, 1963039839]
    assert randomness.number(0, 0, "initial weights") == 316059135


def test_an_epoch_sees_every_image_once_and_in_its_own_order() -> None:
    first, second = randomness.permutation(0, 1, 1000), randomness.permutation(0, 2, 1000)
    assert sorted(first) == list(range(1000))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, randomness.permutation(0, 1, 1000))
