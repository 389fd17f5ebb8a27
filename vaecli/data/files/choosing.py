"""Which array of a file holds the images, and which the labels: told by their names.

A name is taken apart into words, as that of a folder is: one may be of a split (`train`, `val`), the
others say images (`x`, `imgs`, `data`) or labels (`y`, `target`, `ans`). The names that `np.savez` gives
where there are none, `arr_0` and so on, count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vaecli.data.files.splits import role_of, words_of
from vaecli.data.names import tidy
from vaecli.errors import DataError

_Shape = tuple[int, ...]

#: Words of images and of labels; where several fit, the first in these orders counts.
_IMAGES = (
    *("images", "image", "imgs", "img", "x", "pixels", "pictures", "data", "samples", "faces", "inputs"),
    *("input", "features", "frames", "photos"),
)
_LABELS = (
    *(
        "labels",
        "label",
        "y",
        "targets",
        "target",
        "lab",
        "ans",
        "answer",
        "answers",
        "classes",
        "class",
        "gt",
    ),
    *("category", "categories", "digits", "ids"),
)
_COUNTED = ("arr_0", "arr_1", "arr_2", "arr_3")
_NAMES = ("class_names", "label_names", "classes", "names", "categories")


@dataclass(frozen=True)
class Choice:
    """The names of the arrays of a set; None for what there is not.

    Attributes:
        images: Those to train on, or all.
        labels: Of these.
        heldout_images: The held-out ones.
        heldout_labels: Of these.
        class_names: The name of each label.
    """

    images: str
    labels: str | None = None
    heldout_images: str | None = None
    heldout_labels: str | None = None
    class_names: str | None = None

    @property
    def used(self) -> set[str | None]:
        """The names of all that is used."""
        return {self.images, self.labels, self.heldout_images, self.heldout_labels, self.class_names}


def choose(shapes: Mapping[str, _Shape], where: str, wanted: Sequence[str] = ()) -> Choice:
    """Return which arrays of a file are images and labels.

    Args:
        shapes: Name → shape of each array.
        where: The file, for errors.
        wanted: The names that the user gave: images; images and labels; or these of both splits.

    Raises:
        DataError: If that is not clear, or a name is none of an array; it lists what is there.

    >>> choose({"x_train": (9, 8, 8), "y_train": (9,), "X_val": (3, 8, 8), "id": (9,)}, "a.npz")
    Choice(images='x_train', labels='y_train', heldout_images='X_val', heldout_labels=None, class_names=None)
    """
    if wanted:
        return _named(shapes, where, wanted)
    if set(_COUNTED[:1]) <= set(shapes) <= set(_COUNTED):
        return _counted(shapes)
    images, labels = _by_rank(shapes, _IMAGES), _by_rank(shapes, _LABELS)
    names = next((name for word in _NAMES for name in shapes if name.lower() == word), None)
    held = min((rank for rank in images if rank), default=None)
    train = 0 if 0 in images else None if None in images else held
    if held is not None and held != train and (train == 0 or _both_or_neither(labels, train, held)):
        found = Choice(images[train], labels.get(train), images[held], labels.get(held), names)
    elif train in images:
        found = Choice(images[train], labels.get(train, labels.get(None)), class_names=names)
    else:
        pictures = [name for name, shape in shapes.items() if len(shape) >= 3 and name not in labels.values()]
        if len(pictures) != 1 and (len(shapes) != 1 or labels):
            raise _unclear(shapes, where)
        found = Choice((pictures or list(shapes))[0], labels.get(None), class_names=names)
    return found if found.labels != found.class_names else _without_names(found)


def _named(shapes: Mapping[str, _Shape], where: str, wanted: Sequence[str]) -> Choice:
    """Return the arrays that the user named."""
    plain = {name.strip("/"): name for name in shapes}
    missing = [name for name in wanted if name.strip("/") not in plain]
    if missing or len(wanted) not in {1, 2, 4}:
        what = f"has no {missing[0]}." if missing else f"{len(wanted)} arrays are named."
        raise DataError(
            f"{where} {what}",
            f"Found: {_listed(shapes)}.",
            "Expected: IMAGES, IMAGES,LABELS, or these of both splits.",
        )
    return Choice(*(plain[name.strip("/")] for name in wanted))


def _counted(shapes: Mapping[str, _Shape]) -> Choice:
    """Return the arrays of a file in which they have numbers: in the usual order."""
    names = [name for name in _COUNTED if name in shapes]
    if len(names) == 4:
        return Choice(*names)
    is_label = len(names) > 1 and len(shapes[names[1]]) < 3
    return Choice(names[0], names[1] if is_label else None)


def _by_rank(shapes: Mapping[str, _Shape], words: Sequence[str]) -> dict[int | None, str]:
    """Return rank of the split → the array that says best that it is images, or labels."""
    found: dict[int | None, tuple[int, str]] = {}
    for name in shapes:
        role, spoken = role_of(name), words_of(name)
        kinds = [words.index(word) for word in spoken if word in words]
        others = _LABELS if words is _IMAGES else _IMAGES
        if not kinds and role and not role.rest and words is _IMAGES:
            kinds = [len(words)]  # `train` and `test` alone
        if not kinds or (words is _IMAGES and any(word in others for word in spoken)):
            continue
        rank = role.rank if role else None
        found[rank] = min(found.get(rank, (len(words) + 1, "")), (min(kinds), name))
    return {rank: name for rank, (_, name) in found.items()}


def _both_or_neither(labels: Mapping[int | None, str], train: int | None, held: int) -> bool:
    """Tell whether both splits have labels, or none has."""
    return (train in labels) == (held in labels)


def _without_names(choice: Choice) -> Choice:
    return Choice(choice.images, choice.labels, choice.heldout_images, choice.heldout_labels)


def _unclear(shapes: Mapping[str, _Shape], where: str) -> DataError:
    """Return the error that it is not clear which array is meant, with what is there and how to choose."""
    if not shapes:
        return DataError(f"{where} holds no arrays.", "Expected: images, and labels if there are any.")
    largest = max(shapes, key=lambda name: len(shapes[name]))
    return DataError(
        f"{where} holds {_listed(shapes)}.",
        "Expected: x_train, y_train, x_test, y_test; or images and labels; or a single array.",
        f"Name them: --dataset {where}:{tidy(largest)}, or {where}:IMAGES,LABELS",
    )


def _listed(shapes: Mapping[str, _Shape], most: int = 10) -> str:
    """Return arrays and their shapes in one line."""
    shown = [f"{tidy(name)} ({' × '.join(map(str, shape))})" for name, shape in list(shapes.items())[:most]]
    return ", ".join(shown) + (", …" if len(shapes) > most else "")
