"""Progress of a training in a notebook: a table of epochs that fills while the cell runs.

IPython is no dependency. It is used only where it is loaded already, which is what tells a notebook from a
script.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from vaecli import chatter
from vaecli.metrics import line
from vaecli.observers import Observer, OpenLog, Silent
from vaecli.words import nats

if TYPE_CHECKING:
    from vaecli.metrics import EpochMetrics
    from vaecli.network import EpochResult, Progress
    from vaecli.store import Run

_ROWS = 10  # epochs that the table shows
_TITLES = ("epoch", "−ELBO", "= reconstruction", "+ KL", "active latents")


@contextmanager
def watching(observer: Observer | None) -> Iterator[Observer]:
    """Give an observer, by default a table in a notebook, and elsewhere one that shows nothing.

    In a notebook, TensorFlow's own messages go to the run's log instead of the cell.
    """
    if observer is not None:
        yield observer
    elif not in_notebook():
        yield Silent()
    else:
        with chatter.aside():
            yield Table()


def in_notebook() -> bool:
    """Tell whether a kernel runs this code, without importing IPython."""
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


class Table(Silent):
    """A table of the last epochs, with a line below on the epoch that is being trained."""

    def __init__(self) -> None:
        self._name, self._total = "", 0
        self._epochs: list[tuple[int, EpochMetrics]] = []
        self._handle: Any = None

    def says(self, line: str) -> None:
        """Show the line until there is something else to show."""
        self._show(line)

    def begins(self, run: Run, open_log: OpenLog, start: int, total: int) -> None:
        """Show the run's name, and send the libraries' messages to its log."""
        chatter.keep_in(open_log())
        self._name, self._total = run.name, total
        self._show("")

    def advances(self, progress: Progress) -> None:
        """Say how far the epoch has come."""
        percent = f"{progress.step / progress.steps:.0%}"
        self._show(f"epoch {progress.epoch}: {percent}, loss {nats(progress.loss)}")

    def saved(self, result: EpochResult, total: int) -> None:
        """Add the epoch to the table."""
        self._epochs.append((result.epoch, result.metrics))
        self._show("")

    def _show(self, status: str) -> None:
        """Display the table and the line below it, in the place of the last ones."""
        bundle = {"text/plain": self._text(status), "text/html": self._html(status)}
        if self._handle is None:
            display = import_module("IPython.display").display
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def _text(self, status: str) -> str:
        rows = [f"epoch {epoch}/{self._total} · {line(metrics)}" for epoch, metrics in self._epochs[-_ROWS:]]
        return "\n".join(filter(None, [self._name, *rows, status]))

    def _html(self, status: str) -> str:
        rows = [_cells(epoch, self._total, metrics) for epoch, metrics in self._epochs[-_ROWS:]]
        head = _row("th", _TITLES) if rows else ""
        body = "".join(_row("td", row) for row in rows)
        table = f"<table>{head}{body}</table>" if rows else ""
        words = "".join(f"<div>{escape(text)}</div>" for text in (status,) if text)
        return f"<div><b>{escape(self._name)}</b></div>{table}{words}"


def _cells(epoch: int, total: int, metrics: EpochMetrics) -> tuple[str, ...]:
    figures = map(nats, (metrics.negative_elbo, metrics.reconstruction, metrics.kl))
    return (f"{epoch}/{total}", *figures, f"{metrics.active_units}/{len(metrics.kl_per_latent)}")


def _row(tag: str, cells: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
