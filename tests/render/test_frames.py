"""Frames that are drawn when asked for."""

import numpy as np
import pytest

from vaecli.render.frames import Frames, caption


def test_frames_are_drawn_one_by_one_and_only_when_asked_for():
    drawn = []

    def draw(index):
        drawn.append(index)
        return np.full((2, 2, 3), index, np.uint8)

    frames = Frames(5, draw)
    assert len(frames) == 5
    assert drawn == []
    assert frames[-1][0, 0, 0] == 4
    assert [frame[0, 0, 0] for frame in frames[1:4:2]] == [1, 3]
    assert drawn == [4, 1, 3]


def test_there_is_no_frame_after_the_last():
    with pytest.raises(IndexError):
        Frames(2, lambda index: np.zeros((1, 1, 3), np.uint8))[2]


def test_a_caption_has_a_minus_and_one_decimal():
    assert caption(0) == "untrained"
    assert caption(7, 543.25).endswith("−ELBO 543.2")
