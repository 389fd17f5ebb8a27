"""A figure on its way out: to a file whose path is printed, or to stdout as bytes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vaecli import chatter
from vaecli.cli.output import deliver, names_format
from vaecli.cli.streams import Streams

if TYPE_CHECKING:
    from vaecli.figures.figure import Figure


#: Endings that ask for an animation.
MOVING_ENDINGS = {".gif", ".webp", ".mp4"}


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
    with chatter.aside(), _warnings_said(streams):
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
    with _warnings_said(streams):
        deliver(
            streams,
            output,
            figure.default_name,
            lambda file, ending: figure.write(file, ending.removeprefix(".")),
            figure.facts,
        )


@contextmanager
def _warnings_said(streams: Streams) -> Iterator[None]:
    """Say what drawing warns of: letters that no font has. Other warnings go their usual way."""
    from vaecli.render.fonts import MissingLetters

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MissingLetters)
        try:
            yield
        finally:
            said = [str(each.message) for each in caught if issubclass(each.category, MissingLetters)]
            streams.say(*dict.fromkeys(said))
    for each in caught:
        if not issubclass(each.category, MissingLetters):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
