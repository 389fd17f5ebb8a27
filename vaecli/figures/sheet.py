"""Many images on one sheet: a dataset's in rows by class, or any images one after the other."""

from __future__ import annotations

from vaecli.data import Dataset
from vaecli.errors import UsageError
from vaecli.figures.figure import Figure
from vaecli.inference import Images
from vaecli.render.sheet import class_sheet, contact_sheet
from vaecli.store import Run


def dataset_sheet(dataset: Dataset, columns: int = 12, split: str = "train") -> Figure:
    """Draw images of a dataset, a row per class.

    Args:
        dataset: The dataset.
        columns: Images per class, at most.
        split: `train`, or `test` for the held-out ones.

    Raises:
        UsageError: If there is no such split.
    """
    splits = {"train": dataset.train, "test": dataset.heldout}
    if split not in splits:
        raise UsageError(f"split is {split!r}.", f"Expected one of: {', '.join(splits)}.")
    height, width, channels = dataset.shape
    held_out = "held-out " if split == "test" else ""
    title = f"{dataset.name} · {len(splits[split]):,} {held_out}images of {height} × {width} × {channels}"
    few, names = splits[split].spread(columns * len(dataset.class_names)), dataset.class_names
    images, labels = few.images[:], few.labels
    facts = {"name": dataset.name, "split": split, "columns": columns, "class_names": list(names)}
    return Figure(
        dataset.name if split == "train" else f"{dataset.name}-{split}",
        lambda look: class_sheet(images, labels, names, columns=columns, title=title, look=look),
        facts,
        caption=f"{title}.",
    )


def decoded_sheet(run: Run, images: Images) -> Figure:
    """Draw decoded images one after the other; a single one large.

    Args:
        run: The run that decoded them.
        images: `(n, height, width, channels)` uint8, at least one.
    """
    facts = {"run": run.name, "images": len(images), "shape": list(images.shape[1:])}
    return Figure(f"{run.name}-decoded", lambda look: contact_sheet(images, look=look), facts)
