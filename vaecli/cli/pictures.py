"""A figure on its way out: to a file whose path is printed, or to stdout as bytes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vaecli import chatter
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    Output,
    Quiet,
    number_option,
    open_run,
    option,
    with_options,
)
from vaecli.cli.output import deliver, names_format
from vaecli.cli.streams import Streams

if TYPE_CHECKING:
    from vaecli.figures.figure import Figure
    from vaecli.store import Run


Callback = TypeVar("Callback", bound=Callable[..., None])

_PANEL: dict[str, Any] = {"rich_help_panel": "Output"}

#: The options of every command that draws a run: where it is, where the figure goes, and how it is dressed.
_OPTIONS = (
    option("output", Output, None),
    option("artifacts", Artifacts, DEFAULT_ARTIFACTS),
    option("as_json", AsJson, False),
    option("quiet", Quiet, False),
    option(
        "title",
        Annotated[str, typer.Option("--title", metavar="TEXT", help="Write this above it.", **_PANEL)],
        "",
    ),
    option(
        "caption",
        Annotated[
            bool,
            typer.Option(
                "--caption", help="Write below it what it shows and how the run was trained.", **_PANEL
            ),
        ],
        False,
    ),
    option("dark", Annotated[bool, typer.Option("--dark", help="Draw light on dark.", **_PANEL)], False),
    option(
        "width",
        Annotated[
            float | None,
            number_option(
                float, "--width", least=1, most=200, metavar="CM", help="Make it so wide on paper."
            ),
        ],
        None,
    ),
    option(
        "dpi",
        Annotated[
            float | None,
            number_option(
                float, "--dpi", least=30, most=2400, help="Give it at least so many dots per inch of paper."
            ),
        ],
        None,
    ),
)

#: Endings that ask for an animation.
_MOVING = {".gif", ".webp", ".mp4"}


def drawing_options(command: Callback) -> Callback:
    """Give a command the options of `draw`; it takes their values as its `**drawing` and hands them on."""
    return with_options(command, _OPTIONS)


@dataclass(frozen=True)
class Desk:
    """What a figure of runs is drawn with.

    Attributes:
        streams: Where to say what takes its time.
        artifacts: Where the runs are.
        output: What the user gave for `-o`.
    """

    streams: Streams
    artifacts: Path
    output: str | None

    def open(self, reference: str) -> Run:
        """Return the run that a reference means."""
        return open_run(self.artifacts, reference)

    def open_all(self, references: Iterable[str] | None) -> list[Run]:
        """Return the runs that references mean."""
        return [self.open(reference) for reference in references or ()]

    def say(self, line: str) -> None:
        """Say a line on stderr, unless quiet."""
        self.streams.say(line)

    @property
    def asks_to_move(self) -> bool:
        """Whether the file that was asked for is an animation."""
        return Path(self.output or "").suffix.lower() in _MOVING


def draw(
    make: Callable[[Desk], Figure],
    *,
    output: str | None,
    as_json: bool,
    quiet: bool,
    artifacts: Path = DEFAULT_ARTIFACTS,
    **look: Any,
) -> None:
    """Draw a figure and deliver it: all that a command does that draws.

    Args:
        make: Gives the figure, and says on the way what takes its time.
        output: What the user gave for `-o`.
        as_json: Print the figure's facts.
        quiet: Say nothing on stderr but errors.
        artifacts: Where runs are.
        look: How the figure is dressed, as `Figure.dressed` takes it.
    """
    streams = Streams(quiet=quiet, as_json=as_json)
    check_ending(output)
    with chatter.aside(), _warnings_said(streams):
        figure = make(Desk(streams, artifacts, output))
    deliver_figure(streams, output, figure, **look)


def check_ending(output: str | None) -> None:
    """Refuse a file whose ending is not that of a picture, before anything is drawn.

    Raises:
        UsageError: If so.
    """
    if names_format(output):
        from vaecli.render.encode import format_of

        format_of(str(output))


def deliver_figure(streams: Streams, output: str | None, figure: Figure, **look: Any) -> None:
    """Write a figure to a file and print its path, or write its bytes to stdout.

    Args:
        streams: Where to print.
        output: What the user gave for `-o`.
        figure: What to write; its format and its name hold where nothing was given.
        look: How the figure is dressed, as `Figure.dressed` takes it.
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
