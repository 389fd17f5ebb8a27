"""A font for every letter: the house's typeface, or any installed font that has what it lacks.

Names of classes are in all the world's scripts. The letters that the typeface has none of are looked for
among the installed fonts, once for each set of them; where none has them a warning says so.
"""

from __future__ import annotations

import functools
import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager
from matplotlib.ft2font import FT2Font

from vaecli.render.style import typeface

_FANCY = (
    "bold",
    "black",
    "italic",
    "oblique",
    "light",
    "thin",
    "mono",
    "serif",
    "condensed",
    "extra",
    "semi",
)
#: How the Unicode names of letters begin → the package of Debian and Ubuntu whose fonts have them.
_PACKAGES = {
    "CJK": "fonts-noto-cjk",
    "HIRAGANA": "fonts-noto-cjk",
    "KATAKANA": "fonts-noto-cjk",
    "HANGUL": "fonts-noto-cjk",
}
_SYMBOLS, _OTHERS = "fonts-symbola", "fonts-noto-core"


class MissingLetters(UserWarning):
    """Letters that no installed font has are drawn as boxes."""


def families_for(words: str) -> list[str]:
    """Return the font families to write some words with, best first, known to matplotlib.

    Warns:
        MissingLetters: If no installed font has one of the letters.
    """
    letters = frozenset(sign for sign in words if not sign.isascii() and _is_drawn(sign))
    families, lacking = _families(letters)
    for package in sorted({package_of(letter) for letter in lacking}):
        warnings.warn(
            f"Boxes stand for letters that no installed font has; the package {package} has them.",
            MissingLetters,
            stacklevel=2,
        )
    return list(families)


def drawable(words: str) -> str:
    r"""Return words with a question mark for each byte of a file's name that is no letter.

    >>> drawable("a\udcff.png")
    'a?.png'
    """
    return words.encode("utf-8", "replace").decode()


def covering(letters: Iterable[str], paths: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """Return fonts that have letters, as few as it takes, and the letters that none of them has.

    Args:
        letters: What is wanted.
        paths: The files of the fonts to choose from. Upright ones of a usual weight are preferred.
    """
    left = {ord(letter) for letter in letters}
    found = {path: left & characters_of(path) for path in sorted(paths)}
    chosen: list[str] = []
    while left and (
        path := max(found, key=lambda each: (len(found[each] & left), -_fancy(each)), default="")
    ):
        if not found[path] & left:
            break
        chosen.append(path)
        left -= found[path]
    return chosen, frozenset(map(chr, left))


@functools.cache
def characters_of(path: str) -> frozenset[int]:
    """Return what a font has a drawing of; nothing of a file that is none, or consists of bitmaps."""
    try:
        font = FT2Font(path)
        return frozenset(font.get_charmap()) if font.scalable else frozenset()
    except (OSError, RuntimeError, ValueError):
        return frozenset()


def package_of(letter: str) -> str:
    """Return the package of Debian and Ubuntu whose fonts have a letter.

    >>> package_of("猫"), package_of("แ"), package_of("🔥")
    ('fonts-noto-cjk', 'fonts-noto-core', 'fonts-symbola')
    """
    kind = unicodedata.name(letter, "").split(" ")[0]
    if unicodedata.category(letter)[0] == "S":
        return _SYMBOLS
    return _PACKAGES.get(kind, _OTHERS)


@functools.cache
def _families(letters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the families that have letters, and the letters that none has."""
    own = typeface()
    left = frozenset(letter for letter in letters if not any(ord(letter) in _own(family) for family in own))
    if not left:
        return tuple(own), left
    paths, lacking = covering(left, findSystemFonts())
    for path in paths:
        fontManager.addfont(path)
    return (*own, *(FT2Font(path).family_name for path in paths)), lacking


@functools.cache
def _own(family: str) -> frozenset[int]:
    return characters_of(findfont(FontProperties(family=family)))


def _is_drawn(sign: str) -> bool:
    """Tell whether a sign is drawn at all: marks that only join or choose others are not."""
    return unicodedata.category(sign) not in {"Cf", "Zs", "Cc", "Mn"} or "\u0300" <= sign <= "\u036f"


def _fancy(path: str) -> int:
    """Return how far a font is from an upright one of a usual weight, by the name of its file."""
    name = Path(path).stem.lower()
    return sum(word in name for word in _FANCY)
