"""Words of the command line that mean numbers: epochs and latents."""

from __future__ import annotations

from typing import Literal

from vaecli.errors import UsageError


def parse_numbers(text: str, option: str, *, lowest: int) -> list[int]:
    """Return the numbers of a list such as `0,1,5`.

    Raises:
        UsageError: If it is not one.

    >>> parse_numbers("0, 1,20", "--epochs", lowest=0)
    [0, 1, 20]
    """
    words = text.split(",")
    if not all(word.strip().isascii() and word.strip().isdigit() for word in words):
        raise UsageError(
            f"{option} is {text!r}.", f"Expected: numbers separated by commas, such as {lowest},{lowest + 1}."
        )
    numbers = [int(word) for word in words]
    if min(numbers) < lowest:
        raise UsageError(f"{option} is {text!r}.", f"Expected: numbers from {lowest}.")
    return numbers


def parse_dims(text: str | None) -> list[int] | None:
    """Return the latents of `--dims`, counted from 0; on the command line they count from 1.

    >>> parse_dims("1,3")
    [0, 2]
    """
    if text is None:
        return None
    return [number - 1 for number in parse_numbers(text, "--dims", lowest=1)]


def chosen_epochs(epoch: int | None, *, epochs_gif: bool) -> int | Literal["all"] | None:
    """Return the epochs that `--epoch` and `--epochs-gif` choose; None for the last one.

    Raises:
        UsageError: If both were given.

    >>> chosen_epochs(3, epochs_gif=False), chosen_epochs(None, epochs_gif=True)
    (3, 'all')
    """
    if epochs_gif and epoch is not None:
        raise UsageError("--epochs-gif and --epoch cannot be combined.")
    return "all" if epochs_gif else epoch
