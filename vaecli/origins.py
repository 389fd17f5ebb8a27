"""Where a training starts: with the weights of another run, if asked.

The network is then the one of that run, so what it was told of the network holds for the new training too,
unless something else is asked for. Only weights are taken over; the optimizer begins anew.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vaecli.config import NETWORK_KNOBS, TrainConfig, option_of
from vaecli.errors import UsageError
from vaecli.runs import default_store, last_epoch, open_run
from vaecli.store import Run, Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"(.+?)(?::([0-9]{1,9})(?::([0-9a-f]{12}))?)?")


@dataclass(frozen=True)
class Origin:
    """A run, and the epoch whose weights are taken.

    Attributes:
        run: The run.
        epoch: The epoch.
    """

    run: Run
    epoch: int

    @property
    def word(self) -> str:
        """What is recorded of it: the run's name, the epoch, and how the SHA-256 of `run.json` begins."""
        return f"{self.run.name}:{self.epoch}:{self.run.digest[:12]}"

    def alike(self, config: TrainConfig, chosen: Collection[str] = ()) -> TrainConfig:
        """Return a config with the network of the run, apart from the knobs that were chosen."""
        return replace(
            config, **{name: value for name, value in self._network().items() if name not in chosen}
        )

    def weights(self, config: TrainConfig, shape: tuple[int, int, int]) -> Mapping[str, NDArray[np.float32]]:
        """Return its weights, if they fit a network.

        Args:
            config: The network's resolved config.
            shape: `(height, width, channels)` of the images.

        Raises:
            RunNotFound: If the epoch is not on disk, or keeps no weights.
            UsageError: If the run has another network, or images of another shape.
        """
        own = self.run.dataset.shape
        if own != shape:
            raise UsageError(
                f"Run {self.run.name} has images of {_sides(own)}, and these are of {_sides(shape)}.",
                "Expected: images of the same shape, to start from its weights.",
                f"Shape them alike: --size {own[0]}x{own[1]} --channels {own[2]}",
            )
        for name, value in self._network().items():
            if getattr(config, name) != value:
                option, here = option_of(name), getattr(config, name)
                raise UsageError(
                    f"{option.removeprefix('--')} is {here}, but {value} in run {self.run.name}.",
                    "Expected: the same network, to start from its weights.",
                    f"Leave {option} out." if value is None else f"Type: {option} {value}",
                )
        return self.run.weights(self.epoch)

    def _network(self) -> dict[str, Any]:
        return {name: getattr(self.run.config, name) for name in NETWORK_KNOBS}


def find_origin(word: str, store: Store | None = None) -> Origin:
    """Return what a word means: a run as `open_run` takes it, and after a colon an epoch.

    By default it is the last epoch, or the best one if the run stopped early.

    Args:
        word: `RUN`, `RUN:EPOCH`, or what was recorded of an origin.
        store: Where to look, by default in `default_store()`.

    Raises:
        RunNotFound: If there is no such run or epoch.
        UsageError: If the run is not the one that was recorded.
    """
    match = _WORD.fullmatch(word)
    assert match, "the config has checked it"
    run = open_run(match[1], store or default_store())
    if match[3] and not run.digest.startswith(match[3]):
        raise UsageError(
            f"Run {run.name} is not the one that was started from.",
            f"Expected: a run.json whose SHA-256 begins with {match[3]}, found {run.digest[:12]}.",
        )
    best = run.stopped_early()
    epoch = int(match[2]) if match[2] else last_epoch(run) if best is None else best
    run.epoch_document(epoch)
    return Origin(run, epoch)


def _sides(shape: tuple[int, int, int]) -> str:
    """Return a shape in words.

    >>> _sides((28, 28, 1))
    '28 × 28 × 1'
    """
    return " × ".join(map(str, shape))
