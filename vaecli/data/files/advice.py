"""What to do with what is not read: sets in their own formats, files of other kinds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from vaecli.data.images import UNREAD
from vaecli.data.names import tidy

#: Names of files of well-known sets, and where the same sets are read from.
_SETS = (
    (re.compile(r"(data_batch|test_batch)(_[1-5])?(\.bin)?|batches\.meta(\.txt)?"), "keras:cifar10"),
    (re.compile(r"cifar-10.*"), "keras:cifar10"),
    (re.compile(r"cifar-100.*|fine_label_names\.txt"), "keras:cifar100"),
    (re.compile(r"(un)?(train|test)(labeled)?_[Xy]\.bin|stl10.*|fold_indices\.txt"), "tfds:stl10"),
    (re.compile(r"(train|test|extra)_32x32\.mat"), "tfds:svhn_cropped"),
)
_BY_ENDING = {
    ".zip": "Unpack {name}, and name what it holds.",
    ".npy": "Make one array of them: np.savez(path, images=np.stack(images), labels=labels).",
    ".npz": "Name one of them: --dataset FOLDER/{name}",
    ".h5": "Name one of them: --dataset FOLDER/{name}",
    ".hdf5": "Name one of them: --dataset FOLDER/{name}",
    ".gz": "Unpack it first: {name}",
    ".tar": "Unpack it first: {name}",
    ".tgz": "Unpack it first: {name}",
    ".pkl": "Pickles are never read: save arrays, np.savez(path, images=images, labels=labels).",
    ".pickle": "Pickles are never read: save arrays, np.savez(path, images=images, labels=labels).",
    ".parquet": "Sets of Hugging Face are read by name: --dataset hf:OWNER/NAME",
    ".arrow": "Sets of Hugging Face are read by name: --dataset hf:OWNER/NAME",
    ".tfrecord": "Sets of TensorFlow Datasets are read by name: --dataset tfds:NAME",
    ".mat": "In Python: np.savez(path, images=scipy.io.loadmat(file)['X'])",
    ".csv": "In Python: rows = np.loadtxt(file, delimiter=',', skiprows=1); "
    "np.savez(path, images=rows[:, 1:].reshape(-1, 28, 28), labels=rows[:, 0])",
}


def advice_on(names: Iterable[str], *, is_zip: bool = False) -> str:
    """Return what to do with files that hold no images that are read; nothing if nothing is known.

    Args:
        names: Their names.
        is_zip: Whether they are in a zip.

    >>> advice_on(["cifar-10-batches-py/data_batch_1", "cifar-10-batches-py/readme.html"])
    'That is CIFAR-10 or the like: the same set is read with --dataset keras:cifar10'
    >>> advice_on(["photos/1.heic"])
    '.heic files: convert them to JPEG first, with heif-convert or ImageMagick.'
    """
    paths = [PurePosixPath(name) for name in names]
    for pattern, word in _SETS:
        if any(pattern.fullmatch(path.name) for path in paths):
            title = {"keras:cifar10": "CIFAR-10", "keras:cifar100": "CIFAR-100", "tfds:stl10": "STL-10"}.get(
                word, "SVHN"
            )
            return f"That is {title} or the like: the same set is read with --dataset {word}"
    for ending, _ in Counter(path.suffix.lower() for path in paths).most_common():
        first = next(path for path in paths if path.suffix.lower() == ending)
        if is_zip and ending in _BY_ENDING:
            return f"Unpack it, and name what it holds: {tidy(str(first))}"
        if ending in UNREAD:
            return f"{ending} files: {UNREAD[ending]}."
        if ending in _BY_ENDING:
            return _BY_ENDING[ending].format(name=tidy(str(first)))
    return ""
