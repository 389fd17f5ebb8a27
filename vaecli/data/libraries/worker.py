"""Other libraries' own loaders: a program, run in a process of its own by `guest`.

No other module imports it: it is the one file of this room that imports the libraries, and what they
print, unpickle or hold in memory ends with its process. Its one argument is the request, as
JSON. In the place that the request names it leaves::

    entry/         the set as plain files, see `kept`
    report.json    what went wrong, if something did
    step           how far it is: images done, images in all
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import json
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vaecli.data.libraries.kept import Writer
from vaecli.errors import DataError

_TRAIN = ("train", "training")
_HELDOUT = ("test", "testing", "validation", "valid", "val")
_STEP = 64  # images between two words on how far it is
_OLDEST_DATASETS = 4  # earlier ones run scripts of the hub
_UNKNOWN = {"DatasetNotFoundError", "RepositoryNotFoundError"}
_NETWORK = {
    "ConnectionError",
    "ConnectError",
    "TimeoutError",
    "TimeoutException",
    "URLError",
    "HTTPError",
    "HTTPStatusError",
    "HfHubHTTPError",
    "DownloadError",
    "gaierror",
    "SSLError",
}
_MACHINE = {errno.EACCES, errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.ENOMEM}


class Failure(Exception):  # noqa: N818 - says what it is
    """What is reported to the waiting process.

    Args:
        kind: What kind of failure it is.
        what: What happened.
        near: A name that would do, if one is known.
        listed: What there is instead.
    """

    def __init__(self, kind: str, what: str, near: str = "", listed: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.facts = {"kind": kind, "what": what, "near": near, "listed": list(listed)}


@dataclass(frozen=True)
class Found:
    """A set as a library has it, not read yet.

    Attributes:
        class_names: The classes in their order; None where the values say, or there are none.
        is_labelled: Whether its images have labels.
        counts: Split → how many images it has.
        images: Gives the images of a split, each with the name of its class, None if it has none.
        made_by: The library and its version.
    """

    class_names: list[str] | None
    is_labelled: bool
    counts: Mapping[str, int]
    images: Callable[[str], Iterable[tuple[Any, str | None]]]
    made_by: str


def main() -> None:
    """Load what the argument asks for; on failure, report why and exit with 1."""
    request = json.loads(sys.argv[1])
    place = Path(request["place"])
    _end_with_parent()
    if request["offline"]:
        _forbid_connections()
    facts = None
    try:
        found = {"keras": _keras, "tfds": _tfds, "hf": _hf}[request["library"]](request)
        _save(found, place)
    except Failure as failure:
        facts = failure.facts
    except BaseException as error:  # whatever a library may raise
        traceback.print_exc()
        facts = _facts(error, request)
    if facts is not None:
        (place / "report.json").write_text(json.dumps(facts), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if facts is None else 1)  # without waiting for threads that a library has left


def _end_with_parent() -> None:
    """End this process and all that it started when the one that waits for it is gone."""
    line = os.dup(0)  # its other end closes with the parent, however that ends
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def wait() -> None:
        os.read(line, 1)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _forbid_connections() -> None:
    """Let no Python code of this process look up a host or connect to one."""

    def judge(event: str, arguments: tuple[Any, ...]) -> None:
        is_host = event == "socket.connect" and isinstance(arguments[1], tuple)
        if is_host or event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            raise ConnectionError("offline: no connection is opened")

    sys.addaudithook(judge)


def _keras(request: Mapping[str, Any]) -> Found:
    """Return a set of `keras.datasets`."""
    with _importing("keras"):
        import keras
    names = request["class_names"]
    train, test = getattr(keras.datasets, request["name"]).load_data()
    splits = {"train": train, "test": test}

    def images(split: str) -> Iterator[tuple[Any, str | None]]:
        pixels, labels = splits[split]
        for image, label in zip(pixels, labels.reshape(-1), strict=True):
            yield image, _name_of(label, names)

    counts = {split: len(pixels) for split, (pixels, _) in splits.items()}
    return Found(names, True, counts, images, f"Keras {version('keras')}")


def _tfds(request: Mapping[str, Any]) -> Found:
    """Return a set of TensorFlow Datasets, downloaded and prepared by it."""
    with _importing("tensorflow_datasets"):
        import tensorflow_datasets as tfds
    name = "/".join(filter(None, (request["name"], request["config"])))
    try:
        builder = tfds.builder(f"{name}:{request['version']}" if request["version"] else name, try_gcs=False)
    except tfds.core.DatasetNotFoundError as error:
        known = tfds.list_builders(with_community_datasets=False)
        near = difflib.get_close_matches(request["name"], known, n=1, cutoff=0.5)
        raise Failure("unknown", "", "".join(near)) from error
    if not request["offline"]:
        with contextlib.suppress(ImportError):
            from tensorflow_datasets.core.download import downloader

            downloader.MAX_RETRIES = 4  # by default 10, which is three minutes without a connection
        builder.download_and_prepare()
    if not builder.info.splits:
        raise Failure("network", f"it is not prepared in {builder.data_path}")
    features = builder.info.features
    kinds = {name: _kind_of(feature) for name, feature in features.items()}
    preferred = [key for key in builder.info.supervised_keys or () if isinstance(key, str)]
    image, label = _columns(kinds, request["columns"], preferred)
    names = list(features[label].names) if label and kinds[label] == "class" else None

    def images(split: str) -> Iterator[tuple[Any, str | None]]:
        for row in tfds.as_numpy(builder.as_dataset(split=split, shuffle_files=False)):
            yield row[image], _name_of(row[label], names) if label else None

    counts = {name: int(split.num_examples) for name, split in builder.info.splits.items()}
    made_by = f"TensorFlow Datasets {version('tensorflow-datasets')}"
    return Found(names, label is not None, counts, images, made_by)


def _hf(request: Mapping[str, Any]) -> Found:
    """Return a set of Hugging Face's `datasets`; scripts of the hub are never run."""
    with _importing("datasets"):
        import datasets  # noqa: F401 - whether it works
    release = version("datasets")
    if int(release.split(".")[0]) < _OLDEST_DATASETS:
        raise Failure("old", f"datasets {release} is installed: too old, as it may run scripts of the hub")
    splits = _hf_splits(request)
    features = next(iter(splits.values())).features
    kinds = {name: _kind_of(feature) for name, feature in features.items()}
    image, label = _columns(kinds, request["columns"], [])
    names = list(features[label].names) if label and kinds[label] == "class" else None
    wanted = [image, label] if label else [image]

    def images(split: str) -> Iterator[tuple[Any, str | None]]:
        for batch in splits[split].select_columns(wanted).iter(batch_size=_STEP):
            labels = batch[label] if label else [None] * len(batch[image])
            for pixels, value in zip(batch[image], labels, strict=True):
                if pixels is not None:
                    yield pixels, _name_of(value, names) if label else None

    counts = {name: int(split.num_rows) for name, split in splits.items()}
    return Found(names, label is not None, counts, images, f"Hugging Face datasets {release}")


def _hf_splits(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return all splits of a set; of two words the second may be a configuration."""
    name, config = request["name"], request["config"]
    errors: list[Exception] = []
    for attempt in [(name, config), name.split("/")] if config is None and "/" in name else [(name, config)]:
        try:
            return _hf_load(*attempt)
        except Exception as error:
            errors.append(error)
        if not _is(errors[-1], _UNKNOWN):
            break
    told = errors[0] if _is(errors[-1], _UNKNOWN) else errors[-1]
    if _is(told, _UNKNOWN):
        raise Failure("unknown", str(told), _near_on_hub(name)) from told
    if isinstance(told, ValueError) and (listed := _hf_configs(*attempt)):
        raise Failure("config", _words(told), f"{attempt[0]}/{listed[0]}", listed) from told
    raise told


def _hf_load(name: str, config: str | None) -> Mapping[str, Any]:
    """Return all splits of a set."""
    import datasets

    return datasets.load_dataset(_on_hub(name), config)  # type: ignore[no-any-return]


def _hf_configs(name: str, config: str | None) -> list[str]:
    """Return the configurations of a set if one must be named, or another than was; otherwise nothing."""
    import datasets

    with contextlib.suppress(Exception):
        listed: list[str] = datasets.get_dataset_config_names(_on_hub(name))
        chosen = config or datasets.get_dataset_default_config_name(_on_hub(name))
        return [] if chosen in listed else listed
    return []


def _on_hub(name: str) -> str:
    """Return a set's name on the hub; what is one word for users may be two there today."""
    if "/" not in name:
        with contextlib.suppress(Exception):
            from huggingface_hub import HfApi

            return str(HfApi().dataset_info(name).id)
    return name


def _near_on_hub(name: str) -> str:
    """Return the most used set on the hub that a word finds; nothing for a set that is there, but gated."""
    with contextlib.suppress(Exception):
        from huggingface_hub import HfApi

        hub = HfApi()
        if not hub.repo_exists(name, repo_type="dataset"):
            found = list(hub.list_datasets(search=name.rpartition("/")[2], sort="downloads", limit=1))
            return str(found[0].id) if found else ""
    return ""


def _kind_of(feature: Any) -> str:
    """Return what a feature of either library is: `image`, `class`, `value` or its type."""
    name = type(feature).__name__
    if name in {"Image", "ClassLabel"}:
        return {"Image": "image", "ClassLabel": "class"}[name]
    is_one = name in {"Value", "Text"} or getattr(feature, "shape", None) == ()
    is_word = name == "Text" or re.search(r"int|bool|string|str", str(getattr(feature, "dtype", "")))
    return "value" if is_one and is_word else name


@contextlib.contextmanager
def _importing(package: str) -> Iterator[None]:
    """Tell a package that is not there from one that does not work."""
    try:
        yield
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == package
        raise Failure("missing" if missing else "broken", _words(error)) from error


def _columns(
    kinds: Mapping[str, str], wanted: Sequence[str], preferred: Sequence[str]
) -> tuple[str, str | None]:
    """Return the column of images and that of labels.

    Args:
        kinds: Column → `image`, `class`, `value` or the name of another type.
        wanted: What the user asks for; an image column alone means no labels.
        preferred: What the set itself says, where it does.

    >>> _columns({"img": "image", "label": "class", "id": "value"}, [], [])
    ('img', 'label')
    >>> _columns({"img": "image", "label": "class", "id": "value"}, ["img"], [])
    ('img', None)
    """
    if missing := [name for name in wanted if kinds.get(name) not in {"image", "class", "value"}]:
        raise Failure(
            "columns", f"no column {missing[0]!r} of images, classes, words or numbers", "", _listed(kinds)
        )
    of_kind = {
        kind: [name for name, own in kinds.items() if own == kind] for kind in ("image", "class", "value")
    }

    def choose(what: str, among: list[str]) -> str:
        chosen = [name for name in wanted if name in among] or [name for name in preferred if name in among]
        chosen = chosen or among
        if len(chosen) != 1:
            many = f"{len(chosen)} columns of {what}" if chosen else f"no column of {what}"
            example = [*of_kind["image"][:1], *[*of_kind["class"], *of_kind["value"]][:1]]
            raise Failure("columns", many, ",".join(example) if of_kind["image"] else "", _listed(kinds))
        return chosen[0]

    image = choose("images", of_kind["image"])
    if wanted and all(name in of_kind["image"] for name in wanted):
        return image, None
    labels = [name for name in wanted if name not in of_kind["image"]]
    return image, choose("class labels", labels or of_kind["class"])


def _listed(kinds: Mapping[str, str]) -> list[str]:
    return [f"{name} ({kind})" for name, kind in kinds.items()]


def _name_of(value: Any, names: Sequence[str] | None) -> str | None:
    """Return the name of a label's class, or None if it has no name.

    >>> _name_of(1, ["cat", "dog"]), _name_of(-1, ["cat", "dog"]), _name_of(b"a cat", None)
    ('dog', None, 'a cat')
    """
    if value is None:
        return None
    if names is not None:
        return names[int(value)] if 0 <= int(value) < len(names) else None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _save(found: Found, place: Path) -> None:
    """Write a set's images to train on, and its held-out ones if it has any."""
    train = next((name for name in found.counts if name.lower() in _TRAIN), None)
    if train is None and len(found.counts) == 1:
        train = next(iter(found.counts))
    if train is None:
        raise Failure("data", "none of its splits is called train", listed=list(found.counts))
    notes: list[str] = []
    writer = Writer(place / "entry")
    step = os.open(place / "step", os.O_CREAT | os.O_WRONLY, 0o600)
    if not _fill(writer, found, "train", train, step, notes):
        raise Failure("data", f"its split {train} has no images with labels")
    by_word = {name.lower(): name for name in found.counts if name != train}
    for name in (by_word[word] for word in _HELDOUT if word in by_word):
        if _fill(writer, found, "test", name, step, notes):
            break
        notes.append(f"Its split {name} has no labels and is not used.")
    writer.finish(found.class_names, found.made_by, notes)


def _fill(writer: Writer, found: Found, split: str, source: str, step: int, notes: list[str]) -> bool:
    """Write a split of the library's; tell whether there is anything in it.

    It is left alone if its first image has no label where others have one: all are so then.
    """
    done, skipped, total = 0, 0, found.counts[source]
    for image, label in found.images(source):
        if found.is_labelled and label is None:
            if not done:
                return False
            skipped += 1
            continue
        writer.add(split, image, label, total)
        done += 1
        if done % _STEP == 0:
            os.pwrite(step, f"{done} {total}".ljust(40).encode(), 0)
    if skipped:
        are = "image without a label is" if skipped == 1 else "images without a label are"
        notes.append(f"{skipped:,} {are} left out of its split {source}.")
    return done > 0


def _facts(error: BaseException, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what kind of failure an exception of a library means, and its words."""
    numbers = {getattr(link, "errno", None) for link in _chain(error)}
    told = error
    if isinstance(error, DataError):
        return Failure("data", error.what).facts
    if _is(error, _NETWORK):
        kind, told = "network", next(link for link in _chain(error) if _is_itself(link, _NETWORK))
    elif _is(error, {"MemoryError"}) or numbers & _MACHINE:
        kind = "machine"
    else:
        kind = "network" if request["offline"] else "other"  # offline, what is missing may show as anything
    return Failure(kind, _words(told)).facts


def _is(error: BaseException, names: set[str]) -> bool:
    """Tell whether an exception, or one that it comes from, is of a class of some name."""
    return any(_is_itself(link, names) for link in _chain(error))


def _is_itself(error: BaseException, names: set[str]) -> bool:
    return any(cls.__name__ in names for cls in type(error).__mro__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _words(error: BaseException) -> str:
    """Return an exception in one line: its class, and the first line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ": ".join([type(error).__name__, *lines[:1]])


if __name__ == "__main__":
    main()
