"""What of a run fits into a page of a given size.

Points come first, as without them there is nothing to look at; then thumbnails, up to a share of the page;
what is left is for decoders. Of these, coarser weights for all epochs are better than exact ones for
few: 8 bits move a pixel by about a grey level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vaecli.explorer.contents import EpochContent, RunContent
from vaecli.explorer.sprites import PER_SHEET, sheets_of

_BASE64 = 4 / 3
_POINTS, _THUMBNAILS = 0.35, 0.35  # the shares of a page that they may take, at most
_PER_POINT = 16 * _BASE64  # bytes beside the encodings


def fitted(runs: Sequence[RunContent], most: float) -> tuple[list[RunContent], list[str]]:
    """Return what fits of runs that share a page, and sentences on what was left out.

    Args:
        runs: All of them.
        most: Bytes.
    """
    notes: list[str] = []
    points = most * _POINTS / len(runs)
    kept = [_with_points(run, points, notes) for run in runs]
    kept = [_with_thumbnails(run, most * _THUMBNAILS, notes) for run in kept]
    left = most - sum(_size_of_points(run) + _size_of_thumbnails(run) for run in kept)
    return [_with_decoders(run, left / len(kept), notes) for run in kept], notes


def spread_epochs(epochs: Sequence[int], count: int) -> list[int]:
    """Return so many epochs, the first and the last among them, closer together where much is learnt.

    >>> spread_epochs(range(21), 6), spread_epochs(range(21), 1), spread_epochs([0, 5], 4)
    ([0, 1, 2, 5, 10, 20], [20], [0, 5])
    """
    last = len(epochs) - 1
    if count > last or count < 1:
        return list(epochs) if count > last else []
    ideal = np.expm1(np.linspace(0, np.log1p(last), count)) if count > 1 else np.array([float(last)])
    chosen: list[int] = []
    for place, position in enumerate(ideal):
        least, largest = chosen[-1] + 1 if chosen else 0, last - (count - 1 - place)
        chosen.append(int(np.clip(round(float(position)), least, largest)))
    return [epochs[position] for position in chosen]


def _with_points(run: RunContent, most: float, notes: list[str]) -> RunContent:
    count, size = len(run.labels), _size_of_points(run)
    if size <= most:
        return run
    rows = _evenly(count, max(1, int(count * most / size)))
    notes.append(f"{len(rows):,} of the {count:,} held-out images of {run.name} are shown.")
    return replace(
        run,
        labels=run.labels[rows],
        index=run.index[rows],
        images=None if run.images is None else run.images[rows],
        epochs=[replace(epoch, mean=epoch.mean[rows]) for epoch in run.epochs],
    )


def _with_thumbnails(run: RunContent, most: float, notes: list[str]) -> RunContent:
    size = _size_of_thumbnails(run)
    if run.images is None or size <= most:
        return run
    rows = _evenly(len(run.images), int(len(run.images) * most / size))
    notes.append(f"{len(rows):,} of {len(run.images):,} images of {run.name} have a picture.")
    return replace(run, images=run.images[rows], pictured=rows)


def _with_decoders(run: RunContent, most: float, notes: list[str]) -> RunContent:
    """Keep as many decoders as fit; of the other epochs, the points stay, which lie on the way."""
    able = [epoch for epoch in run.epochs if epoch.weights is not None]
    if not able:
        notes.append(f"{run.name} left no weights: nothing is decoded.")
        return run
    exact = _size_of_weights(able[-1])
    bits = 16 if exact * len(able) <= most else 8
    kept = spread_epochs([epoch.epoch for epoch in able], int(most // (exact * bits / 16)))
    if not kept:
        notes.append(f"No decoder of {run.name} fits: nothing is decoded.")
        return replace(run, epochs=[replace(epoch, weights=None) for epoch in run.epochs])
    if bits == 8:
        notes.append(f"The weights of {run.name} are rounded to 8 bits.")
    if len(kept) < len(run.epochs):
        notes.append(f"Of its {len(run.epochs)} epochs, {_in_words(kept)} can be shown and decoded.")
    epochs = [
        replace(epoch, bits=bits) if epoch.epoch in kept else replace(epoch, weights=None)
        for epoch in run.epochs
    ]
    return replace(run, epochs=epochs)


def _in_words(numbers: Sequence[int]) -> str:
    """Return numbers in words.

    >>> _in_words([0, 1, 20]), _in_words([])
    ('0, 1 and 20', 'none')
    """
    *others, last = [str(number) for number in numbers] or ["none"]
    return f"{', '.join(others)} and {last}" if others else last


def _evenly(count: int, wanted: int) -> NDArray[np.int64]:
    """Return ascending rows, evenly spaced."""
    return np.arange(wanted, dtype=np.int64) * count // max(wanted, 1)


def _size_of_points(run: RunContent) -> float:
    latent_dim = run.epochs[-1].mean.shape[1]
    per_point: float = _PER_POINT + len(run.epochs) * latent_dim * 2 * _BASE64
    return len(run.labels) * per_point


def _size_of_thumbnails(run: RunContent) -> float:
    """Return about how many bytes the thumbnails take, by those of a sheet of them."""
    if run.images is None or not len(run.images):
        return 0.0
    few = run.images[_evenly(len(run.images), min(len(run.images), PER_SHEET))]
    return len(sheets_of(few)["sheets"][0]) * len(run.images) / len(few)


def _size_of_weights(epoch: EpochContent) -> float:
    """Return how many bytes the decoder of an epoch takes in float16."""
    return 2 * _BASE64 * sum(tensor.size for tensor in (epoch.weights or {}).values())
