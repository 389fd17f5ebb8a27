"""Shapes that are generated: see `vaecli.data.named.shapes`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vaecli.data.named.catalogue import NamedSet

if TYPE_CHECKING:
    from vaecli.config import TrainConfig
    from vaecli.data.dataset import Dataset
    from vaecli.data.progress import Progress


def _load(
    named: NamedSet,
    config: TrainConfig,
    *,
    data_dir: Path | str | None,
    offline: bool,
    progress: Progress | None,
) -> Dataset:
    """Load the set, as `Loader` describes."""
    from vaecli.data.named.shapes import make_shapes

    return make_shapes(config.size, config.channels)


SET = NamedSet(
    name="shapes",
    aliases=(),
    description="Shapes of known kind, size, angle, position and colour, generated.",
    licence="none needed",
    shape=(28, 28, 1),
    counts=(10_000, 2_000),
    class_names=("disc", "ring", "square", "triangle", "cross", "star"),
    load=_load,
    shaped_by=("size", "channels"),
)
