"""Options that take all words up to the next option, as a shell's `*` gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from vaecli.cli import help  # noqa: A004 - named after what it writes


class Command(help.Command):
    """A command some of whose options take many words."""

    many: ClassVar[tuple[str, ...]] = ("--images", "--compare")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line after giving each word its own option."""
        for option in self.many:
            args = each_its_own(option, args)
        return super().parse_args(ctx, args)


def each_its_own(option: str, arguments: Sequence[str]) -> list[str]:
    """Return arguments in which an option stands before each of its values.

    >>> each_its_own("--images", ["toy-1", "--images", "a.png", "b.png", "-q"])
    ['toy-1', '--images', 'a.png', '--images', 'b.png', '-q']
    """
    spread: list[str] = []
    inside = False
    for argument in arguments:
        if argument.startswith("-") and argument != "-":
            inside = argument == option
        elif inside and spread[-1] != option:
            spread.append(option)
        spread.append(argument)
    return spread
