"""A training of a row → an ordinary run in a store of its own.

A run is named after all that it follows from: images, settings, seed, and the layers of its network. So a
finished one is found again and left alone, an unfinished one is resumed, and another network is another run.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import vaecli
from benchmarks.scoreboard.pictures import images_of
from benchmarks.scoreboard.trainings import Row, Training
from vaecli.blueprint.network import of_config
from vaecli.metrics import line
from vaecli.observers import Say, Silent

if TYPE_CHECKING:
    from vaecli.network import EpochResult


@dataclass(frozen=True)
class Trained:
    """A finished run, and what it was trained on.

    Attributes:
        run: The run.
        dataset: Its images.
        load: The machine's load averages before and after each part of the training; none of a run that was
            found finished.
    """

    run: vaecli.Run
    dataset: vaecli.Dataset
    load: tuple[float, ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds of training, of all epochs."""
        return sum(self.run.metrics(epoch).training_seconds for epoch in self.run.epochs())


class Runner:
    """Train what rows ask for.

    Args:
        store: Where the runs are kept.
        split: `test` or `validation`.
        folder: Where the CIFAR subset lies.
        say: Called with a line on each epoch.
    """

    def __init__(self, store: vaecli.Store, split: str, folder: Path | None, say: Say) -> None:
        self._store, self._say = store, say
        self._load = _Latest(lambda config: images_of(config, split, folder))

    def trained(self, row: Row, training: Training, seed: int) -> Trained:
        """Return the finished run of a training, after training what is missing of it."""
        config, dataset = self._prepared(training, seed)
        name = self.name_of(row, training, seed)
        if not training.is_timed:
            return self._finished(name, config, dataset)
        wanted = training.seconds
        if wanted is None:
            wanted = self.trained(row, row.training(training.as_long_as), seed).seconds
        if training.is_peer:
            return self._lengthened(self._finished(name, replace(config, epochs=1), dataset), wanted)
        if self._found(name) is None:
            first = self._finished(f"{name}-first", replace(config, epochs=1), dataset)
            config = replace(config, epochs=max(1, math.floor(wanted / first.seconds)))
        return self._finished(name, config, dataset)

    def name_of(self, row: Row, training: Training, seed: int) -> str:
        """Return the name of a training's run."""
        config, dataset = self._prepared(training, seed)
        resolved = config.resolved(dataset.shape[2], len(dataset.train))
        network = of_config(resolved, dataset.shape)
        facts = [
            resolved.to_dict(),
            dataset.fingerprint,
            repr((network.encoder.layers, network.decoder.layers)),
        ]
        if training.seconds is not None:
            facts.append([row.name, training.seconds])
        if training.as_long_as:
            facts.append([row.name, self.name_of(row, row.training(training.as_long_as), seed)])
        digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:8]
        return f"{dataset.name}-z{config.latent_dim}-{config.architecture}-s{seed}-{digest}"

    def _prepared(self, training: Training, seed: int) -> tuple[vaecli.TrainConfig, vaecli.Dataset]:
        config = vaecli.TrainConfig(**{**training.settings, "seed": seed})
        return config, self._load(config)

    def _finished(self, name: str, config: vaecli.TrainConfig, dataset: vaecli.Dataset) -> Trained:
        """Return a run of this name, trained to its end if it is not."""
        run = self._found(name)
        if run is not None and run.state == "finished":
            return Trained(run, dataset)
        self._say(f"{name} …")
        before, watcher = _load_average(), _Watcher(self._say)
        if run is None:
            run = vaecli.train(dataset, config, self._store, name=name, observer=watcher)
        else:
            run = vaecli.resume(run, dataset, observer=watcher)
        return Trained(run, dataset, (before, _load_average()))

    def _lengthened(self, trained: Trained, wanted: float) -> Trained:
        """Return a run that was resumed until it has had so many seconds of training.

        At a constant learning rate that is the same as if it had been trained for so many epochs at once.
        """
        while (seconds := trained.seconds) < wanted:
            epochs = trained.run.epochs()[-1]
            more = math.ceil((wanted - seconds) * epochs / seconds)
            before, watcher = _load_average(), _Watcher(self._say)
            vaecli.resume(trained.run, trained.dataset, epochs=epochs + more, observer=watcher)
            trained = replace(trained, load=(*trained.load, before, _load_average()))
        return trained

    def _found(self, name: str) -> vaecli.Run | None:
        return next((run for run in self._store.runs() if run.name == name), None)


class _Watcher(Silent):
    """Says each epoch in a line."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def saved(self, result: EpochResult, total: int) -> None:
        self._say(f"  {result.epoch}/{total} {line(result.metrics)}")


class _Latest:
    """Loads the images of a config, and keeps the last ones, since trainings of a row mostly share them."""

    def __init__(self, load: Callable[[vaecli.TrainConfig], vaecli.Dataset]) -> None:
        self._load = load
        self._key: str | None = None

    def __call__(self, config: vaecli.TrainConfig) -> vaecli.Dataset:
        key = json.dumps([config.dataset, config.limit, config.heldout_limit, config.image_settings()])
        if key != self._key:
            self._dataset, self._key = self._load(config), key
        return self._dataset


def _load_average() -> float:
    """Return the mean number of processes that computed in the last minute."""
    return round(os.getloadavg()[0], 2)
