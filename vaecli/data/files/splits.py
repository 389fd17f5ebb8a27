"""Which folders hold the images to train on and which the held-out ones, by the words in their names.

People write `seg_train`, `training_set`, `trainA`, `val2017`, `PublicTest`. A name is taken apart
into words; one of them may be the word of a split, and the others mean nothing (`set`, `images`, a
number), or tell several folders of one split apart. Only a pair is a split: a folder called
`train` beside `bus` and `car` is a class.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

_ENDING = r"(set|data|daten|dataset|images?|imgs?|split)?"
_TRAIN = re.compile(rf"(train|training|trainings|trn){_ENDING}(val)?")
#: Words of folders that hold held-out images; where there are several, the first of these counts.
_HELDOUT = tuple(
    re.compile(rf"({words}){_ENDING}")
    for words in ("test|testing|tst", "holdout|heldout", "eval|evaluation", "val|valid|validation", "dev")
)
_OF_IMAGES = {
    *("set", "data", "dataset", "image", "images", "img", "imgs", "picture", "pictures", "pic", "pics"),
    *("photo", "photos", "jpg", "jpeg", "jpegs", "png", "pngs", "files", "frames", "samples"),
}
_MEANINGLESS = {*_OF_IMAGES, *("sample", "folder", "dir", "split", "final", "stage", "stg", "v", "x", "all")}


@dataclass(frozen=True)
class Role:
    """What a folder's name says of its split.

    Attributes:
        rank: 0 of a folder to train on; of held-out images, a lower one takes precedence.
        rest: The words of the name that say something else, in lower case.
    """

    rank: int
    rest: tuple[str, ...]


@dataclass(frozen=True)
class Splits:
    """Folders of one level that are splits.

    Attributes:
        train: Those with the images to train on.
        heldout: Those that may be held out: the best choice first.
    """

    train: tuple[str, ...]
    heldout: tuple[tuple[str, ...], ...]


def role_of(name: str) -> Role | None:
    """Return what a folder's name says of its split; None if nothing, or both.

    >>> role_of("seg_train"), role_of("val2017")
    (Role(rank=0, rest=('seg',)), Role(rank=4, rest=()))
    >>> role_of("training_set").rank, role_of("PublicTest").rest, role_of("trainA").rest
    (0, ('public',), ('a',))
    >>> role_of("trains"), role_of("train_test_split")
    (None, None)
    """
    ranks: list[int] = []
    rest: list[str] = []
    for word in words_of(name):
        rank = _rank(word)
        if rank is not None:
            ranks.append(rank)
        elif word not in _MEANINGLESS and not word.isdecimal():
            rest.append(word)
    found = set(ranks) - {_rank("val")} if _rank("train") in ranks else set(ranks)  # train_val is to train on
    return Role(min(found), tuple(rest)) if found and (0 not in found or len(found) == 1) else None


def is_wrapper(name: str) -> bool:
    """Tell whether a folder's name says no more than that images are in it.

    >>> is_wrapper("images"), is_wrapper("train"), is_wrapper("cat"), is_wrapper("7")
    (True, True, False, False)
    """
    words = [word for word in words_of(name) if not word.isdecimal()]
    return any(word in _OF_IMAGES or _rank(word) is not None for word in words) and all(
        word in _MEANINGLESS or _rank(word) is not None for word in words
    )


def find_splits(folders: Iterable[str]) -> Splits | None:
    """Return which folders of one level are splits, if there are both kinds and it is certain.

    It is certain where nothing but the word of the split tells the two kinds apart, or where
    all folders are of one kind or the other.

    >>> find_splits(["train", "test", "val", "notes"])
    Splits(train=('train',), heldout=(('test',), ('val',)))
    >>> find_splits(["trainA", "trainB", "testA", "testB"])
    Splits(train=('trainA', 'trainB'), heldout=(('testA', 'testB'),))
    >>> find_splits(["seg_train", "seg_test", "seg_pred"])
    Splits(train=('seg_train',), heldout=(('seg_test',),))
    >>> find_splits(["train_station", "test_tube", "bridge"])
    """
    roles = {folder: role_of(folder) for folder in sorted(folders)}
    found = {folder: role for folder, role in roles.items() if role is not None}
    train = _of_rank(found, 0)
    heldout = {folder: role for folder, role in found.items() if role.rank}
    if not train or not heldout:
        return None
    if len(found) < len(roles) and not _same_rest(train.values(), heldout.values()):
        return None
    ranks = sorted({role.rank for role in heldout.values()})
    return Splits(tuple(train), tuple(tuple(_of_rank(heldout, rank)) for rank in ranks))


def like_splits(folders: Iterable[str]) -> list[str]:
    """Return the folders that may be splits, though it is not certain.

    >>> like_splits(["train", "car", "test_tube"]), like_splits(["my train", "test 2", "more"])
    (['test_tube', 'train'], ['my train', 'test 2'])
    >>> like_splits(["train_station", "bridge"]), like_splits(["train", "bus"])
    ([], ['train'])
    """
    roles = {folder: role for folder in sorted(folders) if (role := role_of(folder))}
    has_both = len({role.rank > 0 for role in roles.values()}) == 2
    return [folder for folder, role in roles.items() if has_both or not role.rest]


def is_plain(name: str) -> bool:
    """Tell whether a name is the word of a split and nothing else.

    >>> is_plain("Validation"), is_plain("val2017")
    (True, False)
    """
    return _rank(name.lower()) is not None


def label_in_name(folder: str, of_split: Sequence[str]) -> str:
    """Return what tells a folder from the others of its split, if words do.

    >>> label_in_name("trainA", ["trainA", "trainB"]), label_in_name("train_1", ["train_1", "train_2"])
    ('a', '')
    """
    rests = [role.rest for each in of_split if (role := role_of(each))]
    role = role_of(folder)
    return "_".join(role.rest) if role and len(set(rests)) == len(rests) > 1 else ""


def _of_rank(found: dict[str, Role], rank: int) -> dict[str, Role]:
    """Return the folders of a rank: those whose names say nothing else, or else all of them."""
    own = {folder: role for folder, role in found.items() if role.rank == rank}
    return {folder: role for folder, role in own.items() if not role.rest} or own


def _same_rest(some: Iterable[Role], others: Collection[Role]) -> bool:
    return any(role.rest == other.rest for role in some for other in others)


def _rank(word: str) -> int | None:
    """Return 0 of a word for training, from 1 of one for held-out images, None of any other."""
    if _TRAIN.fullmatch(word):
        return 0
    return next((rank for rank, words in enumerate(_HELDOUT, 1) if words.fullmatch(word)), None)


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case.

    >>> words_of("trainA"), words_of("train-a"), words_of("held-out_2")
    (['train', 'a'], ['train', 'a'], ['heldout', '2'])
    """
    joined = re.sub(r"([Hh]eld|[Hh]old|HELD|HOLD)[\W_]*(out|Out|OUT)(?![a-z])", "heldout", name)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", joined)
    return [word.lower() for word in re.findall(r"[^\W\d_]+|\d+", spaced)]
