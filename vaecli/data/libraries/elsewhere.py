"""Sets of other libraries: `keras:cifar10`, `tfds:svhn_cropped`, `hf:owner/name`.

The library loads a set once, in a process of its own; from then on it comes from our cache,
where it is kept as plain files, without the library and without a connection.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaecli import files
from vaecli.data.cache import cache_folder, unwritable
from vaecli.data.libraries.guest import Outcome, load_in_process
from vaecli.data.libraries.kept import check_kept
from vaecli.data.names import tidy
from vaecli.data.progress import Progress, silent
from vaecli.errors import DataError, DownloadFailed, EnvironmentFailure, VaecliError

_LONGEST_NAME = 150
_LONGEST_WORDS = 240
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_FORMS = {
    "keras": rf"(?P<name>{_NAME})",
    "tfds": rf"(?P<name>{_NAME})(?:/(?P<config>{_NAME}))?(?::(?P<version>[0-9]+\.[0-9]+\.[0-9]+))?",
    "hf": rf"(?P<name>{_NAME}(?:/{_NAME})?)(?:/(?P<config>{_NAME}))?",
}
_COLUMNS = rf"(?::(?P<columns>{_NAME}(?:,{_NAME})*))?"
_EXAMPLES = {
    "keras": "keras:cifar10",
    "tfds": "tfds:svhn_cropped, tfds:NAME/CONFIG or tfds:NAME:IMAGES,LABELS",
    "hf": "hf:OWNER/NAME, hf:OWNER/NAME/CONFIG or hf:OWNER/NAME:IMAGES,LABELS",
}
_LIBRARIES = {"keras": "Keras", "tfds": "TensorFlow Datasets", "hf": "Hugging Face"}
_PACKAGES = {"keras": ("keras", ""), "tfds": ("tensorflow-datasets", "[tfds]"), "hf": ("datasets", "[hf]")}
_CIFAR100 = (
    "apple,aquarium fish,baby,bear,beaver,bed,bee,beetle,bicycle,bottle,bowl,boy,bridge,bus,butterfly,camel,"
    "can,castle,caterpillar,cattle,chair,chimpanzee,clock,cloud,cockroach,couch,crab,crocodile,cup,dinosaur,"
    "dolphin,elephant,flatfish,forest,fox,girl,hamster,house,kangaroo,keyboard,lamp,lawn mower,leopard,lion,"
    "lizard,lobster,man,maple tree,motorcycle,mountain,mouse,mushroom,oak tree,orange,orchid,otter,palm tree,"
    "pear,pickup truck,pine tree,plain,plate,poppy,porcupine,possum,rabbit,raccoon,ray,road,rocket,rose,sea,"
    "seal,shark,shrew,skunk,skyscraper,snail,snake,spider,squirrel,streetcar,sunflower,sweet pepper,table,"
    "tank,telephone,television,tiger,tractor,train,trout,tulip,turtle,wardrobe,whale,willow tree,wolf,"
    "woman,worm"
)
_FASHION = "t-shirt/top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot"
#: The sets that Keras has, with the class names that it does not have.
KERAS: Mapping[str, Sequence[str]] = {
    "cifar10": ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "cifar100": tuple(_CIFAR100.split(",")),
    "fashion_mnist": tuple(_FASHION.split(",")),
    "mnist": tuple("0123456789"),
}


@dataclass(frozen=True)
class Elsewhere:
    """A set of another library.

    Attributes:
        library: `keras`, `tfds` or `hf`.
        name: The set's name there.
        config: The configuration, if one is named.
        version: The version, if one is named.
        columns: The columns to take, if they are named.
    """

    library: str
    name: str
    config: str | None = None
    version: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The word that means this set, without columns."""
        config = f"/{self.config}" if self.config else ""
        return f"{self.library}:{self.name}{config}{f':{self.version}' if self.version else ''}"

    @property
    def word(self) -> str:
        """The word that means this set."""
        return f"{self.stem}:{','.join(self.columns)}" if self.columns else self.stem

    @property
    def folder(self) -> Path:
        """Where our cache keeps it, there or not."""
        plain = self.word.replace(":", "-", 1).replace("/", "--").replace(":", "@").replace(",", "+")
        return cache_folder(plain)

    @property
    def request(self) -> dict[str, Any]:
        """What the process that loads it has to know."""
        facts = {"library": self.library, "name": self.name, "config": self.config}
        names = list(KERAS[self.name]) if self.library == "keras" else None
        return {**facts, "version": self.version, "columns": self.columns, "class_names": names}


def parse_elsewhere(word: str) -> Elsewhere | None:
    """Return the set of another library that a word means; None if it means none.

    Raises:
        DataError: If the word begins like one but is not one.

    >>> parse_elsewhere("hf:uoft-cs/cifar100:fine_label").columns
    ('fine_label',)
    >>> parse_elsewhere("tfds:mnist:3.0.1").version
    '3.0.1'
    >>> parse_elsewhere("fashion")
    """
    library, colon, rest = word.partition(":")
    if not colon or library not in _FORMS:
        return None
    match = re.fullmatch(_FORMS[library] + ("" if library == "keras" else _COLUMNS), rest)
    if match is None or len(word) > _LONGEST_NAME:
        raise DataError(f"{tidy(word)}: not the name of a dataset.", f"Expected: {_EXAMPLES[library]}.")
    found = match.groupdict()
    if library == "keras":
        found["name"] = _of_keras(found["name"])
    columns = tuple((found.pop("columns", None) or "").split(","))
    return Elsewhere(library, **found, columns=tuple(filter(None, columns)))


def _of_keras(word: str) -> str:
    """Return the name of a set as Keras writes it."""
    plain = word.lower().replace("-", "_")
    if plain in KERAS:
        return plain
    near = difflib.get_close_matches(plain, KERAS, n=1)
    raise DataError(
        f"Keras has no image dataset called {word!r}.",
        f"Expected one of: {', '.join(KERAS)}.",
        f"Did you mean 'keras:{near[0]}'?" if near else "",
    )


def fetch_elsewhere(wanted: Elsewhere, *, offline: bool = False, progress: Progress | None = None) -> Path:
    """Return the folder of our cache that keeps a set, after its library has loaded it if need be.

    A folder that is damaged is loaded again.

    Args:
        wanted: The set.
        offline: Whether the library may open no connection.
        progress: Called with what is being loaded.

    Raises:
        DataError: If the library has no such set, or it does not consist of images.
        EnvironmentFailure: If the library is not installed, or the cache cannot be written.
        DownloadFailed: If the library cannot fetch it, or may not.
    """
    try:
        check_kept(wanted.folder)
    except FileNotFoundError:
        _load(wanted, offline, progress or silent)
    except DataError as damage:
        try:
            _load(wanted, offline, progress or silent)
        except (DataError, DownloadFailed, EnvironmentFailure) as error:
            raise type(error)(damage.what, error.what, error.mend) from error
    return wanted.folder


def _load(wanted: Elsewhere, offline: bool, progress: Progress) -> None:
    """Let the library load a set into our cache, in the place of what is damaged there."""
    with _place_beside(wanted.folder) as place:
        words = f"{_LIBRARIES[wanted.library]} is loading {wanted.name}"
        outcome = load_in_process({**wanted.request, "offline": offline}, place, words, progress)
        if outcome.entry is None:
            raise _failure(wanted, outcome, offline)
        with suppress(FileNotFoundError, DataError):
            check_kept(wanted.folder)
            return  # another process was faster
        with suppress(FileNotFoundError):
            files.take_away(wanted.folder)
        outcome.entry.rename(wanted.folder)
        files.flush(wanted.folder.parent)


@contextmanager
def _place_beside(folder: Path) -> Iterator[Path]:
    """Provide an empty folder beside another one; what is left in it is removed."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        files.clear_abandoned(folder.parent)
        with files.Unfinished(folder.parent, is_folder=True) as place:
            yield place.path
    except OSError as error:
        raise unwritable(folder.parent, error) from error


def _failure(wanted: Elsewhere, outcome: Outcome, offline: bool) -> VaecliError:
    """Return the error that a failure of the library is to the user."""
    report, word = outcome.report, wanted.word
    what, near = _safe(report.get("what", "")), _safe(report.get("near", ""))
    listed = _safe(", ".join(report.get("listed", ())))
    said = f"{_LIBRARIES[wanted.library]} says: {what}" if what else ""
    has = f"It has: {listed}." if listed else ""
    package, extra = _PACKAGES[wanted.library]
    install = f"pip install 'vaecli{extra}'"
    named = f"{wanted.library}:{near}" if near else ""
    kinds: dict[str, tuple[type[VaecliError], str, str, str]] = {
        "missing": (EnvironmentFailure, f"{word} needs {package}, which is not installed.", "", install),
        "broken": (EnvironmentFailure, f"{word} needs {package}, which does not work.", said, install),
        "old": (EnvironmentFailure, f"{word}: {what}.", "", f"pip install -U 'vaecli{extra}'"),
        "unknown": (
            DataError,
            f"{word}: there is no such dataset.",
            said,
            f"Did you mean {named}?" if near else "",
        ),
        "config": (
            DataError,
            f"{word}: it has several configurations.",
            has or said,
            f"For example: {named}",
        ),
        "columns": (DataError, f"{word}: {what}.", has, _columns_named(wanted, near)),
        "data": (DataError, f"{word}: {what}.", has, ""),
        "machine": (EnvironmentFailure, f"{word}: this machine could not load it.", said, ""),
        "network": (DownloadFailed, f"{word} could not be downloaded.", said, ""),
        "offline": (
            DownloadFailed,
            f"{word} is not on this machine, and --offline forbids downloading it.",
            said,
            f"Load it once online: vaecli data fetch {word}",
        ),
        "other": (DataError, f"{word} could not be loaded.", said, ""),
    }
    kind = str(report.get("kind"))
    if kind in kinds:
        error, *lines = kinds["offline" if kind == "network" and offline else kind]
        return error(*lines)
    ended = f"signal {-outcome.exit_code}" if outcome.exit_code < 0 else f"exit status {outcome.exit_code}"
    last = _safe(outcome.last_line)
    return EnvironmentFailure(
        f"{word}: the process that loaded it ended with {ended}.", f"Its last output: {last}" if last else ""
    )


def _columns_named(wanted: Elsewhere, near: str) -> str:
    """Say how columns are named, if there is any to name."""
    if not near:
        return ""
    images = near.split(",", maxsplit=1)[0]
    return f"Name the columns to use: {wanted.stem}:{near}, or for no labels {wanted.stem}:{images}"


def _safe(text: object) -> str:
    r"""Return foreign text as one line that is not long and has no control characters.

    >>> _safe("\x1b[31mno\x1b[0m\n such  set.")
    'no such set'
    """
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", str(text))
    return tidy(" ".join(plain.split()), _LONGEST_WORDS).rstrip(".") if plain.strip() else ""
