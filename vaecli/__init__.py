"""vaecli trains variational autoencoders on images and shows how they learn.

The command line's verbs are functions here, each imported when first asked for::

    import vaecli

    dataset = vaecli.load_dataset("fashion", limit=2000)
    run = vaecli.train(dataset, vaecli.TrainConfig(epochs=5), vaecli.Store("artifacts"))
    vaecli.latent_plot(run, epochs="all").save("learning.gif")
    vaecli.interpolate(run, ["sandal", "sneaker", "ankle boot"]).save("walk.png")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vaecli.assessment import Evaluation, compare, evaluate
    from vaecli.config import TrainConfig
    from vaecli.data import Dataset, load_dataset, read_images
    from vaecli.errors import VaecliError
    from vaecli.figures.curves import curves
    from vaecli.figures.explore import Explorer, explore
    from vaecli.figures.figure import Figure
    from vaecli.figures.grid import grid
    from vaecli.figures.interpolate import interpolate
    from vaecli.figures.latent_plot import latent_plot
    from vaecli.figures.reconstruct import reconstruct
    from vaecli.figures.traverse import traverse
    from vaecli.inference import decode, encode, encode_folder, open_network
    from vaecli.runs import open_run
    from vaecli.store import Run, Snapshot, Store
    from vaecli.training import resume, train

__version__ = "0.1.0"

__all__ = [
    "Dataset",
    "Evaluation",
    "Explorer",
    "Figure",
    "Run",
    "Snapshot",
    "Store",
    "TrainConfig",
    "VaecliError",
    "compare",
    "curves",
    "decode",
    "encode",
    "encode_folder",
    "evaluate",
    "explore",
    "grid",
    "interpolate",
    "latent_plot",
    "load_dataset",
    "open_network",
    "open_run",
    "read_images",
    "reconstruct",
    "resume",
    "train",
    "traverse",
]

#: Where each public name comes from.
_HOMES = {
    "Evaluation": "assessment",
    "compare": "assessment",
    "evaluate": "assessment",
    "TrainConfig": "config",
    "Dataset": "data",
    "load_dataset": "data",
    "read_images": "data",
    "VaecliError": "errors",
    "Explorer": "figures.explore",
    "explore": "figures.explore",
    "Figure": "figures.figure",
    "curves": "figures.curves",
    "grid": "figures.grid",
    "interpolate": "figures.interpolate",
    "latent_plot": "figures.latent_plot",
    "reconstruct": "figures.reconstruct",
    "traverse": "figures.traverse",
    "decode": "inference",
    "encode": "inference",
    "encode_folder": "inference",
    "open_network": "inference",
    "open_run": "runs",
    "Run": "store",
    "Snapshot": "store",
    "Store": "store",
    "resume": "training",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'vaecli' has no attribute {name!r}")
    return getattr(import_module(f"vaecli.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names, so that they are completed before they are imported."""
    return [*__all__, "__version__"]
