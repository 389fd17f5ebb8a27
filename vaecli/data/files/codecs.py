"""In which code the names of a zip are written, where the zip does not say so.

By its specification such names are of the first IBM PC, code page 437. Systems in other countries write their
own, without a word: read as 437, Japanese names are boxes and lines. So a code is looked for in which all
names consist of letters of one kind.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

IBM = "cp437"
#: Codes that are tried, in this order, where names are not plausible as IBM's; and what users call them.
CODECS = {
    "utf-8": "UTF-8",
    "cp932": "Shift-JIS",
    "cp949": "Korean (EUC-KR)",
    "gb18030": "Chinese (GBK)",
    "big5": "Chinese (Big5)",
    "cp866": "Cyrillic (code page 866)",
}
#: How the Unicode names of the letters begin that a code is for.
_LETTERS = {
    "utf-8": ("",),
    "cp932": ("HIRAGANA", "KATAKANA", "CJK", "FULLWIDTH"),
    "cp949": ("HANGUL",),
    "gb18030": ("CJK",),
    "big5": ("CJK",),
    "cp866": ("CYRILLIC",),
    IBM: ("LATIN", "GREEK"),
}


def codec_of(names: Iterable[bytes]) -> str:
    """Return the code that names are written in.

    >>> codec_of(["ねこ/1.png".encode("shift-jis"), b"2.png"])
    'cp932'
    >>> codec_of(["Käse/1.png".encode("cp437")]), codec_of(["Käse/1.png".encode()])
    ('cp437', 'utf-8')
    """
    foreign = [name for name in names if not name.isascii()]
    if not foreign or (_suits(foreign, IBM) and not _suits(foreign, "utf-8")):
        return IBM
    return next((codec for codec in CODECS if _suits(foreign, codec)), IBM)


def _suits(names: list[bytes], codec: str) -> bool:
    """Tell whether all that is not ASCII in names are letters that a code is for."""
    try:
        signs = {sign for name in names for sign in name.decode(codec) if not sign.isascii()}
    except UnicodeDecodeError:
        return False
    if codec == "utf-8":
        return True
    letters = [sign for sign in signs if unicodedata.category(sign)[0] in "LM"]
    return len(letters) == len(signs) and all(
        unicodedata.name(sign, "").startswith(_LETTERS[codec]) for sign in letters
    )
