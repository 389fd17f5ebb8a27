"""Held-out −ELBO against seconds of training: a panel for each work on which networks were compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.scoreboard.measuring import Entry
from benchmarks.scoreboard.results import Results
from benchmarks.scoreboard.rows import ROWS
from benchmarks.scoreboard.trainings import PEERS, Row
from vaecli.files import save
from vaecli.render.curves import Chart, Curve, curves
from vaecli.render.encode import Timing, encode

NETWORKS = ("conv", "dense", *PEERS)

_ROOM = 45.0  # nats above the best that a panel shows


def draw(results: Results, path: Path) -> bool:
    """Write the plot as PNG, or tell that there is nothing to draw."""
    charts = list(_charts(results))
    if not charts:
        return False
    frames = curves(charts, NETWORKS, "seconds of training")
    save(path, lambda file: encode(frames, file, "png", Timing()))
    return True


def _charts(results: Results) -> Iterator[Chart]:
    """Yield a panel for each work of a row, of those rows that compare networks."""
    for row in ROWS.values():
        if not any(training.is_peer for training in row.trainings):
            continue
        by_work: dict[str, dict[str, Entry]] = {}
        for training in row.trainings:
            for entry in results.of(row.name, training.name)[:1]:
                network = str(training.settings.get("architecture", "conv"))
                longest = by_work.setdefault(_work(entry, training.settings.get("limit")), {})
                if network not in longest or longest[network].seconds < entry.seconds:
                    longest[network] = entry
        for work, found in by_work.items():
            if any(network in found for network in PEERS):
                yield _chart(row, work, found)


def _work(entry: Entry, limit: object) -> str:
    """Return the title of a panel."""
    count = f"{limit:,} images, " if isinstance(limit, int) else ""
    return f"{str(entry.protocol['dataset']).capitalize()}, {count}{entry.protocol['latent_dim']} latents"


def _chart(row: Row, work: str, found: dict[str, Entry]) -> Chart:
    """Return a panel with a line for each network, where it has come near the best."""
    ceiling = min(elbo for entry in found.values() for _, elbo in entry.curve) + _ROOM
    lines = []
    for network, entry in found.items():
        points = np.array([(0.0, np.inf), *entry.curve])
        near = points[:, 1] <= ceiling
        epochs = np.flatnonzero(near)
        lines.append(Curve(points[near, 0], points[near, 1], epochs, NETWORKS.index(network)))
    return Chart(work, [line for line in lines if len(line.x)], note=row.name)
