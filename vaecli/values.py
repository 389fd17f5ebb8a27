"""Words that users write, and the values that they stand for: checked, or refused in words.

A word comes from the command line, a settings file or `run.json`. Whoever declares a
setting says its type and its limits; what is asked for and was not given is said here,
in the same way for all of them.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from vaecli.errors import UsageError

#: Pixels that a side of an image may have.
SMALLEST_SIDE, LARGEST_SIDE = 4, 1024


def plain(value: object) -> str:
    """Return a value as a user would type it.

    >>> plain(2.0), plain("conv")
    ('2', 'conv')
    """
    return str(value).removesuffix(".0")


def parse_size(size: str, smallest: int = SMALLEST_SIDE, largest: int = LARGEST_SIDE) -> tuple[int, int]:
    """Return `(height, width)` of a size as users write it.

    Raises:
        UsageError: If it is not a size, or too small or large.

    >>> parse_size("64x48"), parse_size("64")
    ((64, 48), (64, 64))
    """
    match = re.fullmatch(r"([0-9]{1,4})(?:[x×]([0-9]{1,4}))?", size.strip().lower())
    sides = [int(side) for side in match.groups(default=match[1])] if match else []
    if not sides or not all(smallest <= side <= largest for side in sides):
        raise UsageError(
            f"size is {size!r}.",
            f"Expected: a side or height × width from {smallest} to {largest}, for example 64 or 64x48.",
        )
    return sides[0], sides[1]


def parse_capacity(word: str) -> tuple[float, float | None]:
    """Return the nats of a capacity, and the epochs within which it rises, if they are said.

    Raises:
        UsageError: If it is something else.

    >>> parse_capacity("25"), parse_capacity("7.5:10")
    ((25.0, None), (7.5, 10.0))
    """
    number = r"([0-9]{1,6}(?:\.[0-9]{0,6})?)"
    match = re.fullmatch(rf"{number}(?::{number})?", word.strip())
    if not match:
        raise UsageError(
            f"capacity is {word!r}.", "Expected: nats, and after a colon epochs, for example 25 or 25:10."
        )
    return float(match[1]), float(match[2]) if match[2] else None


def parse_range(word: str) -> tuple[float, float]:
    """Return `(low, high)` of a range as users write it.

    Raises:
        UsageError: If it is not two numbers, the smaller one first.

    >>> parse_range("-1000, 2e3")
    (-1000.0, 2000.0)
    """
    ends: list[float] = []
    with suppress(ValueError):
        ends = [float(end) for end in word.split(",")]
    if len(ends) != 2 or not all(map(math.isfinite, ends)) or ends[0] >= ends[1]:
        raise UsageError(f"range is {word!r}.", "Expected: two numbers, black and white, for example 0,4095.")
    return ends[0], ends[1]


def parse_bands(word: str) -> tuple[int, ...]:
    """Return the numbers of one channel, or of three, as users write them.

    Raises:
        UsageError: If it is something else.

    >>> parse_bands("4, 3, 2"), parse_bands("1")
    ((4, 3, 2), (1,))
    """
    match = re.fullmatch(r"([1-9][0-9]{0,3})(?:,([1-9][0-9]{0,3}),([1-9][0-9]{0,3}))?", word.replace(" ", ""))
    if not match:
        raise UsageError(f"bands is {word!r}.", "Expected: one channel or three, counted from 1, as 4,3,2.")
    return tuple(int(number) for number in match.groups() if number)


def parse_frames(word: str) -> int | None:
    """Return which frame of a file is meant, from 0; None if all of them.

    Raises:
        UsageError: If it is neither a number from 1 nor `all`.

    >>> parse_frames("3"), parse_frames("all")
    (2, None)
    """
    if not re.fullmatch(r"all|[1-9][0-9]{0,8}", word):
        raise UsageError(f"frames is {word!r}.", "Expected: all, or the number of a frame from 1.")
    return None if word == "all" else int(word) - 1


def parse_table(word: str) -> tuple[str, str] | None:
    """Return the path of a CSV file and the column after it, if a word is that.

    >>> parse_table("meta/labels.csv:patient"), parse_table("a.csv"), parse_table("(.*)_[0-9]+")
    (('meta/labels.csv', 'patient'), ('a.csv', ''), None)
    """
    match = re.fullmatch(r"(.+\.csv)(?::(.+))?", word, re.IGNORECASE)
    return (match[1], match[2] or "") if match else None


def refuse_unknown(given: Mapping[str, Any], known: list[str]) -> None:
    """Raise `UsageError` for the first key that is not known."""
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise UsageError(
                f"Unknown setting {key!r}.",
                mend=f"Did you mean {near[0]!r}?" if near else f"Known settings: {', '.join(known)}.",
            )


def parse_value(name: str, word: Any, annotation: str, limits: Mapping[str, Any]) -> Any:
    """Return the value that a word of the command line or of a settings file stands for.

    Args:
        name: What to call it in an error.
        word: A word, or a value that has its type already.
        annotation: `int`, `float` or `str`, or one of them `| None`.
        limits: `choices`, `minimum`, `maximum`, or `above`, an exclusive minimum; with `auto`, the word
            auto stands for None.

    Raises:
        UsageError: If it is of another type, or out of range.

    >>> parse_value("channels", "auto", "int | None", {"choices": (1, 3), "auto": True})
    >>> parse_value("epochs", "20", "int", {"minimum": 1})
    20
    """
    if limits.get("auto"):
        if str(word).strip().lower() == "auto":
            return None
        limits = {**limits, "choices": ("auto", *limits["choices"])}
    value = word if annotation.startswith("str") else _number(word, annotation)
    check(name, value, annotation, limits)
    return value


def _number(word: Any, annotation: str) -> Any:
    """Return the number that a word stands for; what stands for none as it is."""
    is_whole = annotation.startswith("int")
    if isinstance(word, str):
        for kind in (int, float) if is_whole else (float,):
            with suppress(ValueError):
                word = kind(word)
                break
    return int(word) if is_whole and isinstance(word, float) and word.is_integer() else word


def check(name: str, value: Any, annotation: str, limits: Mapping[str, Any]) -> None:
    """Raise `UsageError` unless `value` has the annotated type and respects the limits."""
    if value is None and "None" in annotation:
        return
    if choices := limits.get("choices"):
        _check_choice(name, value, choices, limits.get("offered", choices))
    kind, wanted = _KINDS[annotation.split(" ", maxsplit=1)[0]]
    is_of_kind = isinstance(value, kind) and not isinstance(value, bool)
    if not is_of_kind or (kind is not str and not _is_within(value, limits)):
        shown = plain(value) if is_of_kind and kind is not str else repr(value)
        raise UsageError(f"{_option(name)} is {shown}.", f"Expected: {wanted}{_range_words(limits)}.")


#: Annotation → the types that a value may have, and what a value of them is called.
_KINDS: Mapping[str, tuple[Any, str]] = {
    "int": (int, "a whole number"),
    "float": ((int, float), "a number"),
    "str": (str, "text"),
}


def _is_within(value: float, limits: Mapping[str, Any]) -> bool:
    """Tell whether a number is finite and within its limits."""
    above, minimum, maximum = (limits.get(limit) for limit in ("above", "minimum", "maximum"))
    return (
        math.isfinite(value)
        and (above is None or value > above)
        and (minimum is None or value >= minimum)
        and (maximum is None or value <= maximum)
    )


def _range_words(limits: Mapping[str, Any]) -> str:
    """Return limits as they follow on the kind of number that they limit.

    >>> _range_words({"minimum": 1, "maximum": 4096}), _range_words({"above": 0.0, "maximum": 10.0})
    (' from 1 to 4096', ' above 0, at most 10')
    """
    above, minimum, maximum = (
        None if limits.get(limit) is None else plain(limits[limit])
        for limit in ("above", "minimum", "maximum")
    )
    if minimum is not None and maximum is not None:
        return f" from {minimum} to {maximum}"
    ends = [f"above {above}"] * (above is not None) + [f"at least {minimum}"] * (minimum is not None)
    ends += [f"at most {maximum}"] * (maximum is not None)
    return f" {', '.join(ends)}" if ends else ""


def _option(name: str) -> str:
    """Return the name of a field as the command line spells it."""
    return name.replace("_", "-")


def _check_choice(name: str, value: Any, choices: Collection[Any], offered: Collection[Any]) -> None:
    """Raise `UsageError` unless `value` is one of the choices; it names those that are offered."""
    if value not in choices or isinstance(value, bool):
        words = [str(choice) for choice in offered]
        near = difflib.get_close_matches(str(value), words, n=1)
        raise UsageError(
            f"{_option(name)} is {value!r}.",
            f"Expected one of: {', '.join(words)}.",
            f"Did you mean {near[0]!r}?" if near else "",
        )
