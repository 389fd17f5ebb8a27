"""A figure on its way out: to a file whose path is printed, or to stdout as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaecli.cli.output import deliver, names_format
from vaecli.cli.streams import Streams

if TYPE_CHECKING:
    from vaecli.figures.figure import Figure


def check_ending(output: str | None) -> None:
    """Refuse a file whose ending is not that of a picture, before anything is drawn.

    Raises:
        UsageError: If so.
    """
    if names_format(output):
        from vaecli.render.encode import format_of

        format_of(str(output))


def deliver_figure(streams: Streams, output: str | None, figure: Figure) -> None:
    """Write a figure to a file and print its path, or write its bytes to stdout.

    Args:
        streams: Where to print.
        output: What the user gave for `-o`.
        figure: What to write; its format and its name hold where nothing was given.
    """
    deliver(
        streams,
        output,
        figure.default_name,
        lambda file, ending: figure.write(file, ending.removeprefix(".")),
        figure.facts,
    )
