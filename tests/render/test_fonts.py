"""Letters that the typeface lacks, found in the fonts that matplotlib brings."""

import warnings
from pathlib import Path

import matplotlib as mpl
import pytest

from vaecli.render.fonts import MissingLetters, characters_of, covering, families_for
from vaecli.render.style import typeface

FONTS = [str(path) for path in (Path(mpl.get_data_path()) / "fonts" / "ttf").glob("*.ttf")]


def test_the_typeface_has_what_europe_writes():
    with warnings.catch_warnings(action="error"):
        assert families_for("Käse, ñandú, кот, γάτα") == typeface()


def test_another_font_is_found_for_letters_that_one_lacks():
    sans = next(path for path in FONTS if path.endswith("DejaVuSans.ttf"))
    letter = chr(min(set().union(*map(characters_of, FONTS)) - characters_of(sans)))
    chosen, lacking = covering(letter + "a", FONTS)
    assert ord(letter) in set().union(*map(characters_of, chosen))
    assert lacking == frozenset()


def test_an_upright_font_of_a_usual_weight_is_preferred():
    assert [Path(path).name for path in covering("aä", FONTS)[0]] == ["DejaVuSans.ttf"]


def test_a_letter_that_no_font_has_is_told_with_the_package_that_brings_it():
    assert covering("\ue0ff" + "a", [])[1] == {"\ue0ff", "a"}
    with pytest.warns(MissingLetters, match=r"no installed font has; the package fonts-noto-core has them\."):
        families_for("\U000e0fff")


def test_a_file_that_is_no_font_has_no_letters(tmp_path):
    (tmp_path / "a.ttf").write_bytes(b"no font")
    assert characters_of(str(tmp_path / "a.ttf")) == frozenset()
