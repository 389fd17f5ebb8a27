"""How a training looks from outside: bars and a table on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vaecli.cli import chatter
from vaecli.cli.streams import Streams

if TYPE_CHECKING:
    from vaecli.network import EpochResult, Progress
    from vaecli.store import Run

_ROWS = 8  # epochs that the table shows


class Observer(Protocol):
    """Who is told what happens while a run trains."""

    def begins(self, run: Run, log: Path, start: int, total: int) -> None:
        """Hear that a run trains the epochs start…total and where its log is."""

    def advances(self, progress: Progress) -> None:
        """Hear how far an epoch has come."""

    def saved(self, result: EpochResult, total: int) -> None:
        """Hear that an epoch is on disk."""


class Silent:
    """An observer that keeps what it hears to itself."""

    def begins(self, run: Run, log: Path, start: int, total: int) -> None:
        """Say nothing."""

    def advances(self, progress: Progress) -> None:
        """Say nothing."""

    def saved(self, result: EpochResult, total: int) -> None:
        """Say nothing."""


class Lines(Silent):
    """One plain line for each epoch, once it is on disk."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def begins(self, run: Run, log: Path, start: int, total: int) -> None:
        """Send the libraries' chatter to the run's log."""
        chatter.keep_in(log)

    def saved(self, result: EpochResult, total: int) -> None:
        """Write the epoch's line."""
        self._streams.say(f"epoch {result.epoch}/{total} saved · {' · '.join(figures(result).values())}")


class Bars(Silent):
    """Bars for the training and its epoch over a table of the last epochs; a context manager."""

    def __init__(self, streams: Streams) -> None:
        from rich.console import Console
        from rich.live import Live

        self._rows: list[tuple[str, ...]] = []
        self._results = 0
        self._total, self._start, self._clock = 1, 0, time.monotonic()
        self._now: Progress | None = None
        self._live = Live(
            console=Console(file=streams.err),
            refresh_per_second=5,
            get_renderable=self._picture,
            transient=False,
        )

    def __enter__(self) -> Bars:
        """Begin to draw."""
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        """Leave the last state on the screen."""
        self._now = None
        self._live.__exit__(*error)

    def begins(self, run: Run, log: Path, start: int, total: int) -> None:
        """Send the libraries' chatter to the run's log, and start the clock."""
        chatter.keep_in(log)
        self._start, self._total, self._clock = start, total, time.monotonic()

    def advances(self, progress: Progress) -> None:
        """Move the epoch's bar."""
        self._now = progress

    def saved(self, result: EpochResult, total: int) -> None:
        """Add the epoch to the table."""
        self._results, self._now = result.epoch, None
        self._rows.append((f"{result.epoch}/{total}", *figures(result).values()))

    def _picture(self) -> Any:
        from rich.console import Group
        from rich.table import Table

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for title in ("epoch", "−ELBO = reconstruction + KL", "active", "speed"):
            table.add_column(title)
        for row in self._rows[-_ROWS:]:
            table.add_row(*row)
        return Group(table, *self._bars())

    def _bars(self) -> list[Any]:
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        part = self._now.step / self._now.steps if self._now else 0.0
        done = max(self._results + part - max(self._start - 1, 0), 0.0)
        whole = max(self._total - max(self._start - 1, 0), 1)
        bars = Table.grid(padding=(0, 2, 0, 0))
        bars.add_row(
            "training", ProgressBar(total=whole, completed=done, width=40), self._remaining(done / whole)
        )
        if self._now:
            words = f"loss {self._now.loss:.1f} · {self._now.images_per_second:,.0f} images/s"
            bars.add_row(f"epoch {self._now.epoch}", ProgressBar(total=1.0, completed=part, width=40), words)
        return [bars]

    def _remaining(self, part: float) -> str:
        if part <= 0.0 or part >= 1.0:
            return ""
        seconds = (time.monotonic() - self._clock) * (1.0 - part) / part
        return f"{int(seconds // 60)}:{int(seconds % 60):02d} left"


def figures(result: EpochResult) -> dict[str, str]:
    """Return an epoch's figures as words, in the order in which they are read."""
    metrics = result.metrics
    words = {
        "elbo": f"−ELBO {metrics.negative_elbo:.1f} = {metrics.reconstruction:.1f} + {metrics.kl:.1f}",
        "active": f"active {metrics.active_units}/{len(metrics.kl_per_latent)}",
    }
    if metrics.images_per_second is None:
        return {**words, "speed": "untrained"}
    return {**words, "speed": f"{metrics.images_per_second:,.0f} images/s"}
