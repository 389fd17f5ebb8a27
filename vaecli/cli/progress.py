"""How a training looks from outside: bars and a table on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from vaecli import chatter
from vaecli.cli.streams import Streams
from vaecli.metrics import line
from vaecli.observers import OpenLog, Silent
from vaecli.words import nats

if TYPE_CHECKING:
    from vaecli.network import EpochResult, Progress
    from vaecli.store import Run

_ROWS = 8  # epochs that the table shows


class Lines(Silent):
    """One plain line for each epoch, once it is on disk."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def says(self, line: str) -> None:
        """Write the line."""
        self._streams.say(line)

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Send the libraries' messages to the run's log."""
        chatter.keep_in(open_log())

    def saved(self, result: EpochResult, total: int) -> None:
        """Write the epoch's line."""
        self._streams.say(f"epoch {result.epoch}/{total} saved · {line(result.metrics)}")


class Bars(Silent):
    """Bars for the training and its epoch under a table of the last epochs; a context manager."""

    def __init__(self, streams: Streams) -> None:
        from rich.console import Console
        from rich.live import Live

        self._streams = streams
        self._rows: list[tuple[str, ...]] = []
        self._done, self._total, self._start, self._clock = 0, 1, 0, 0.0
        self._now: Progress | None = None
        console = Console(file=streams.err)
        self._live = Live(console=console, refresh_per_second=5, get_renderable=self._picture)

    def __enter__(self) -> Bars:
        """Draw nothing yet: there may be words before the training begins."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Leave the last state on the screen."""
        self._now = None
        self._live.stop()
        self._streams.over = None

    def says(self, line: str) -> None:
        """Write the line above whatever is drawn."""
        self._streams.say(line)

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Send the libraries' messages to the run's log, start the clock, and draw."""
        chatter.keep_in(open_log())
        self._start, self._total, self._clock = max(start - 1, 0), total, time.monotonic()
        self._done = self._start
        self._streams.over = self._say_above
        self._live.start()

    def advances(self, progress: Progress) -> None:
        """Move the epoch's bar."""
        self._now = progress

    def saved(self, result: EpochResult, total: int) -> None:
        """Add the epoch to the table."""
        metrics = result.metrics
        speed = metrics.images_per_second
        self._done, self._now = result.epoch, None
        self._rows.append(
            (
                f"{result.epoch}/{total}",
                *map(nats, (metrics.negative_elbo, metrics.reconstruction, metrics.kl)),
                f"{metrics.active_units}/{len(metrics.kl_per_latent)}",
                "–" if speed is None else f"{speed:,.0f}",
            )
        )

    def _say_above(self, line: str) -> None:
        from rich.text import Text

        self._live.console.print(Text(line))

    def _picture(self) -> Any:
        from rich.console import Group
        from rich.table import Table

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("epoch", "−ELBO", "= reconstruction", "+ KL", "active", "images/s"):
            table.add_column(title, justify="right")
        for row in self._rows[-_ROWS:]:
            table.add_row(*row)
        return Group(table, self._bars())

    def _bars(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        part = self._now.step / self._now.steps if self._now else 0.0
        done, whole = self._done + part - self._start, max(self._total - self._start, 1)
        bars = Table.grid(padding=(0, 2, 0, 0))
        left = self._remaining(done / whole)
        bars.add_row("training", ProgressBar(total=whole, completed=done, width=40), left)
        if self._now:
            words = f"loss {nats(self._now.loss)} · {self._now.images_per_second:,.0f} images/s"
            bars.add_row(f"epoch {self._now.epoch}", ProgressBar(total=1.0, completed=part, width=40), words)
        return bars

    def _remaining(self, part: float) -> str:
        if part <= 0.0 or part >= 1.0:
            return ""
        seconds = (time.monotonic() - self._clock) * (1.0 - part) / part
        return f"{int(seconds // 60)}:{int(seconds % 60):02d} left"
