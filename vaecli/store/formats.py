"""What the files of a run are called, what they may hold, and how large they can be.

Schemas say of which types a document is; the checks here say what else must be true of
it. Whatever a size is computed from was checked before, so that nothing is read or
allocated on the word of a file alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vaecli.config import TrainConfig
from vaecli.errors import UsageError
from vaecli.metrics import METRICS
from vaecli.store.faults import DamagedContent
from vaecli.store.tensors import TABLE_SCHEMA

RUN_FILE = "run.json"
EPOCH_FILE = "epoch.json"
CHECKPOINT_FILE = "checkpoint.json"
SNAPSHOT_FILE = "snapshot.h5"
WEIGHTS_FILE = "weights.h5"
TENSORS_FILE = "tensors.h5"
LOG_FILE = "train.log"
TENSORBOARD = "tensorboard"
DAMAGED = "damaged"
LOCK_FILE = "run.lock"
EVENTS = "events.out.tfevents."  # how TensorBoard's files begin
#: All that a run's directory holds.
FOLDERS = ("epochs", "checkpoints", "stops", TENSORBOARD, DAMAGED)
FILES = (RUN_FILE, LOCK_FILE, LOG_FILE)

RUN_FORMAT = "vaecli-run"
EPOCH_FORMAT = "vaecli-epoch"
CHECKPOINT_FORMAT = "vaecli-checkpoint"
STOP_FORMAT = "vaecli-stop"
VERSION = 3  # what is written; versions 1 and 2, whose epochs keep no weights, are read too

_ENTRY = {"bytes": int, "sha256": str, "arrays": TABLE_SCHEMA}
_FILES = {str: _ENTRY}
RUN_SCHEMA = {
    "created": str,
    "argv": [str],
    "config": {str: (str, int, float, None)},
    "dataset": {
        "name": str,
        "fingerprint": str,
        "source": str,
        "shape": [int],
        "class_names": [str],
        "train_count": int,
        "heldout_count": int,
    },
    "parameters": {"encoder": int, "decoder": int, "total": int},
    "libraries": {str: str},
    "machine": {str: (str, int)},
}


def _metrics_schema(version: int) -> dict[str, Any]:
    """Return what the metrics of an epoch look like in a version of the format."""
    return {
        metric.name: [float]
        if metric.kind is list
        else (metric.kind, None)
        if metric.optional
        else metric.kind
        for metric in METRICS
        if metric.since <= version
    }


#: `run` is the SHA-256 of the run's `run.json`: what a run holds belongs to it alone.
EPOCH_SCHEMA = {"run": str, "epoch": int, "epochs": int, "metrics": _metrics_schema(VERSION), "files": _FILES}
CHECKPOINT_SCHEMA = {"run": str, "epoch": int, "files": _FILES}
STOP_SCHEMA = {"run": str, "epoch": int, "reason": str, "message": str}
_WITHOUT_WEIGHTS = {**EPOCH_SCHEMA, "files": {SNAPSHOT_FILE: _ENTRY}}
#: How the documents of every version that is read must look.
RUN_SCHEMAS = {1: RUN_SCHEMA, 2: RUN_SCHEMA, 3: RUN_SCHEMA}
EPOCH_SCHEMAS = {
    1: {**_WITHOUT_WEIGHTS, "metrics": _metrics_schema(1)},
    2: {**_WITHOUT_WEIGHTS, "metrics": _metrics_schema(2)},
    3: EPOCH_SCHEMA,
}
CHECKPOINT_SCHEMAS = {1: CHECKPOINT_SCHEMA, 2: CHECKPOINT_SCHEMA, 3: CHECKPOINT_SCHEMA}
STOP_SCHEMAS = {1: STOP_SCHEMA, 2: STOP_SCHEMA, 3: STOP_SCHEMA}
STOP_REASONS = ("diverged", "failed")

MAX_SIDE = 65_536  # pixels
MAX_COUNT = 10**9  # images, classes, parameters
MAX_GRID = 100  # rows and columns; the grid of an epoch has 20
_SLACK = 1024 * 1024  # what HDF5 adds to the numbers: names, headers, padding

_NUMBER = re.compile(r"0[0-9]{3}|[1-9][0-9]{3,8}")


@dataclass(frozen=True)
class DatasetRecord:
    """What `run.json` keeps of the dataset: enough to know it again, not the images."""

    name: str
    fingerprint: str
    source: str
    shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    train_count: int
    heldout_count: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        return {**self.__dict__, "shape": list(self.shape), "class_names": list(self.class_names)}


@dataclass(frozen=True)
class Facts:
    """What `run.json` says, checked."""

    config: TrainConfig
    dataset: DatasetRecord
    created: datetime
    parameters: int


def facts_of(document: Mapping[str, Any], where: str) -> Facts:
    """Return what `run.json` says after checking that it can be.

    Raises:
        DamagedArtifact: If a value is out of range or the values do not fit together.
    """
    try:
        config = TrainConfig.from_dict(_completed(document["config"]))
        created = datetime.fromisoformat(document["created"])
    except (UsageError, ValueError) as error:
        raise DamagedContent(where, str(error).splitlines()[0].rstrip(".")) from error
    dataset, parameters = document["dataset"], document["parameters"]
    shape = dataset["shape"]
    faults = {
        "created has no time zone": created.tzinfo is None,
        "its image shape is impossible": not _is_image_shape(shape),
        "it counts no images, or too many": not all(
            1 <= dataset[count] <= MAX_COUNT for count in ("train_count", "heldout_count")
        ),
        "it has no classes": not dataset["class_names"],
        "its parameter counts are impossible": not (
            min(parameters.values()) >= 0
            and parameters["encoder"] + parameters["decoder"] == parameters["total"] <= MAX_COUNT
        ),
    }
    _refuse_faults(where, faults)
    config = config.resolved(shape[2], dataset["train_count"])
    record = DatasetRecord(**{**dataset, "shape": tuple(shape), "class_names": tuple(dataset["class_names"])})
    return Facts(config, record, created, parameters["total"])


def _completed(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a run with those that there were none of when it was written.

    Version 1 of the format knew one likelihood only, and `limit` once held for the held-out images too. The
    held-out share was once rounded for each class. When
    the weight of the KL term was the same at every step and weights were not averaged, `conv` and
    `dense` were other networks, and again others before latents could have some KL for free.
    """
    implied = {"likelihood": "bernoulli", "heldout_limit": config.get("limit"), "rounding": "class"}
    implied |= dict.fromkeys(("kl_warmup", "ema", "clip", "weight_decay"), 0.0)
    architecture = config.get("architecture", "conv")
    if architecture in ("conv", "dense"):
        architecture += "-v1" if "ema" not in config else "-v2" if "free_bits" not in config else ""
    return {**implied, **config, "architecture": architecture}


def check_epoch(document: Mapping[str, Any], epoch: int, run: str, latent_dim: int, where: str) -> None:
    """Raise `DamagedArtifact` unless an epoch's document can be that of this epoch and run."""
    check_place(document, epoch, run, where)
    metrics = document["metrics"]
    faults = {
        "its total of epochs is impossible": not epoch <= document["epochs"] <= 10**9,
        "its KL is not one number per latent": len(metrics["kl_per_latent"]) != latent_dim,
        "its number of active units is impossible": not 0 <= metrics["active_units"] <= latent_dim,
        "it lists other files than an epoch has": set(document["files"]) - {WEIGHTS_FILE} != {SNAPSHOT_FILE},
    }
    _refuse_faults(where, faults)


def check_checkpoint(document: Mapping[str, Any], epoch: int, run: str, where: str) -> None:
    """Raise `DamagedArtifact` unless a checkpoint's document can be that of this epoch and run."""
    check_place(document, epoch, run, where)
    listed = set(document["files"]) == {TENSORS_FILE}
    _refuse_faults(where, {"it lists other files than a checkpoint has": not listed})


def check_stop(document: Mapping[str, Any], epoch: int, run: str, where: str) -> None:
    """Raise `DamagedArtifact` unless a stop's document can be that of this epoch and run."""
    check_place(document, epoch, run, where)
    _refuse_faults(where, {"its reason is unknown": document["reason"] not in STOP_REASONS})


def check_place(document: Mapping[str, Any], epoch: int, run: str, where: str) -> None:
    """Raise `DamagedArtifact` if a document was made for another epoch or another run."""
    if document["epoch"] != epoch:
        raise DamagedContent(where, f"it says that it is of epoch {document['epoch']}"[:100])
    _refuse_faults(where, {"it belongs to another run": document["run"] != run})


def largest_snapshot(facts: Facts) -> int:
    """Return the most bytes that a snapshot of a run can have."""
    pixels, latent_dim = math.prod(facts.dataset.shape), facts.config.latent_dim
    encodings = facts.dataset.heldout_count * (8 * latent_dim + 8)
    grid = MAX_GRID**2 * (pixels + 4 * latent_dim)
    followed = min(followed_at_most(facts), facts.dataset.heldout_count) * (2 * pixels + 8)
    return encodings + grid + followed + _SLACK


def followed_at_most(facts: Facts) -> int:
    """Return the most images that are followed: two of each class, ten at least."""
    return 2 * len(facts.dataset.class_names) + 10


def largest_weights(facts: Facts) -> int:
    """Return the most bytes that the weights of an epoch can have: all of them float32."""
    return 4 * facts.parameters + _SLACK


def largest_checkpoint(facts: Facts) -> int:
    """Return the most bytes that a checkpoint can have: weights, two moments of each, and any average."""
    return 4 * (4 if facts.config.ema else 3) * facts.parameters + _SLACK


def folder_of(epoch: int) -> str:
    """Return the name of an epoch's directory.

    >>> folder_of(7)
    '0007'
    """
    return f"{epoch:04d}"


def epoch_of(name: str) -> int | None:
    """Return the epoch that a directory is named after, if it is named so.

    >>> epoch_of("0007"), epoch_of("12345"), epoch_of("00007"), epoch_of("٠٠٠٧"), epoch_of("notes")
    (7, 12345, None, None, None)
    """
    return int(name) if _NUMBER.fullmatch(name) else None


def _is_image_shape(shape: list[int]) -> bool:
    return len(shape) == 3 and all(1 <= side <= MAX_SIDE for side in shape[:2]) and shape[2] in (1, 3)


def _refuse_faults(where: str, faults: Mapping[str, bool]) -> None:
    for fault, found in faults.items():
        if found:
            raise DamagedContent(where, fault)
