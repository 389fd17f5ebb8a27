"""What a row of the scoreboard consists of: trainings, and the targets that they should reach.

A training is what `vaecli train` would be told. Most are counted in epochs. One of a time has as many as
fit into it, by how long the first one takes in a run of its own. A peer has as many as take at least as long
as what it is compared with: where an epoch does not end in time, the peer gets more of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Peer → the settings of its source that its architecture's recipe does not hold.
PEERS: Mapping[str, Mapping[str, Any]] = {
    "post": {"batch_size": 128},
    "keras-io": {"batch_size": 128},
    "tensorflow-cvae": {"batch_size": 32},
    "pytorch-400": {"batch_size": 128},
    "plain-conv": {"batch_size": 128},
    "plain-dense": {"batch_size": 128},
}

#: The CIFAR subset is no named set: the runner is told in which folder it lies.
CIFAR = "cifar10-subset.zip"


@dataclass(frozen=True)
class Training:
    """One training of a row.

    Attributes:
        name: What the page calls it; unique in its row.
        settings: Fields of `TrainConfig`; the others keep their defaults.
        numbers: What `vaecli.evaluate` is asked for beside what it always computes.
        seconds: It has as many epochs as fit into so many seconds of training.
        as_long_as: The name of the training of the same row that it lasts at least as long as.
        is_peer: Whether it is what the row's own trainings are compared with.
    """

    name: str
    settings: Mapping[str, Any]
    numbers: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    as_long_as: str = ""
    is_peer: bool = False

    @property
    def is_timed(self) -> bool:
        """Whether its epochs follow from the clock."""
        return self.seconds is not None or bool(self.as_long_as)

    @property
    def command(self) -> str:
        """The command that trains it, where that is one of vaecli's own networks.

        >>> Training("conv", {"dataset": "fashion", "latent_dim": 5, "epochs": 20}).command
        'vaecli train --dataset fashion --latent-dim 5 --epochs 20'
        """
        words = [f"--{name.replace('_', '-')} {value}" for name, value in self.settings.items()]
        return " ".join(["vaecli train", *words])


@dataclass(frozen=True)
class Target:
    """What a training should reach.

    Attributes:
        training: Its name.
        number: Of the evaluation, or one of `measuring.DERIVED`.
        sense: `≤`, `≥`, `<` or `>`.
        limit: The target; None stands for the best of the row's peers after the same seconds.
        stretch: A target beyond it; where there is no limit, how far below the peers.
    """

    training: str
    number: str
    sense: str
    limit: float | None
    stretch: float | None = None


@dataclass(frozen=True)
class Row:
    """A row of the scoreboard.

    Attributes:
        name: `Q1` and so on.
        work: What is done, in words.
        protocol: How it is measured.
        trainings: What is trained.
        targets: What should be reached.
        seeds: How many seeds it takes.
    """

    name: str
    work: str
    protocol: str
    trainings: tuple[Training, ...]
    targets: tuple[Target, ...]
    seeds: int = 1

    def training(self, name: str) -> Training:
        """Return a training by its name."""
        return next(each for each in self.trainings if each.name == name)

    def peers_of(self, training: Training) -> tuple[Training, ...]:
        """Return the peers that a training is compared with: those on the same images and latents."""
        same = [self._work_of(each) == self._work_of(training) for each in self.trainings]
        return tuple(
            each for each, is_same in zip(self.trainings, same, strict=True) if each.is_peer and is_same
        )

    @staticmethod
    def _work_of(training: Training) -> tuple[Any, ...]:
        return tuple(training.settings.get(name) for name in ("dataset", "limit", "size", "latent_dim"))
