"""Held-out −ELBO against seconds of training: a panel for each work on which networks were compared.

Trainings beside which the machine was busy with something else are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.scoreboard.measuring import Entry
from benchmarks.scoreboard.results import Results
from benchmarks.scoreboard.rows import ROWS
from benchmarks.scoreboard.trainings import PEERS
from vaecli.files import save
from vaecli.render.curves import Chart, Curve, curves
from vaecli.render.encode import Timing, encode

NETWORKS = ("conv", "dense", *PEERS)

_OTHERS = 1.0  # load beside one process on each core
_TITLES = {"mnist": "MNIST", "fashion": "Fashion-MNIST"}
_ROOM = 45.0  # nats above the best that a panel shows


def draw(results: Results, path: Path) -> bool:
    """Write the plot as PNG, or tell that there is nothing to draw."""
    works = list(_works(results))
    if not works:
        return False
    names = [network for network in NETWORKS if any(network in found for _, _, found in works)]
    charts = [_chart(*work, names) for work in works]
    frames = curves(charts, names, "seconds of training", title="−ELBO of held-out images, nats per image")
    save(path, lambda file: encode(frames, file, "png", Timing()))
    return True


Found = dict[str, Entry]


def _works(results: Results) -> Iterator[tuple[str, str, Found]]:
    """Yield row, title and entries by network for each work on which a row compares networks."""
    for row in ROWS.values():
        if not any(training.is_peer for training in row.trainings):
            continue
        by_work: dict[str, Found] = {}
        for training in row.trainings:
            for entry in filter(_was_undisturbed, results.of(row.name, training.name)[:1]):
                network = str(training.settings.get("architecture", "conv"))
                longest = by_work.setdefault(_work(entry, training.settings.get("limit")), {})
                if network not in longest or longest[network].seconds < entry.seconds:
                    longest[network] = entry
        for work, found in by_work.items():
            if any(network in found for network in PEERS):
                yield row.name, work, found


def _was_undisturbed(entry: Entry) -> bool:
    """Tell whether a training had the machine to itself, so that its seconds mean something."""
    return bool(entry.load) and max(entry.load) <= entry.cores + _OTHERS


def _work(entry: Entry, limit: object) -> str:
    """Return the title of a panel."""
    dataset = str(entry.protocol["dataset"])
    count = f"{limit:,} images, " if isinstance(limit, int) else ""
    return f"{_TITLES.get(dataset, dataset)}, {count}{entry.protocol['latent_dim']} latents"


def _chart(row: str, work: str, found: Found, names: Sequence[str]) -> Chart:
    """Return a panel with a line for each network, where it has come near the best."""
    ceiling = min(elbo for entry in found.values() for _, elbo in entry.curve) + _ROOM
    lines = []
    for network, entry in found.items():
        points = np.array([(0.0, np.inf), *entry.curve])
        near = points[:, 1] <= ceiling
        epochs = np.flatnonzero(near)
        lines.append(Curve(points[near, 0], points[near, 1], epochs, names.index(network)))
    return Chart(work, [line for line in lines if len(line.x)], note=row)
