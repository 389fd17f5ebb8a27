"""The datasets that have a name: what describes one, and the catalogue of them all.

Each set is a module of `sets/`, which holds plain facts and a function that loads the set, so that listing
the sets loads neither NumPy nor a network.
A file is known by the SHA-256 of its *uncompressed* IDX bytes: the same whichever mirror,
package or cache it came from, and however it was compressed there.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vaecli.data.idx import IdxFile
from vaecli.errors import DataError
from vaecli.registry import NAMED_SETS, Registry

if TYPE_CHECKING:
    from vaecli.config import TrainConfig
    from vaecli.data.dataset import Dataset
    from vaecli.data.progress import Progress


@dataclass(frozen=True)
class Package:
    """A package of a package manager, and the folder in it that holds the files."""

    name: str
    folder: str


@dataclass(frozen=True)
class Resource:
    """A file that a set is made from; which edition of it there is, the system decides.

    Attributes:
        name: Its name in a folder of the user's, or in our cache.
        paths: Where systems keep it.
        package: The Debian package that holds it, and the folder in it.
    """

    name: str
    paths: tuple[str, ...]
    package: Package


class Loader(Protocol):
    """How a set is loaded. It imports NumPy, and what else it needs, when it is called."""

    def __call__(
        self,
        named: NamedSet,
        config: TrainConfig,
        *,
        data_dir: Path | str | None,
        offline: bool,
        progress: Progress | None,
    ) -> Dataset:
        """Load the set.

        Args:
            named: The set.
            config: What its images should look like. All that the set does not list in `shaped_by` is
                applied to what is returned.
            data_dir: A folder to look in first.
            offline: Whether to look on this machine only.
            progress: Told about what arrives.
        """


def load_files(
    named: NamedSet,
    config: TrainConfig,
    *,
    data_dir: Path | str | None,
    offline: bool,
    progress: Progress | None,
) -> Dataset:
    """Load a set of four IDX files, as `Loader` describes."""
    from vaecli.data.named.finding import load_found

    return load_found(named, data_dir=data_dir, offline=offline, progress=progress)


@dataclass(frozen=True)
class NamedSet:
    """A dataset with a name.

    Attributes:
        name: The one name that runs and caches use.
        aliases: Other names that people use.
        description: One line.
        licence: Under which terms its images may be used.
        shape: `(height, width, channels)` of an image.
        counts: Images to train on, and held-out ones.
        class_names: The name of each label, in order.
        files: Training images, training labels, held-out images, held-out labels; empty if it is generated.
        resources: What it is made from, where that is files of the system.
        load: How it is loaded.
        shaped_by: The fields of `TrainConfig` that `load` applies itself, each None by default.
        mirrors: Addresses that serve each file as `<mirror>/<name>.gz`.
        keras: Where Keras' cache keeps it: a folder of the files, or one `.npz` of them all.
        system: The folder where a system's package puts it.
        debian: The Debian package that holds it.
        npm: The npm package that holds it.
    """

    name: str
    aliases: tuple[str, ...]
    description: str
    licence: str
    shape: tuple[int, int, int]
    counts: tuple[int, int]
    class_names: tuple[str, ...]
    files: tuple[IdxFile, ...] = ()
    resources: tuple[Resource, ...] = ()
    load: Loader = load_files
    shaped_by: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    keras: str | None = None
    system: str | None = None
    debian: Package | None = None
    npm: Package | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files that it needs; none if it is generated."""
        return (*(file.name for file in self.files), *(resource.name for resource in self.resources))


def mnist_files(
    train_images: str, train_labels: str, heldout_images: str, heldout_labels: str
) -> tuple[IdxFile, ...]:
    """Return the four files that MNIST and its successor share, with their digests."""
    return (
        IdxFile("train-images-idx3-ubyte", (60_000, 28, 28), train_images),
        IdxFile("train-labels-idx1-ubyte", (60_000,), train_labels),
        IdxFile("t10k-images-idx3-ubyte", (10_000, 28, 28), heldout_images),
        IdxFile("t10k-labels-idx1-ubyte", (10_000,), heldout_labels),
    )


#: Name → set; a file in `sets/` is an entry, and is imported when it is asked for.
CATALOGUE: Registry[NamedSet] = NAMED_SETS


def set_names() -> dict[str, str]:
    """Return the canonical name of a set for each of its names and aliases."""
    return {alias: named.name for named in CATALOGUE.values() for alias in (named.name, *named.aliases)}


#: Well-known sets of other libraries, by letters and digits alone.
_ELSEWHERE = {
    "cifar10": "keras:cifar10",
    "cifar": "keras:cifar10",
    "cifar100": "keras:cifar100",
    "stl10": "tfds:stl10",
    "svhn": "tfds:svhn_cropped",
    "kmnist": "tfds:kmnist",
    "kuzushijimnist": "tfds:kmnist",
    "emnist": "tfds:emnist/balanced",
    "omniglot": "tfds:omniglot",
    "celeba": "tfds:celeb_a",
    "eurosat": "tfds:eurosat",
    "food101": "tfds:food101",
    "flowers102": "tfds:oxford_flowers102",
    "catsvsdogs": "tfds:cats_vs_dogs",
    "dsprites": "tfds:dsprites",
    "shapes3d": "tfds:shapes3d",
    "3dshapes": "tfds:shapes3d",
}


def canonical_name(word: str) -> str:
    """Return the one name of a dataset that people call by several.

    Raises:
        DataError: If no set has this name; a near one is suggested.

    >>> canonical_name("Fashion_MNIST")
    'fashion'
    """
    names = set_names()
    plain = word.strip().lower().replace("_", "-").replace(" ", "-")
    if plain in names:
        return names[plain]
    if elsewhere := _ELSEWHERE.get(re.sub(r"[^a-z0-9]", "", plain)):
        raise DataError(f"{word!r} is a set of another library.", mend=f"Name it: --dataset {elsewhere}")
    near = difflib.get_close_matches(plain, names, n=1)
    raise DataError(
        f"No dataset is called {word!r}.",
        f"Expected one of: {', '.join(CATALOGUE)}; or the path of a folder, zip or array file.",
        f"Did you mean {names[near[0]]!r}?" if near else "",
    )
