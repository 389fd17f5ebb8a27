"""A run to hold in one's hand: one HTML file with its points, its images and its decoders."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vaecli import files
from vaecli.blueprint.description import describe
from vaecli.blueprint.network import Blueprint, of_config, require_fit
from vaecli.errors import UsageError, VaecliError
from vaecli.explorer.assembly import page_of
from vaecli.explorer.contents import EpochContent, RunContent, Weights
from vaecli.explorer.fitting import fitted
from vaecli.figures.clouds import names_of
from vaecli.figures.epochs import Snapshots
from vaecli.latents import choose_latents, fit_projection
from vaecli.metrics import METRICS
from vaecli.observers import Say, silence
from vaecli.render.style import PLAIN, class_colours
from vaecli.runs import last_epoch, open_run
from vaecli.store import Run

if TYPE_CHECKING:
    from vaecli.data import Dataset

DEFAULT_MB = 10.0
_PROGRAM_BYTES = 80_000  # of the page without data
_NOTEBOOK_HEIGHT = 860  # pixels of the frame that a notebook shows


@dataclass(frozen=True, eq=False)
class Explorer:
    """A page that can be saved, and that shows itself in a notebook.

    Attributes:
        stem: What it shows, as the name of a file without its ending.
        html: The page, UTF-8.
        facts: What is shown, as plain values that JSON can hold.

    >>> Explorer("fashion-1", b"<!doctype html>", {})
    Explorer('fashion-1', 15 bytes)
    """

    stem: str
    html: bytes
    facts: dict[str, Any]

    def __repr__(self) -> str:
        """Say what it shows."""
        return f"Explorer({self.stem!r}, {len(self.html):,} bytes)"

    @property
    def default_name(self) -> str:
        """The name of its file where nobody says."""
        return f"{self.stem}.html"

    def save(self, path: Path | str | None = None) -> Path:
        """Write it to a file, whole or not at all, and return the file's path.

        Args:
            path: By default `default_name`, in the current folder.

        Raises:
            EnvironmentFailure: If the file cannot be written.
        """
        target = Path(path or self.default_name)
        files.save(target, self.write)
        return target

    def write(self, file: BinaryIO) -> None:
        """Write it to an open binary file."""
        file.write(self.html)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the page in a frame that cannot reach the notebook."""
        page = escape(self.html.decode("utf-8"), quote=True)
        style = f"width: 100%; height: {_NOTEBOOK_HEIGHT}px; border: 0"
        return f'<iframe sandbox="allow-scripts" style="{style}" srcdoc="{page}"></iframe>'


def explore(
    run: Run | str,
    other: Run | str | None = None,
    *,
    dataset: Dataset | None = None,
    images: bool = True,
    max_mb: float = DEFAULT_MB,
    say: Say = silence,
) -> Explorer:
    """Make a page of a run: its latent space epoch by epoch, and the decoder to try it with.

    Args:
        run: The run, or a word that means one (see `open_run`).
        other: Another run on the same dataset, shown beside it.
        dataset: What the run was trained on; by default it is looked for on this machine, by the word that
            the run remembers.
        images: Embed thumbnails of its held-out images, if they are found.
        max_mb: The most that the page may take, in millions of bytes.
        say: Called with a line on what is left out.

    Raises:
        RunNotFound: If there is no such run, or it has no epoch.
        UsageError: If the two runs are not of the same dataset.
    """
    runs = [open_run(run), *([open_run(other)] if other is not None else [])]
    if len({each.dataset.fingerprint for each in runs}) > 1:
        raise UsageError(
            f"{runs[0].name} and {runs[1].name} are not of the same images.",
            "Expected: two runs on the same dataset.",
        )
    whole = [_content_of(each) for each in runs]
    if images:  # the second run shows those of the first
        whole[0] = replace(whole[0], images=_images_of(runs[0], whole[0].index, dataset, say))
    contents, notes = fitted(whole, 1e6 * max_mb - _PROGRAM_BYTES)
    for note in notes:
        say(note)
    html = page_of(contents, notes)
    facts = {
        "runs": [each.name for each in runs],
        "epochs": contents[0].shown,
        "images": len(contents[0].labels),
        "bytes": len(html),
    }
    return Explorer("-".join(["explore", *(each.name for each in runs)]), html, facts)


def _content_of(run: Run) -> RunContent:
    """Return all that there is to show of a run but its images."""
    last, snapshots = last_epoch(run), Snapshots(run)
    snapshot, blueprint = snapshots[last], of_config(run.config, run.dataset.shape)
    latent_dim, names, epochs = run.config.latent_dim, names_of(run), run.epochs()
    projection = (
        fit_projection(snapshot.mean) if latent_dim > 2 else choose_latents(range(latent_dim), latent_dim)
    )
    return RunContent(
        name=run.name,
        facts=_facts_of(run, last),
        command=shlex.join(["vaecli", *map(str, run.document["argv"][1:])]),
        description=describe(blueprint),
        image_shape=run.dataset.shape,
        class_names=names,
        colours=["#{:02x}{:02x}{:02x}".format(*colour) for colour in class_colours(len(names)).tolist()]
        or [PLAIN],
        labels=snapshot.labels,
        index=snapshot.index,
        curve={epoch: _metrics_of(run, epoch) for epoch in epochs},
        epochs=[_epoch_content(run, snapshots, epoch, blueprint) for epoch in epochs],
        axes=projection.axes,
        centre=projection.centre,
        axis_names=projection.labels,
        images=None,
    )


def _epoch_content(run: Run, snapshots: Snapshots, epoch: int, blueprint: Blueprint) -> EpochContent:
    metrics, mean = _metrics_of(run, epoch), snapshots[epoch].mean
    return EpochContent(epoch, metrics, mean, _decoder_of(run, epoch, blueprint))


def _metrics_of(run: Run, epoch: int) -> dict[str, Any]:
    """Return the metrics of an epoch that are worth a curve, and the KL of each latent."""
    metrics = run.metrics(epoch)
    curves = {metric.name: getattr(metrics, metric.name) for metric in METRICS if metric.curve}
    return {**curves, "kl_per_latent": list(metrics.kl_per_latent)}


def _decoder_of(run: Run, epoch: int, blueprint: Blueprint) -> Weights | None:
    """Return the tensors of an epoch's decoder and likelihood, or None if it left none."""
    if not run.keeps_weights(epoch):
        return None
    weights = run.weights(epoch)
    require_fit(blueprint.tensors(), weights)
    own = (f"likelihood/{weight.name}" for weight in blueprint.likelihood.weights)
    return {name: weights[name] for name in (*blueprint.decoder.tensors(), *own)}


def _facts_of(run: Run, last: int) -> list[tuple[str, str]]:
    """Return what there is to know about a run, in words."""
    config, dataset, metrics = run.config, run.dataset, run.metrics(last)
    height, width, channels = dataset.shape
    return [
        ("dataset", f"{dataset.name}, {height} × {width} × {channels}"),
        ("images", f"{dataset.train_count:,} to train on, {dataset.heldout_count:,} held out"),
        ("network", f"{config.architecture}, {run.document['parameters']['total']:,} parameters"),
        ("latents", f"{config.latent_dim}, {metrics.active_units} active"),
        ("objective", config.objective_words),
        ("likelihood", str(config.resolved(channels).likelihood)),
        ("epochs", f"{last} of {run.total_epochs}, {run.state}"),
        ("−ELBO", f"{metrics.negative_elbo:.2f} nats per image".replace("-", "−")),
        ("seed", str(config.seed)),
    ]


def _images_of(
    run: Run, index: NDArray[np.integer], dataset: Dataset | None, say: Say
) -> NDArray[np.uint8] | None:
    """Return held-out images of a run by their positions in the test split, or say why there are none."""
    from vaecli.data import load_dataset

    config = run.config
    try:
        dataset = dataset or load_dataset(config.dataset, offline=True, **config.image_settings())
    except VaecliError as error:
        say(f"The page holds no images: {error.what}")
        return None
    heldout, record = dataset.heldout, run.dataset
    is_same = (dataset.fingerprint, dataset.shape) == (record.fingerprint, record.shape)
    if not is_same or not np.isin(index, heldout.index).all():
        say(f"The page holds no images: {dataset.source} has other images than the run.")
        return None
    return heldout.images[np.searchsorted(heldout.index, index)]
