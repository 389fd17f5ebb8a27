"""The look of every picture: colours, a typeface, and nothing else.

The ten class colours stay apart for eyes without red or green cones: between any two of
them the OKLab distance is at least 0.10, as seen normally and as simulated for protanopia
and deuteranopia (Machado et al. 2009). Tests compute it.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PAPER = "#ffffff"
# Pure greys: in a GIF they share the palette with grey images without tinting them.
INK = "#222222"
QUIET = "#666666"  # labels of axes, captions
FAINT = "#d9d9d9"  # frames, ticks, the prior's circles
ACCENT = "#e0245e"  # a walk, a marker: no class has this colour

#: What these are on a dark page.
DARK = {PAPER: "#181818", INK: "#ececec", QUIET: "#a6a6a6", FAINT: "#454545", ACCENT: "#ff4d7d"}

CLASS_COLOURS = (
    "#2276e0",
    "#feb96f",
    "#109173",
    "#cc3f19",
    "#7532aa",
    "#883d48",
    "#f78db0",
    "#8aa81e",
    "#59c5f7",
    "#25356b",
)

_DARKEST = 70  # levels of grey that a colour on a dark page has at least

#: Points without a class.
PLAIN = "#3d6fa8"


def to_rgb(colour: str) -> NDArray[np.uint8]:
    """Return `(3,)` of a colour written `#rrggbb`.

    >>> to_rgb("#ff8000").tolist()
    [255, 128, 0]
    """
    return np.frombuffer(bytes.fromhex(colour.removeprefix("#")), np.uint8)


def class_colours(classes: int) -> NDArray[np.uint8]:
    """Return `(classes, 3)` colours; beyond ten, lighter and then darker ones of the same hues.

    >>> class_colours(1).tolist()
    [[34, 118, 224]]
    """
    ten = np.array([to_rgb(colour) for colour in CLASS_COLOURS], np.float64)
    lighter, darker = 0.45 * ten + 0.55 * 255, 0.55 * ten
    thirty = np.concatenate([ten, lighter, darker])
    return np.asarray(np.rint(thirty[np.arange(classes) % len(thirty)]).astype(np.uint8))


def lightened(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return colours of which none is too dark to be seen on a dark page; bright ones stay as they are.

    >>> lightened(np.array([[37, 53, 107], [89, 197, 247]], np.uint8)).tolist()
    [[92, 104, 144], [89, 197, 247]]
    """
    shares = np.where(colours @ [0.30, 0.59, 0.11] < _DARKEST, 0.25, 0.0)[:, None]
    return np.asarray(np.rint(colours + shares * (255.0 - colours)).astype(np.uint8))


@functools.cache
def typeface() -> list[str]:
    """Return the font families to write with, best first, known to matplotlib.

    Source Sans Pro is read from its package's files, without importing the package; where
    it is absent, or lacks a letter, DejaVu Sans stands in.
    """
    from matplotlib.font_manager import fontManager

    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it muses on weights
    package = importlib.util.find_spec("font_source_sans_pro")
    if package is None or not package.submodule_search_locations:
        return ["DejaVu Sans"]
    folder = Path(package.submodule_search_locations[0]) / "files"
    faces = [folder / f"SourceSansPro-{name}.ttf" for name in ("Regular", "Semibold")]
    if not all(face.is_file() for face in faces):
        return ["DejaVu Sans"]
    for face in faces:
        fontManager.addfont(face)
    return ["Source Sans Pro", "DejaVu Sans"]
