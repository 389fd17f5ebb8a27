"""vaecli trains variational autoencoders on images and shows how they learn.

The command line's verbs are functions here, each imported when first asked for::

    import vaecli

    dataset = vaecli.load_dataset("fashion", limit=2000)
    run = vaecli.train(dataset, vaecli.TrainConfig(epochs=5), vaecli.Store("artifacts"))
    mean = run.snapshot(5).mean
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vaecli.config import TrainConfig
from vaecli.errors import VaecliError

if TYPE_CHECKING:
    from vaecli.data import Dataset, load_dataset, read_images
    from vaecli.network import Network
    from vaecli.store import Run, Snapshot, Store
    from vaecli.training import resume, train

__version__ = "0.1.0"

__all__ = [
    "Dataset",
    "Network",
    "Run",
    "Snapshot",
    "Store",
    "TrainConfig",
    "VaecliError",
    "load_dataset",
    "read_images",
    "resume",
    "train",
]

_ROOMS = {
    "Dataset": "data",
    "load_dataset": "data",
    "read_images": "data",
    "Network": "network",
    "Run": "store",
    "Snapshot": "store",
    "Store": "store",
    "resume": "training",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its room when it is first asked for."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'vaecli' has no attribute {name!r}")
    return getattr(import_module(f"vaecli.{_ROOMS[name]}"), name)
