"""The held-out images of a run as points of a plane: one cloud of them for each epoch."""

from __future__ import annotations

from collections.abc import Sequence

from vaecli.figures.captions import title_of
from vaecli.figures.epochs import Snapshots, caption_of
from vaecli.latents import Projection, choose_latents, fit_projection
from vaecli.render.panel import Cloud
from vaecli.store import Run


def names_of(run: Run) -> list[str]:
    """Return the names of a run's classes; none if its images are all of one."""
    names = run.dataset.class_names
    return list(names) if len(names) > 1 else []


def load_cloud(
    snapshots: Snapshots, epochs: Sequence[int], dims: Sequence[int] | None = None
) -> tuple[Cloud, Projection]:
    """Return the held-out means of some epochs as points to draw, and how they were projected.

    Args:
        snapshots: Those of the run.
        epochs: The epochs, ascending.
        dims: The latents to show, counted from 0; by default all of one or two, else the
            principal components of the last epoch.

    Raises:
        UsageError: If `dims` are not latents of the run.
    """
    run = snapshots.run
    means = [snapshots[epoch].mean for epoch in epochs]
    latent_dim = means[-1].shape[1]
    if dims is None and latent_dim > 2:
        projection = fit_projection(means[-1])
    else:
        projection = choose_latents(dims if dims is not None else range(latent_dim), latent_dim)
    points = [projection.apply(mean) for mean in means]
    labels = snapshots[epochs[-1]].labels if names_of(run) else None
    captions = [caption_of(run, epoch) for epoch in epochs]
    return Cloud(points, labels, captions, title_of(run), projection.labels), projection
