"""What an epoch leaves to draw from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from vaecli.store import formats
from vaecli.store.faults import DamagedContent

if TYPE_CHECKING:
    import numpy as np

    from vaecli.store.formats import Facts
    from vaecli.store.tensors import Arrays

    Array = np.ndarray[Any, Any]

#: Field → (dtype on disk, number of dimensions).
_TABLE = {
    "mean": ("float32", 2),
    "log_var": ("float32", 2),
    "labels": ("int32", 1),
    "index": ("int32", 1),
    "grid": ("uint8", 5),
    "grid_latents": ("float32", 3),
    "grid_dims": ("int32", 1),
    "originals": ("uint8", 4),
    "original_labels": ("int32", 1),
    "original_index": ("int32", 1),
    "reconstructions": ("uint8", 4),
}


@dataclass(frozen=True)
class Snapshot:
    """Encodings, grid and reconstructions of one epoch.

    Attributes:
        mean: `(n, latent_dim)` float32, of the held-out images.
        log_var: `(n, latent_dim)` float32, logarithm of the variance.
        labels: `(n,)`, class of each held-out image.
        index: `(n,)`, position of each held-out image among the dataset's held-out images.
        grid: `(rows, columns, height, width, channels)` uint8, decoded.
        grid_latents: `(rows, columns, latent_dim)` float32, the points of the grid.
        grid_dims: The one or two latents that vary over the grid.
        originals: `(k, height, width, channels)` uint8, the fixed images.
        original_labels: `(k,)`, their classes.
        original_index: `(k,)`, their positions among the dataset's held-out images.
        reconstructions: `(k, height, width, channels)` uint8, of the fixed images.
    """

    mean: Array
    log_var: Array
    labels: Array
    index: Array
    grid: Array
    grid_latents: Array
    grid_dims: Array
    originals: Array
    original_labels: Array
    original_index: Array
    reconstructions: Array

    def to_arrays(self) -> Arrays:
        """Return the arrays as they are stored."""
        import numpy as np

        return {name: np.asarray(getattr(self, name), dtype) for name, (dtype, _) in _TABLE.items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays, facts: Facts, where: str) -> Snapshot:
        """Build a snapshot from stored arrays.

        Args:
            arrays: What `to_arrays` gave.
            facts: Of the run, to which they must fit.
            where: The file's name, for messages.

        Raises:
            DamagedArtifact: If an array is missing, unexpected, or does not fit the others or the run.
        """
        if set(arrays) != {field.name for field in fields(cls)}:
            raise DamagedContent(where, "it does not hold the arrays of a snapshot")
        for name, (dtype, dimensions) in _TABLE.items():
            if arrays[name].dtype != dtype or arrays[name].ndim != dimensions:
                raise DamagedContent(where, f"{name} is not {dimensions}-dimensional {dtype}")
        snapshot = cls(**{name: arrays[name] for name in _TABLE})
        if not (snapshot._fits() and snapshot._is_of(facts)):
            raise DamagedContent(where, "its arrays do not fit one another or the run")
        return snapshot

    def _fits(self) -> bool:
        count, latent_dim = self.mean.shape
        image = self.originals.shape[1:]
        return (
            self.log_var.shape == self.mean.shape
            and self.labels.shape == self.index.shape == (count,)
            and self.grid_latents.shape == (*self.grid.shape[:2], latent_dim)
            and self.grid.shape[2:] == image
            and self.reconstructions.shape == self.originals.shape
            and self.original_labels.shape == self.original_index.shape == self.originals.shape[:1]
            and 1 <= len(self.grid_dims) <= 2
            and all(0 <= dim < latent_dim for dim in self.grid_dims)
        )

    def _is_of(self, facts: Facts) -> bool:
        rows, columns = self.grid.shape[:2]
        labels = (*self.labels.tolist(), *self.original_labels.tolist())
        return (
            self.mean.shape == (facts.dataset.heldout_count, facts.config.latent_dim)
            and self.originals.shape[1:] == facts.dataset.shape
            and 1 <= len(self.originals) <= formats.followed_at_most(facts)
            and 1 <= rows <= formats.MAX_GRID
            and 1 <= columns <= formats.MAX_GRID
            and all(0 <= label < len(facts.dataset.class_names) for label in labels)
        )
