"""The held-out images themselves: from the snapshot where it keeps them, else from the dataset.

A run keeps encodings of all its held-out images, but the pixels of a few only. The others are looked for on
this machine, without a connection; a picture does without those that are not found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from vaecli.errors import VaecliError
from vaecli.inference import Images
from vaecli.observers import Say
from vaecli.store import Run, Snapshot

if TYPE_CHECKING:
    from vaecli.data import Split


def heldout_originals(run: Run, snapshot: Snapshot, indices: Sequence[int], say: Say) -> Mapping[int, Images]:
    """Return held-out images, `(height, width, channels)` uint8 each, by their positions.

    Args:
        run: The run.
        snapshot: One of its epochs.
        indices: Positions among the dataset's held-out images.
        say: Called with a line if the images are not on this machine.

    Returns:
        Those that were found: all of them, or those that the snapshot keeps.
    """
    kept = dict(zip(snapshot.original_index.tolist(), snapshot.originals, strict=True))
    found = {index: kept[index] for index in indices if index in kept}
    missing = [index for index in indices if index not in kept]
    split = _heldout_split(run, missing, say) if missing else None
    if split is not None:
        found |= zip(missing, split.take(np.asarray(missing)).images[:], strict=True)
    return found


def _heldout_split(run: Run, missing: Sequence[int], say: Say) -> Split | None:
    """Return the held-out images of a run's dataset, or say why there are none."""
    from vaecli.data import load_dataset  # it reads 70,000 images in a second

    words = ", ".join(f"#{index}" for index in missing)
    try:
        dataset = load_dataset(run.config.dataset, offline=True, **run.config.image_settings())
    except VaecliError as error:
        say(f"The original of {words} is not shown: {error.what}")
        return None
    if (dataset.fingerprint, dataset.shape) != (run.dataset.fingerprint, run.dataset.shape):
        say(f"The original of {words} is not shown: {dataset.source} has other images than the run.")
        return None
    return dataset.heldout
