"""How the images of any set are cut, scaled, coloured and split, as users ask for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaecli.errors import UsageError

FITS = ("cover", "contain", "stretch")
LARGEST_SIDE = 1024
#: Of images that came without a split of their own, so many are held out.
TEST_FRACTION = 0.1


@dataclass(frozen=True)
class Knobs:
    """What to do with the images of a set, whatever it is.

    Attributes:
        size: `(height, width)` of the images; None leaves them as they are.
        channels: 1 or 3; None is 1 if every image is grey, else 3.
        fit: How an image of other proportions gets its size: `cover` cuts off what does not
            fit, `contain` leaves bars of the background, `stretch` distorts.
        background: `(red, green, blue)` behind what is transparent, and beside what is contained.
        classes: Parts of the names of the classes to keep; none keeps all.
        test_fraction: The part of the images to hold out where a set has no split of its own.
        seed: Which images are held out follows from it and from their content.
        stream: Whether image files that are many are decoded whenever they are taken, rather
            than once into the cache on the disk. The images are the same.
    """

    size: tuple[int, int] | None = None
    channels: int | None = None
    fit: str = "cover"
    background: tuple[int, int, int] = (0, 0, 0)
    classes: tuple[str, ...] = ()
    test_fraction: float | None = None
    seed: int = 0
    stream: bool = False

    @classmethod
    def parse(
        cls,
        *,
        size: str | None = None,
        channels: int | None = None,
        fit: str = "cover",
        background: str = "black",
        classes: str | None = None,
        test_fraction: float | None = None,
        seed: int = 0,
        stream: bool = False,
    ) -> Knobs:
        """Return the knobs that words stand for.

        Raises:
            UsageError: If one makes no sense; the message names it.

        >>> Knobs.parse(size="64x48", classes="cat, dog").classes
        ('cat', 'dog')
        """
        if channels not in {None, 1, 3}:
            raise UsageError(f"channels is {channels}.", "Expected: 1 or 3.")
        if fit not in FITS:
            raise UsageError(f"fit is {fit!r}.", f"Expected one of: {', '.join(FITS)}.")
        if test_fraction is not None and not 0 < test_fraction < 1:
            raise UsageError(f"test-fraction is {test_fraction}.", "Expected: more than 0, less than 1.")
        return cls(
            size=None if size is None else parse_size(size),
            channels=channels,
            fit=fit,
            background=parse_colour(background),
            classes=tuple(filter(None, (word.strip() for word in (classes or "").split(",")))),
            test_fraction=test_fraction,
            seed=seed,
            stream=stream,
        )


def parse_size(size: str, smallest: int = 4, largest: int = LARGEST_SIDE) -> tuple[int, int]:
    """Return `(height, width)` of a size as users write it.

    Raises:
        UsageError: If it is no size, or too small or large.

    >>> parse_size("64x48")
    (64, 48)
    """
    match = re.fullmatch(r"([0-9]{1,4})(?:[x×]([0-9]{1,4}))?", size.strip().lower())
    sides = [int(side) for side in match.groups(default=match[1])] if match else []
    if not sides or not all(smallest <= side <= largest for side in sides):
        raise UsageError(
            f"size is {size!r}.",
            f"Expected: a side or height × width from {smallest} to {largest}, for example 64 or 64x48.",
        )
    return sides[0], sides[1]


def parse_colour(word: str) -> tuple[int, int, int]:
    """Return `(red, green, blue)` of a colour's name or its hexadecimal digits.

    Raises:
        UsageError: If it is no colour.

    >>> parse_colour("#ff8000")
    (255, 128, 0)
    """
    from PIL import ImageColor

    try:
        red, green, blue = ImageColor.getrgb(word.strip())[:3]
    except ValueError as error:
        raise UsageError(
            f"background is {word!r}.", "Expected: a colour, for example white or '#336699'."
        ) from error
    return red, green, blue
