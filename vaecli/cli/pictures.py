"""A figure on its way out: to a file whose path is printed, or to stdout as bytes."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vaecli import chatter
from vaecli.cli.options import number_option
from vaecli.cli.output import deliver, names_format
from vaecli.cli.streams import Streams

if TYPE_CHECKING:
    from vaecli.figures.figure import Figure


Callback = TypeVar("Callback", bound=Callable[..., None])

_PANEL: dict[str, Any] = {"rich_help_panel": "Output"}

#: The options that dress a figure, and what they are where nothing is given.
_LOOK: dict[str, tuple[Any, Any]] = {
    "title": (
        Annotated[str, typer.Option("--title", metavar="TEXT", help="Write this above it.", **_PANEL)],
        "",
    ),
    "caption": (
        Annotated[
            bool,
            typer.Option(
                "--caption", help="Write below it what it shows and how the run was trained.", **_PANEL
            ),
        ],
        False,
    ),
    "dark": (Annotated[bool, typer.Option("--dark", help="Draw light on dark.", **_PANEL)], False),
    "width": (
        Annotated[
            float | None,
            number_option(
                float, "--width", least=1, most=200, metavar="CM", help="Make it so wide on paper."
            ),
        ],
        None,
    ),
    "dpi": (
        Annotated[
            float | None,
            number_option(
                float, "--dpi", least=30, most=2400, help="Give it at least so many dots per inch of paper."
            ),
        ],
        None,
    ),
}

#: Endings that ask for an animation.
MOVING_ENDINGS = {".gif", ".webp", ".mp4"}


def draw(
    make: Callable[[Streams], Figure], output: str | None, *, as_json: bool, quiet: bool, **look: Any
) -> None:
    """Draw a figure and deliver it: all that a command does that draws.

    Args:
        make: Gives the figure, and says on the way what takes its time.
        output: What the user gave for `-o`.
        as_json: Print the figure's facts.
        quiet: Say nothing on stderr but errors.
        look: What the options of `look_options` say, as `Figure.dressed` takes it.
    """
    streams = Streams(quiet=quiet, as_json=as_json)
    check_ending(output)
    with chatter.aside(), _warnings_said(streams):
        figure = make(streams)
    deliver_figure(streams, output, figure, **look)


def check_ending(output: str | None) -> None:
    """Refuse a file whose ending is not that of a picture, before anything is drawn.

    Raises:
        UsageError: If so.
    """
    if names_format(output):
        from vaecli.render.encode import format_of

        format_of(str(output))


def look_options(command: Callback) -> Callback:
    """Give a command the options that dress a figure; it takes their values as its `**look`."""
    own = inspect.signature(command, eval_str=True)
    written = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    more = [
        inspect.Parameter(name, kind, default=default, annotation=annotation)
        for name, (annotation, default) in _LOOK.items()
    ]
    command.__signature__ = own.replace(parameters=[*written, *more])  # type: ignore[attr-defined]
    return command


def deliver_figure(streams: Streams, output: str | None, figure: Figure, **look: Any) -> None:
    """Write a figure to a file and print its path, or write its bytes to stdout.

    Args:
        streams: Where to print.
        output: What the user gave for `-o`.
        figure: What to write; its format and its name hold where nothing was given.
        look: What the options of `look_options` say, as `Figure.dressed` takes it.
    """
    if any(look.values()):
        figure = figure.dressed(**look)
    with _warnings_said(streams):
        deliver(
            streams,
            output,
            figure.default_name,
            lambda file, ending: figure.write(file, ending.removeprefix(".")),
            {**figure.facts, "caption": figure.caption},
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
