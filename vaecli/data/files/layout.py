"""How the files of a folder or a zip are laid out: which split and which class each is of.

Only names are looked at, and a name is foreign text: it is taken apart and tidied, never
used as a path. The same names mean the same in a folder and in a zip.

Folders that merely wrap all that is below them are skipped, on top and below each split by
itself: `set/train/train/cat/1.png` is a cat to train on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from vaecli.data.files.splits import Splits, find_splits, is_plain, is_wrapper, label_in_name, like_splits
from vaecli.data.images import UNREAD, is_image
from vaecli.data.names import natural, tidy
from vaecli.errors import DataError, UsageError

UNLABELLED = "unlabelled"
#: Folders that cameras' and network drives' own programs leave beside the images, in lower case.
_THUMBNAILS = {
    *("@eadir", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "$recycle.bin", "lost+found"),
    *("thumbnails", "thumbs", "_thumbs", "_thumbnails", "__thumbs", "__thumbnails"),
}

_Path = tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """An image: a frame of a file, with the file's name in the container and its class."""

    name: str
    label: str
    frame: int = 0

    @property
    def words(self) -> str:
        """What it is called: as its file, with the frame where that is not the first.

        >>> Item("a.tif", "cat", 2).words
        'a.tif, frame 3'
        """
        return f"{self.name}, frame {self.frame + 1}" if self.frame else self.name


@dataclass(frozen=True)
class Layout:
    """The image files of a container.

    Attributes:
        train: The files to train on, or all of them where there is no split.
        heldout: The held-out ones; None where there is no split.
        notes: What was left out, in words.
    """

    train: tuple[Item, ...]
    heldout: tuple[Item, ...] | None
    notes: tuple[str, ...]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in their natural order: `9` is before `10`."""
        found = {item.label for item in (*self.train, *(self.heldout or ()))}
        return tuple(sorted(found, key=natural))

    def only(self, class_names: Sequence[str]) -> Layout:
        """Return the layout with some of the classes."""
        train = tuple(item for item in self.train if item.label in class_names)
        heldout = self.heldout and tuple(item for item in self.heldout if item.label in class_names)
        return Layout(train, heldout, self.notes)

    def without(self, names: Container[str]) -> Layout:
        """Return the layout without some of the files."""
        train = tuple(item for item in self.train if item.name not in names)
        heldout = self.heldout and tuple(item for item in self.heldout if item.name not in names)
        return Layout(train, heldout, self.notes)


def layout(names: Iterable[str], train: str | None = None, heldout: str | None = None) -> Layout:
    """Return the layout that names speak of.

    Args:
        names: Paths of files relative to the container, separated by `/`.
        train: The folder with the images to train on, where the names do not tell: its path in the
            container, or the end of it.
        heldout: That with the held-out images; given if `train` is.

    Raises:
        UsageError: If both are the same.
        DataError: If there is no such folder.

    >>> layout(["dog/1.png", "cat/1.png", "notes.txt"]).class_names
    ('cat', 'dog')
    >>> layout(["dog/1.png", "cat/1.png", "notes.txt"]).notes
    ('1 file that is not an image is left out: notes.txt.',)
    """
    paths = [parts for name in names if (parts := _parts(name))]
    images = sorted((parts for parts in paths if is_image(parts[-1])), key=_natural_path)
    others = [parts for parts in paths if not is_image(parts[-1])]
    notes = [*_left_out(others, "file", "that is not an image"), *_could_be_read(others)]
    images, small = _without_thumbnails(images)
    notes += _left_out(small, "image", "in folders of thumbnails or deleted files")
    if not images:
        return Layout((), None, tuple(notes))
    if train is None or heldout is None:
        found = _told_by_names(images)
    else:
        found = _told_by_user(images, train, heldout)
    return Layout(found.train, found.heldout, (*notes, *found.notes))


def _parts(name: str) -> _Path:
    """Return the parts of a name; none for what is hidden, or leads out of the container."""
    parts = tuple(part for part in name.split("/") if part not in {"", "."})
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return () if hidden or name.endswith("/") else parts


def _could_be_read(others: list[_Path]) -> list[str]:
    """Say how to use those of the other files that are images of formats that are not read."""
    counts = Counter(PurePosixPath(parts[-1]).suffix.lower() for parts in others)
    return [f"{counts[ending]:,} {ending}: {advice}." for ending, advice in UNREAD.items() if counts[ending]]


def _without_thumbnails(images: list[_Path]) -> tuple[list[_Path], list[_Path]]:
    """Return the images that are not in folders of thumbnails or deleted files, and those that are.

    Where all are in a folder called so, it is not one.
    """
    is_small = [any(part.lower() in _THUMBNAILS for part in parts[:-1]) for parts in images]
    if all(is_small):
        return images, []
    kept, small = (
        [parts for parts, is_it in zip(images, is_small, strict=True) if is_it is which]
        for which in (False, True)
    )
    return kept, small


def _natural_path(parts: Sequence[str]) -> list[list[tuple[bool, int, str]]]:
    return [natural(part) for part in parts]


def _told_by_names(images: list[_Path]) -> Layout:
    """Return the layout as the names of folders tell it."""
    depth = _unwrapped(images)
    folders = {parts[depth] for parts in images if len(parts) > depth + 1}
    if splits := find_splits(folders):
        return _of_splits(images, depth, splits)
    if inside := _splits_inside(images, depth):
        return _of_splits_inside(images, depth, inside)
    items, notes = _labelled(images, depth)
    return Layout(items, None, (*notes, *_suspicious(folders)))


def _of_splits(images: list[_Path], depth: int, splits: Splits) -> Layout:
    """Return the layout of folders that are splits: of several held-out ones, one that has the classes."""
    train = _split(images, depth, splits.train)
    labels = set(train.class_names)
    choices = [(_split(images, depth, each, labels), each) for each in splits.heldout]
    (heldout, chosen), *_ = sorted(choices, key=lambda choice: not _shares(choice[0], labels))
    used = {*splits.train, *chosen}
    words = f"{_and(splits.train)} and {_and(chosen)}"
    beside = [parts for parts in images if parts[depth] not in used or len(parts) == depth + 1]
    notes = _left_out(beside, "image", f"outside {words}")
    if not all(map(is_plain, used)):
        notes = [f"Read as splits: {_and(splits.train)} to train on, {_and(chosen)} held out.", *notes]
    return _joined(train, heldout, notes)


def _told_by_user(images: list[_Path], train: str, heldout: str) -> Layout:
    """Return the layout where the user has named the two folders; one may be within the other."""
    of_train, of_heldout = (_folder_of(images, word) for word in (train, heldout))
    if of_train == of_heldout:
        raise UsageError(f"--train and --test are the same folder: {train}.", "Expected: two folders.")
    longer, shorter = sorted((of_train, of_heldout), key=len, reverse=True)
    below = {longer: [parts for parts in images if _is_below(parts, longer)]}
    below[shorter] = [parts for parts in images if _is_below(parts, shorter) and not _is_below(parts, longer)]
    for word, folder in ((train, of_train), (heldout, of_heldout)):
        if not below[folder]:
            raise DataError(f"{word}: no images in that folder but those of the other split.")
    used = {parts for found in below.values() for parts in found}
    beside = [parts for parts in images if parts not in used]
    to_train = _of_folder(below[of_train], len(of_train))
    return _joined(
        to_train,
        _of_folder(below[of_heldout], len(of_heldout), to_train.class_names),
        _left_out(beside, "image", f"outside {tidy(train)} and {tidy(heldout)}"),
    )


def _folder_of(images: list[_Path], word: str) -> _Path:
    """Return the folder that a path in the container means, or the end of one: the least deep."""
    wanted = tuple(part for part in word.split("/") if part not in {"", "."})
    folders = {parts[:depth] for parts in images for depth in range(len(parts))}
    found = [folder for folder in folders if not wanted or folder[-len(wanted) :] == wanted]
    if not found:
        common = sorted({"/".join(folder) for folder in folders if folder}, key=natural)
        listed = ", ".join(tidy(name) for name in common[:10]) + (", …" if len(common) > 10 else "")
        raise DataError(
            f"{word}: no such folder with images in the dataset.", f"Expected one of: {listed or 'none'}."
        )
    return min(found, key=lambda folder: (folder != wanted, len(folder), folder))


def _is_below(parts: _Path, folder: _Path) -> bool:
    return parts[: len(folder)] == folder


def _unwrapped(images: list[_Path], depth: int = 0, known: Collection[str] = ()) -> int:
    """Return at what depth the layout begins: below folders that merely wrap all others.

    A folder called like a class that is known already is no wrapper.
    """
    while len({parts[depth] for parts in images if len(parts) > depth}) == 1 and any(
        len(parts) > depth + 2 for parts in images
    ):
        if tidy(images[0][depth]) in known:
            break
        depth += 1
    return depth


def _split(images: list[_Path], depth: int, folders: Sequence[str], known: Collection[str] = ()) -> Layout:
    """Return the images of a split's folders at a depth, in `train`, with their classes."""
    items: list[Item] = []
    notes: list[str] = []
    for folder in folders:
        own = [parts for parts in images if parts[depth] == folder and len(parts) > depth + 1]
        found, label = _of_folder(own, depth + 1, known), label_in_name(folder, folders)
        if label and found.class_names == (UNLABELLED,):
            items += [Item(item.name, tidy(label)) for item in found.train]
        else:
            items += found.train
        notes += found.notes
    return Layout(tuple(items), None, tuple(notes))


def _of_folder(images: list[_Path], depth: int, known: Collection[str] = ()) -> Layout:
    """Return the images of one folder, whose content begins at a depth, in `train`."""
    items, notes = _labelled(images, _unwrapped(images, depth, known))
    return Layout(items, None, tuple(notes))


def _joined(train: Layout, heldout: Layout, notes: Sequence[str]) -> Layout:
    """Return two splits as one layout.

    Held-out images in a single folder that is none of several classes are unlabelled.
    """
    labels, items = train.class_names, heldout.train
    if len(labels) > 1 and len(heldout.class_names) == 1 and heldout.class_names[0] not in labels:
        items = tuple(Item(item.name, UNLABELLED) for item in items)
    return Layout(train.train, items, (*notes, *train.notes, *heldout.notes))


def _shares(found: Layout, labels: set[str]) -> bool:
    """Tell whether some images are of these classes."""
    return not labels.isdisjoint(found.class_names)


def _splits_inside(images: list[_Path], depth: int) -> dict[str, Splits]:
    """Return the splits within each class folder, if there are several folders and each has them."""
    inside: dict[str, set[str]] = {}
    for parts in images:
        inside.setdefault(parts[depth], set()).update(parts[depth + 1 : -1][:1])
    found = {folder: splits for folder, below in inside.items() if (splits := find_splits(below))}
    return found if len(found) == len(inside) > 1 else {}


def _of_splits_inside(images: list[_Path], depth: int, inside: Mapping[str, Splits]) -> Layout:
    """Return the layout of class folders, each with splits of its own."""
    found: dict[str, list[_Path]] = {"train": [], "heldout": [], "beside": []}
    for parts in images:
        splits, split = inside[parts[depth]], parts[depth + 1]
        which = "train" if split in splits.train else "heldout" if split in splits.heldout[0] else "beside"
        found[which].append(parts)
    train, heldout = (
        tuple(Item("/".join(parts), tidy(parts[depth])) for parts in found[which])
        for which in ("train", "heldout")
    )
    notes = _left_out(found["beside"], "image", "outside the splits")
    return Layout(train, heldout, ("Each class folder has splits of its own.", *notes))


def _labelled(images: list[_Path], depth: int) -> tuple[tuple[Item, ...], list[str]]:
    """Return the images, of the class that the folder at a depth names, and those without one."""
    within = [parts for parts in images if len(parts) > depth + 1]
    if not within or (len(within) == len(images) and _is_wrapped(images, depth)):
        return tuple(Item("/".join(parts), UNLABELLED) for parts in images), []
    beside = [parts for parts in images if len(parts) <= depth + 1]
    items = tuple(Item("/".join(parts), tidy(parts[depth])) for parts in within)
    return items, _left_out(beside, "image", "next to the class folders")


def _is_wrapped(images: list[_Path], depth: int) -> bool:
    """Tell whether all images are in one folder at a depth that says nothing about them."""
    folders = {parts[depth] for parts in images}
    above = {parts[:depth][-1:] for parts in images}
    return len(folders) == 1 and (is_wrapper(min(folders)) or {(name,) for name in folders} == above)


def _suspicious(folders: set[str]) -> list[str]:
    """Say which of the class folders may be splits."""
    found = like_splits(folders) if len(folders) > 1 else []
    if not found:
        return []
    read = "is read as a class" if len(found) == 1 else "are read as classes"
    return [f"{_and(found)} {read}; if they are splits, name them: --train DIR --test DIR."]


def _and(names: Sequence[str]) -> str:
    """Return names in words: both of two, the first and the last of more."""
    shown = [tidy(name) for name in names]
    return " and ".join(shown) if len(shown) < 3 else f"{shown[0]} … {shown[-1]}"


def _left_out(paths: list[tuple[str, ...]], what: str, why: str) -> list[str]:
    """Say how many files are left out, and name a few of them."""
    if not paths:
        return []
    is_are, plural = ("is", "") if len(paths) == 1 else ("are", "s")
    why = why if len(paths) == 1 else why.replace("that is not an image", "that are not images")
    examples = ", ".join(tidy("/".join(parts)) for parts in paths[:3])
    more = ", …" if len(paths) > 3 else ""
    return [f"{len(paths):,} {what}{plural} {why} {is_are} left out: {examples}{more}."]
