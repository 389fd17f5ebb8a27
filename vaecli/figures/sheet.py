"""Many images on one sheet: a dataset's in rows by class, or any images one after the other."""

from __future__ import annotations

from vaecli.data import Dataset
from vaecli.figures.figure import Figure
from vaecli.inference import Images
from vaecli.render.images import as_rgb
from vaecli.render.sheet import class_sheet, contact_sheet
from vaecli.store import Run


def dataset_sheet(dataset: Dataset, columns: int = 12) -> Figure:
    """Draw training images of a dataset, a row per class.

    Args:
        dataset: The dataset.
        columns: Images per class, at most.
    """
    height, width, channels = dataset.shape
    title = f"{dataset.name} · {len(dataset.train):,} images of {height} × {width} × {channels}"
    few, names = dataset.limited(columns * len(dataset.class_names)).train, dataset.class_names
    images, labels = few.images[:], few.labels
    facts = {"name": dataset.name, "columns": columns, "class_names": list(names)}
    return Figure(
        dataset.name,
        lambda look: class_sheet(images, labels, names, columns=columns, title=title, look=look),
        facts,
        caption=f"{title}.",
    )


def decoded_sheet(run: Run, images: Images) -> Figure:
    """Draw decoded images one after the other; a single one as it is, pixel for pixel.

    Args:
        run: The run that decoded them.
        images: `(n, height, width, channels)` uint8, at least one.
    """
    facts = {"run": run.name, "images": len(images), "shape": list(images.shape[1:])}
    if len(images) == 1:
        return Figure(f"{run.name}-decoded", lambda look: [as_rgb(images[0])], facts)
    return Figure(f"{run.name}-decoded", lambda look: contact_sheet(images, look=look), facts)
