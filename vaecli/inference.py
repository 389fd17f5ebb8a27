"""What a run's network makes of images and latents: arrays in, arrays out.

A `run` is a `Run` or a word that means one (see `open_run`). What there is to report, such as how an
image had to be converted, is passed to the caller's `say`, a line at a time; by default
nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vaecli.blueprint.forward import Interpreter
from vaecli.blueprint.network import of_config, require_fit
from vaecli.chatter import announce_loading
from vaecli.data.files.encodings import Encodings
from vaecli.errors import DataError
from vaecli.images import ImageSource, to_uint8
from vaecli.observers import Say, silence
from vaecli.runs import last_epoch, open_run
from vaecli.store import Run
from vaecli.values import SMALLEST_SIDE

if TYPE_CHECKING:
    from vaecli.data import Split

Floats = NDArray[np.float32]
Images = NDArray[np.uint8]
OwnImages = ArrayLike | Path | Sequence[Path]


class OpenNetwork(Protocol):
    """A network with the weights of one epoch."""

    def encode(self, images: ImageSource) -> tuple[Floats, Floats]:
        """Return mean and log_var, `(n, latent_dim)`, of uint8 images `(n, height, width, channels)`."""

    def decode(self, latents: Floats) -> Floats:
        """Return pixels in [0, 1], `(n, height, width, channels)`, of latents `(n, latent_dim)`."""

    def reconstruct(self, images: ImageSource) -> Floats:
        """Decode the mean of uint8 images; shapes as in `encode` and `decode`."""

    def sample(self, latents: Floats, seed: int = 0) -> Floats:
        """Draw images from the likelihood, one of each latent; shapes as in `decode`."""


#: Up to this many multiplications NumPy runs the network, beyond it TensorFlow does. In NumPy a billion of
#: them take 0.2 to 0.4 seconds of a processor (0.8 for `residual`), and TensorFlow takes 5.7 to load.
WORK = 2e10
_TOGETHER = 2048  # latents decoded at a time: pixels are floats only until they are rounded


def open_network(
    run: Run | str,
    epoch: int | None = None,
    *,
    count: int = 1,
    why: str = "encode and decode",
    say: Say = silence,
) -> OpenNetwork:
    """Return the network of a run as an epoch left it.

    Its weights are those of the epoch's checkpoint. Where that was not kept, they are the rounded ones that
    the epoch itself keeps; they change a decoded image by one grey level at most.

    What it gives is the same in NumPy and in TensorFlow, up to rounding in float32; only what `sample` draws
    from a seed differs.

    Args:
        run: The run.
        epoch: The epoch, by default the last one.
        count: How many images it will encode or decode; `WORK` says how many are left to TensorFlow.
        why: What it is needed for, to complete "Loading TensorFlow to …".
        say: Who is told that TensorFlow is loaded, and that this takes a moment.

    Raises:
        RunNotFound: If the epoch is not on disk, or keeps no weights.
        DamagedArtifact: If they are damaged or do not fit the run.
    """
    run = open_run(run)
    epochs = [last_epoch(run) if epoch is None else epoch]
    return next(open_networks(run, epochs, count=count, why=why, say=say))


def open_networks(
    run: Run | str,
    epochs: Sequence[int],
    *,
    count: int = 1,
    why: str = "encode and decode",
    say: Say = silence,
) -> Iterator[OpenNetwork]:
    """Yield the network of a run as each of some epochs left it; each serves until the next is asked for.

    Args:
        run: The run.
        epochs: The epochs.
        count: How many images will be encoded or decoded, with all of them together.
        why: As in `open_network`.
        say: As in `open_network`.

    Raises:
        RunNotFound: If an epoch is not on disk, or keeps no weights.
        DamagedArtifact: If they are damaged or do not fit the run.
    """
    run = open_run(run)
    blueprint = of_config(run.config, run.dataset.shape)
    work = max(blueprint.encoder.multiplications(), blueprint.decoder.multiplications())
    if count * work <= WORK:
        for epoch in epochs:
            yield Interpreter(blueprint, run.weights(epoch))
        return
    first, *others = epochs
    weights = run.weights(first)
    require_fit(blueprint.tensors(), weights)  # before TensorFlow is loaded and builds anything
    announce_loading(why, say)
    from vaecli.network import Network

    network = Network.from_weights(run.config, run.dataset.shape, weights)
    yield network
    for epoch in others:
        network.load(run.weights(epoch))
        yield network


def encode(
    run: Run | str,
    images: OwnImages | Split | None = None,
    *,
    epoch: int | None = None,
    say: Say = silence,
) -> Encodings:
    """Encode images: what the encoder says of each.

    Args:
        run: The run.
        images: Arrays or image files, as `read_own_images` takes them; or a dataset's split, for
            example `dataset.train`. By default the held-out images, whose encodings every epoch keeps.
        epoch: The epoch, by default the last one.
        say: Called with a line on what had to be converted or loaded.

    Returns:
        mean and log_var of each image, and what it is called.

    Raises:
        DataError: If an image cannot be read or does not fit the run.
        RunNotFound: If the epoch is not on disk, or keeps no weights though they are needed.
    """
    run = open_run(run)
    if images is None:
        return _of_heldout_images(run, last_epoch(run) if epoch is None else epoch)
    from vaecli.data import Split  # it imports Pillow, which held-out images do not need

    if isinstance(images, Split):
        return _of_split(run, images, epoch, say)
    pixels, names = read_own_images(run, images, say)
    mean, log_var = open_network(run, epoch, count=len(pixels), why="encode", say=say).encode(pixels)
    return Encodings(mean, log_var, names, [""] * len(names))


def encode_folder(
    run: Run | str, folder: Path | str, *, epoch: int | None = None, say: Say = silence
) -> Encodings:
    """Encode all images of a folder or a zip, in the natural order of their names.

    They are read as a dataset is: what is no image is left out, and said.

    Args:
        run: The run, whose images' shape they get.
        folder: The folder or zip.
        epoch: The epoch, by default the last one.
        say: Called with a line on what was left out or converted.

    Returns:
        mean and log_var of each image, its name in the folder, and the class that its folder is, if any.

    Raises:
        DataError: If there are not two different images in it, or the run's are smaller than files are made.
        RunNotFound: If the epoch is not on disk, or keeps no weights.
    """
    from vaecli.data import load_dataset, natural

    run = open_run(run)
    height, width, channels = run.dataset.shape
    config = run.config
    if min(height, width) < SMALLEST_SIDE:
        raise DataError(
            f"{run.name} has images of {height} × {width} pixels.",
            f"Expected: at least {SMALLEST_SIDE} a side, to scale the images of a folder to.",
        )
    dataset = load_dataset(
        Path(folder),
        size=f"{height}x{width}",
        channels=channels,
        fit=config.fit if config.size else "contain",
        background=config.background,
        range=config.range,
        bands=config.bands,
    )
    for note in dataset.notes:
        say(note)
    splits = (dataset.train, dataset.heldout)
    network = open_network(run, epoch, count=sum(map(len, splits)), why="encode", say=say)
    encoded = [network.encode(split.images) for split in splits]
    names = [
        name
        for split in splits
        for name in (split.files or [f"#{number}" for number in split.index.tolist()])
    ]
    labels = [dataset.class_names[label] for split in splits for label in split.labels.tolist()]
    order = sorted(range(len(names)), key=lambda number: natural(names[number]))
    mean, log_var = (np.concatenate(parts)[order] for parts in zip(*encoded, strict=True))
    is_labelled = len(dataset.class_names) > 1
    return Encodings(
        mean, log_var, [names[row] for row in order], [labels[row] if is_labelled else "" for row in order]
    )


def decode(
    run: Run | str,
    latents: ArrayLike,
    *,
    epoch: int | None = None,
    sample: bool = False,
    seed: int = 0,
    say: Say = silence,
) -> Images:
    """Decode latents into images.

    Args:
        run: The run.
        latents: `(..., latent_dim)`.
        epoch: The epoch, by default the last one.
        sample: Draw pixels from the likelihood instead of returning their means.
        seed: What is drawn follows from it.
        say: Called with a line if loading takes a moment.

    Returns:
        `(..., height, width, channels)` uint8.

    Raises:
        DataError: If the latents are not the run's.
        RunNotFound: If the epoch is not on disk, or keeps no weights.
    """
    run = open_run(run)
    points, shape = _latents_of(run, latents), run.dataset.shape
    images, start = np.empty((_count(points), *shape), np.uint8), 0
    for batch in decode_batches(run, points, epoch=epoch, sample=sample, seed=seed, say=say):
        images[start : start + len(batch)] = batch
        start += len(batch)
    return images.reshape(*points.shape[:-1], *shape)


def decode_batches(
    run: Run | str,
    latents: ArrayLike,
    *,
    epoch: int | None = None,
    sample: bool = False,
    seed: int = 0,
    say: Say = silence,
) -> Iterator[Images]:
    """Decode latents a few thousand at a time, however many there are; see `decode` for the rest.

    Args:
        run: The run.
        latents: `(..., latent_dim)`.
        epoch: The epoch, by default the last one.
        sample: Draw pixels from the likelihood.
        seed: What is drawn follows from it, and from the place in the latents.
        say: Called with a line if loading takes a moment.

    Yields:
        `(m, height, width, channels)` uint8, in the order of the latents.
    """
    run = open_run(run)
    points = _latents_of(run, latents).reshape(-1, run.config.latent_dim)
    network = open_network(run, epoch, count=len(points), why="decode", say=say)
    for number, start in enumerate(range(0, len(points), _TOGETHER)):
        rows = points[start : start + _TOGETHER]
        if sample:
            own = int(np.random.SeedSequence([seed, number]).generate_state(1)[0]) if number else seed
            yield to_uint8(network.sample(rows, own))
        else:
            yield to_uint8(network.decode(rows))


def decode_epochs(
    run: Run | str, latents: Sequence[ArrayLike], epochs: Sequence[int], *, say: Say = silence
) -> list[Images]:
    """Decode latents with the weights of several epochs.

    Args:
        run: The run.
        latents: `(..., latent_dim)` for each epoch.
        epochs: The epochs.
        say: Called with a line if loading takes a moment.

    Returns:
        `(..., height, width, channels)` uint8 for each epoch.

    Raises:
        DataError: If the latents are not the run's.
        RunNotFound: If an epoch is not on disk, or keeps no weights.
    """
    run = open_run(run)
    points = [_latents_of(run, each) for each in latents]
    networks = open_networks(run, epochs, count=sum(map(_count, points)), why="decode", say=say)
    return [_decoded(each, network.decode) for network, each in zip(networks, points, strict=True)]


def _latents_of(run: Run, latents: ArrayLike) -> Floats:
    """Return latents as float32, if they can be the run's."""
    points = np.asarray(latents, np.float32)
    if points.ndim == 0 or points.shape[-1] != run.config.latent_dim or not np.isfinite(points).all():
        raise DataError(
            f"Latents of shape {points.shape} are not those of run {run.name}.",
            f"Expected: finite numbers of shape (n, {run.config.latent_dim}).",
        )
    return points


def _count(points: Floats) -> int:
    return int(np.prod(points.shape[:-1]))


def _decoded(points: Floats, decode: Callable[[Floats], Floats]) -> Images:
    """Return the images of latents of any shape `(..., latent_dim)`."""
    images = to_uint8(decode(points.reshape(-1, points.shape[-1])))
    return images.reshape(*points.shape[:-1], *images.shape[1:])


def read_own_images(run: Run | str, images: OwnImages, say: Say = silence) -> tuple[Images, list[str]]:
    """Return a user's images as the network of a run takes them, and what to call each of them.

    Args:
        run: The run, whose images' shape they get.
        images: Image files, fitted as the run's own images were; or uint8 arrays that have the shape
            already: `(..., height, width, channels)`, or without the channels where images are grey.
        say: Called with a line on each file that had to be converted.

    Returns:
        `(n, height, width, channels)` uint8; the files as they were given, or for arrays their positions.

    Raises:
        DataError: If a file cannot be read as an image, or an array does not fit.
    """
    from vaecli.data import read_images

    run, files = open_run(run), _as_files(images)
    if files is None:
        pixels = _fitting(np.asarray(images), run)
        return pixels, [f"#{position}" for position in range(len(pixels))]
    fit = run.config.fit if run.config.size else "contain"  # unless asked, nothing is cropped
    background, ends = run.config.background, run.config.range
    pixels, notes = read_images(files, run.dataset.shape, fit=fit, background=background, range=ends)
    for note in notes:
        say(note)
    return pixels, files


def _as_files(images: OwnImages) -> list[str] | None:
    """Return the paths of image files, or None for arrays."""
    if isinstance(images, str | Path):
        return [str(images)]
    if isinstance(images, Sequence) and len(images) and all(isinstance(each, str | Path) for each in images):
        return [str(each) for each in images]
    return None


def _fitting(pixels: NDArray[np.generic], run: Run) -> Images:
    """Return an array of images as `(n, height, width, channels)`, if it fits a run."""
    shape = run.dataset.shape
    if shape[2] == 1 and pixels.shape[-2:] == shape[:2]:
        pixels = pixels[..., np.newaxis]
    if pixels.dtype != np.uint8 or pixels.shape[-3:] != shape:
        raise DataError(
            f"Images are {pixels.dtype} of shape {pixels.shape}, which do not fit run {run.name}.",
            f"Expected: uint8 of shape (n, {', '.join(map(str, shape))}).",
            "Images are fitted when they are given as paths of files.",
        )
    return pixels.reshape(-1, *shape).astype(np.uint8, copy=False)


def _of_heldout_images(run: Run, epoch: int) -> Encodings:
    """Return what an epoch's snapshot holds; no network is needed."""
    snapshot, names = run.snapshot(epoch), run.dataset.class_names
    return Encodings(
        snapshot.mean,
        snapshot.log_var,
        [f"#{position}" for position in snapshot.index],
        [names[label] for label in snapshot.labels],
    )


def _of_split(run: Run, split: Split, epoch: int | None, say: Say) -> Encodings:
    """Return the encodings of a split of the run's dataset."""
    if split.images.shape[1:] != run.dataset.shape:
        raise DataError(
            f"The split's images have shape {split.images.shape[1:]}, which do not fit run {run.name}.",
            f"Expected: {run.dataset.shape}.",
        )
    network = open_network(run, epoch, count=len(split.images), why="encode", say=say)
    mean, log_var = network.encode(split.images)
    names = dict(enumerate(run.dataset.class_names))
    labels = [names.get(int(label), str(label)) for label in split.labels]
    return Encodings(mean, log_var, [f"#{position}" for position in split.index], labels)
