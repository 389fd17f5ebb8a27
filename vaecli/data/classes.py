"""Classes by their names, or by parts of them that no other name has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from unicodedata import normalize

from vaecli.errors import DataError


def choose_classes(words: Sequence[str], class_names: Sequence[str]) -> tuple[int, ...]:
    """Return the classes that words mean, ascending; all of them where there are no words.

    A class is meant by its name, or by a part that is in no other name; case does not count.

    Raises:
        DataError: If a word means no class, or several; near ones are suggested.

    >>> choose_classes(["boot", "shirt"], ["t-shirt", "shirt", "ankle boot"])
    (1, 2)
    """
    return tuple(sorted({_meant(word, class_names) for word in words} or range(len(class_names))))


def _meant(word: str, class_names: Sequence[str]) -> int:
    """Return the one class that a word means."""
    plain = normalize("NFC", word).casefold()
    names = [normalize("NFC", name).casefold() for name in class_names]
    if plain in names:
        return names.index(plain)
    found = [number for number, name in enumerate(names) if plain in name]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError(
            f"{word!r} matches several classes.",
            f"Expected one of: {_listed([class_names[number] for number in found])}.",
        )
    near = difflib.get_close_matches(plain, names, n=1, cutoff=0.5)
    raise DataError(
        f"No class is called {word!r}.",
        f"Expected one or more of: {_listed(class_names)}.",
        f"Did you mean {class_names[names.index(near[0])]!r}?" if near else "",
    )


def _listed(names: Sequence[str], most: int = 20) -> str:
    """Return names in one line, the first of many."""
    return ", ".join(names[:most]) + (f" … ({len(names)} in total)" if len(names) > most else "")
