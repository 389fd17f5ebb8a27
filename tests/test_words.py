"""Foreign text cannot command a terminal."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from vaecli.words import number, plain


@given(st.text())
def test_no_control_bidi_or_separator_character_comes_out(text):
    categories = {unicodedata.category(character) for character in plain(text)}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_ordinary_text_stays_as_it_is():
    assert plain("−ELBO 271.4 · β = 1 · é 猫 [bold]") == "−ELBO 271.4 · β = 1 · é 猫 [bold]"


def test_a_command_to_the_terminal_is_shown_and_not_obeyed():
    assert plain("\x1b[2J\u202e") == "\\x1b[2J\\u202e"


def test_a_number_is_written_with_a_minus_sign_and_never_minus_zero():
    assert [number(value, ".1f") for value in (-0.04, -2.0, 2.0)] == ["−0.0", "−2.0", "2.0"]
    assert number(-0.0) == "0"
    assert "-" not in number(-1e-9, ".0e")
