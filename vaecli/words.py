"""How foreign text and numbers are written wherever a person reads them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: Control characters, format characters (bidi among them), line and paragraph separators, surrogates.
_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def plain(text: object) -> str:
    r"""Return text that no terminal takes for a command, on one line.

    >>> plain("red \x1b[31m, two\nlines")
    'red \\x1b[31m, two\\nlines'
    """
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNSAFE
        else character
        for character in str(text)
    )


def number(value: float, form: str = "g") -> str:
    """Return a number in a format of Python's, with a minus sign (−) instead of a hyphen.

    >>> number(-0.5), number(-3021.4, ",.1f"), number(-0.0)
    ('−0.5', '−3,021.4', '0')
    """
    return format(value + 0.0, form).replace("-", "−")


def spans(numbers: Iterable[int]) -> str:
    """Return whole numbers in short, those that follow one another as a span.

    >>> spans([0, 1, 2, 3, 5, 8, 9]), spans([])
    ('0–3, 5, 8, 9', '')
    """
    found: list[list[int]] = []
    for each in sorted(numbers):
        if found and each == found[-1][-1] + 1:
            found[-1].append(each)
        else:
            found.append([each])
    return ", ".join(
        f"{span[0]}–{span[-1]}" if len(span) > 2 else ", ".join(map(str, span)) for span in found
    )


def nats(value: float, digits: int = 1) -> str:
    """Return a figure in nats; it is negative where a density is larger than 1.

    >>> nats(271.44), nats(-3021.4), nats(-3021.4, 2)
    ('271.4', '−3021.4', '−3021.40')
    """
    return number(value, f".{digits}f")
