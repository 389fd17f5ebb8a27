"""Foreign names: in the order that people expect, shown safely, shortened for runs."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

_LONGEST_NAME = 60


def natural(text: str) -> list[tuple[bool, int, str]]:
    """Return what to sort text by, so that numbers in it count as numbers.

    >>> sorted(["10", "a2", "9"], key=natural)
    ['9', '10', 'a2']
    """
    parts = filter(None, re.split(r"([0-9]{1,18})", text))
    keys = [(True, 0, part) if part[0] not in "0123456789" else (False, int(part), part) for part in parts]
    return [*keys, (False, -1, text)]


def tidy(name: str, longest: int = _LONGEST_NAME) -> str:
    """Return a foreign name that can be shown: one line, no control characters, not long.

    Letters with accents are single signs: Macs write them as two, and mean the same name.
    """
    signs = unicodedata.normalize("NFC", name)
    shown = "".join("\ufffd" if unicodedata.category(sign)[0] == "C" else sign for sign in signs).strip()
    return (shown if len(shown) <= longest else f"{shown[: longest - 1]}…") or "?"


def short_name(path: Path) -> str:
    """Return a name for runs that a path suggests: short, and safe in every shell.

    >>> short_name(Path("/data/My Pictures (2024).zip"))
    'my-pictures-2024'
    """
    stem = path.name if path.is_dir() else path.name.split(".")[0]
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:32].strip("-") or "images"
