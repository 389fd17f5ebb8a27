"""The look: colours that can be told apart, letters that are there."""

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont

from vaecli.render.style import (
    CLASS_COLOURS,
    DARK,
    FAINT,
    INK,
    PAPER,
    QUIET,
    class_colours,
    lightened,
    to_rgb,
    typeface,
)

TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def oklab(colours, eye):
    values = colours / 255.0
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ EYES[eye].T, 0.0, 1.0)
    return np.cbrt(seen @ TO_LMS.T) @ TO_OKLAB.T


def nearest_pair(colours, eye):
    seen = oklab(colours, eye)
    distances = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    return distances[np.triu_indices(len(colours), 1)].min()


@pytest.mark.parametrize("eye", EYES)
def test_ten_classes_are_told_apart_by_all_eyes(eye):
    assert nearest_pair(class_colours(10), eye) > 0.10


@pytest.mark.parametrize("eye", EYES)
def test_every_class_stands_out_from_the_paper(eye):
    paper = oklab(np.array([[255.0, 255.0, 255.0]]), eye)
    assert np.linalg.norm(oklab(class_colours(10), eye) - paper, axis=1).min() > 0.15


@pytest.mark.parametrize("eye", EYES)
def test_on_a_dark_page_classes_are_told_apart_from_each_other_and_from_the_paper(eye):
    colours, paper = lightened(class_colours(10)), to_rgb(DARK[PAPER])[None]
    assert nearest_pair(colours, eye) > 0.10
    assert np.linalg.norm(oklab(colours, eye) - oklab(paper, eye), axis=1).min() > 0.2


def test_more_than_ten_classes_get_colours_of_their_own():
    assert len({tuple(colour) for colour in class_colours(30).tolist()}) == 30
    assert class_colours(47).shape == (47, 3)
    np.testing.assert_array_equal(class_colours(12)[:10], [to_rgb(colour) for colour in CLASS_COLOURS])


@pytest.mark.parametrize("tone", [INK, QUIET, FAINT, *(DARK[tone] for tone in (INK, QUIET, FAINT, PAPER))])
def test_letters_and_lines_are_pure_grey_and_share_a_palette_with_grey_images(tone):
    assert len(set(to_rgb(tone).tolist())) == 1


@pytest.mark.parametrize("weight", [400, 600])
def test_the_typeface_is_found_in_both_weights(weight):
    file = findfont(FontProperties(family=typeface(), weight=weight))
    assert {400: "SourceSansPro-Regular", 600: "SourceSansPro-Semibold"}[weight] in file
