"""A figure on its way out: to a file whose path is printed, or to stdout as bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vaecli import chatter
from vaecli.cli.output import deliver, names_format
from vaecli.cli.streams import Streams

if TYPE_CHECKING:
    from vaecli.figures.figure import Figure


def draw(make: Callable[[Streams], Figure], output: str | None, *, as_json: bool, quiet: bool) -> None:
    """Draw a figure and deliver it: all that a command does that draws.

    Args:
        make: Gives the figure, and says on the way what takes its time.
        output: What the user gave for `-o`.
        as_json: Print the figure's facts.
        quiet: Say nothing on stderr but errors.
    """
    streams = Streams(quiet=quiet, as_json=as_json)
    check_ending(output)
    with chatter.aside():
        figure = make(streams)
    deliver_figure(streams, output, figure)


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
