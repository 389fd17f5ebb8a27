"""A run as one file: a ZIP archive that holds what a run holds, stored, and nothing else.

Reading one trusts nothing: names must be on the list of what a run has, nothing is
compressed (so nothing can swell), sizes must follow from the config, and the run appears
in the store only after every byte of it was verified.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

from vaecli.errors import DamagedArtifact, DataError, EnvironmentFailure, UsageError
from vaecli.store import birth, documents, durable, formats
from vaecli.store.faults import DamagedContent, DamagedFile, MissingFile
from vaecli.store.formats import (
    CHECKPOINT_FILE,
    EPOCH_FILE,
    RUN_FILE,
    SNAPSHOT_FILE,
    TENSORS_FILE,
    WEIGHTS_FILE,
    folder_of,
)
from vaecli.store.runs import Run, check_name
from vaecli.store.verification import Finding, verify
from vaecli.store.writer import RunWriter

_TRIES = 20  # to read a run that is being trained at one moment
_NUMBER = r"(?:0[0-9]{3}|[1-9][0-9]{3,8})"
_MEMBER = re.compile(
    rf"run\.json|epochs/{_NUMBER}/(?:epoch\.json|snapshot\.h5|weights\.h5)"
    rf"|checkpoints/{_NUMBER}/(?:checkpoint\.json|tensors\.h5)|stops/{_NUMBER}\.json"
)


def write_archive(run: Run, file: BinaryIO) -> int:
    """Write a run as an archive and return the number of its files; the same run gives the same bytes.

    A run that is being trained goes out as it is at one moment.

    Raises:
        DamagedArtifact: If something of the run is damaged: only whole runs are exported.
        EnvironmentFailure: If something of it cannot be read.
    """
    members = _of_one_moment(run)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, kept in members.items():
            data = durable.read_file(run.path, name, _largest(name, run.facts)) if kept is None else kept
            archive.writestr(zipfile.ZipInfo(f"{run.name}/{name}"), data)
    return len(members)


def read_archive(path: Path, root: Path, name: str | None = None) -> Run:
    """Bring the run of an archive into a store.

    Args:
        path: The archive.
        root: The store.
        name: The run's name; by default the one it had, or with the next number if that is taken.

    Raises:
        DataError: If there is no such file.
        DamagedArtifact: If it is not an archive that `write_archive` wrote, or a damaged one.
        UsageError: If the name asked for is taken.
        EnvironmentFailure: If the disk refuses; nothing is left behind.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - False where `is_file` would raise
        raise DataError(f"{path} is not a file.", "Expected: what vaecli runs export wrote.")
    with path.open("rb") as file, _open(file, path) as archive:
        stem, members = _checked(archive, path)
        facts = _facts(archive, members, f"{path}/{RUN_FILE}")
        for member, info in members.items():
            if info.file_size > _largest(member, facts):
                raise DamagedContent(f"{path}/{member}", "it is larger than its run allows")
            if not info.file_size:
                raise DamagedContent(f"{path}/{member}", "it is empty")
        names = [check_name(name)] if name else itertools.chain([stem], _next_names(root, stem))
        writer = _bring_in(root, names, lambda target: _unpack(archive, members, target, path))
    with writer:
        return writer.run


def _bring_in(root: Path, names: Iterable[str], fill: Callable[[Path], None]) -> RunWriter:
    try:
        return RunWriter(*birth.bring_in(root, names, fill))
    except FileExistsError as error:
        raise UsageError(
            f"There is already a run of this name in {root}.", mend="Choose another --name."
        ) from error


def _refuse(run: Run, found: Sequence[Finding]) -> NoReturn:
    unread = [finding for finding in found if not finding.is_damage]
    if unread:
        raise EnvironmentFailure(
            f"{run.path / unread[0].file} {unread[0].what}.", mend="Nothing was written."
        )
    raise DamagedArtifact(
        f"{run.path / found[0].file}: {found[0].what}.",
        mend=f"vaecli runs verify {run.name} --repair moves what is damaged aside.",
    )


def _of_one_moment(run: Run) -> dict[str, bytes | None]:
    """Return the names of the files of a whole run, with the bytes of those that its training may remove.

    Those are its checkpoints, unless all are kept; one that is gone before it was read means another try.
    """
    for number in itertools.count(1):
        found, is_last = verify(run), number == _TRIES or not run.is_running
        if found and is_last:
            _refuse(run, found)
        if not found:
            try:
                return {name: _if_it_may_go(run, name) for name in _members(run)}
            except MissingFile:
                if is_last:
                    raise
    raise AssertionError("the last try returns or raises")


def _if_it_may_go(run: Run, name: str) -> bytes | None:
    if not name.startswith("checkpoints/") or run.config.checkpoints == "all":
        return None
    return durable.read_file(run.path, name, _largest(name, run.facts))


def _members(run: Run) -> list[str]:
    """Return the names of the files of a run that was verified."""
    epochs, checkpoints = run.settled()
    checkpoints = tuple(epoch for epoch in checkpoints if epoch in epochs)  # the next one may be under way
    stops = durable.names_in(run.path, "stops")
    return [
        RUN_FILE,
        *(
            f"epochs/{folder_of(n)}/{name}"
            for n in epochs
            for name in (EPOCH_FILE, SNAPSHOT_FILE, WEIGHTS_FILE)
            if name in (EPOCH_FILE, *run.epoch_document(n)["files"])
        ),
        *(
            f"checkpoints/{folder_of(n)}/{name}"
            for n in checkpoints
            for name in (CHECKPOINT_FILE, TENSORS_FILE)
        ),
        *(f"stops/{name}" for name in stops if not name.startswith(durable.TEMPORARY)),
    ]


def _largest(member: str, facts: formats.Facts) -> int:
    largest = {
        SNAPSHOT_FILE: formats.largest_snapshot,
        WEIGHTS_FILE: formats.largest_weights,
        TENSORS_FILE: formats.largest_checkpoint,
    }
    name = member.rpartition("/")[2]
    return largest[name](facts) if name in largest else documents.MAX_BYTES


def _open(file: BinaryIO, path: Path) -> zipfile.ZipFile:
    """Open an archive; what begins as no ZIP file does is none, rather than a damaged one."""
    with durable.reading(path):
        start = file.read(2)
    if start and start != b"PK":
        raise _no_export(path)
    with _unzipping(str(path), DamagedFile(str(path), "is not a readable ZIP file")):
        return zipfile.ZipFile(file)


def _no_export(path: Path) -> DataError:
    return DataError(f"{path} is no exported run.", "Expected: what vaecli runs export wrote.")


@contextmanager
def _unzipping(where: str, damaged: DamagedFile) -> Iterator[None]:
    """Tell bytes that no archive has, of which `zipfile` may say anything, from those that cannot be read."""
    with durable.reading(Path(where)):
        try:
            yield
        except Exception as error:
            code = error.errno if isinstance(error, OSError) else None
            if code not in (None, errno.EINVAL) or isinstance(
                error, MemoryError
            ):  # EINVAL: a seek to an impossible place
                raise
            raise damaged from error


def _checked(archive: zipfile.ZipFile, path: Path) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """Return the run's name and its members, after checking all that the table of contents says."""
    members: dict[str, zipfile.ZipInfo] = {}
    stems = set()
    entries = archive.infolist()
    if entries and not any(info.orig_filename.endswith(f"/{RUN_FILE}") for info in entries):
        raise _no_export(path)
    for info in entries:
        stem, _, member = info.orig_filename.partition("/")
        stems.add(stem)
        if not _MEMBER.fullmatch(member) or info.filename != info.orig_filename:
            raise DamagedContent(path, f"{info.orig_filename[:80]!r} is not a file of a run")
        if member in members:
            raise DamagedContent(path, f"{member} appears in it twice")
        if (
            info.compress_type != zipfile.ZIP_STORED
            or info.file_size != info.compress_size
            or info.flag_bits & 1
        ):
            raise DamagedContent(path, f"{member} is compressed or encrypted")
        members[member] = info
    if sum(info.file_size for info in members.values()) > path.stat().st_size:
        raise DamagedContent(path, "its files overlap")
    if len(stems) != 1 or RUN_FILE not in members:
        raise DamagedContent(path, "it does not hold one run")
    return _stem(stems.pop(), path), members


def _stem(name: str, path: Path) -> str:
    try:
        return check_name(name)
    except UsageError as error:
        raise DamagedContent(path, f"{name[:80]!r} is not a valid name for a run") from error


def _facts(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], where: str) -> formats.Facts:
    data = _read(archive, members[RUN_FILE], documents.MAX_BYTES, where)
    document = documents.decode(data, formats.RUN_FORMAT, formats.RUN_SCHEMAS, where)
    return formats.facts_of(document, where)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, where: str) -> bytes:
    if info.file_size > limit:
        raise DamagedContent(where, f"it is larger than {limit} bytes")
    with _unzipping(where, DamagedContent(where, "it cannot be read from the archive")):
        return archive.read(info)


def _unpack(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], target: Path, path: Path
) -> None:
    """Write the members into a new directory, a directory of theirs at a time, and verify them."""
    for folder in ("epochs", "checkpoints"):
        durable.make_directory(target / folder)
    for folder, group in itertools.groupby(sorted(members), lambda member: member.rpartition("/")[0]):
        files = {
            member.rpartition("/")[2]: _read(
                archive, members[member], members[member].file_size, f"{path}/{member}"
            )
            for member in group
        }
        if folder:
            durable.write_directory(target / folder, files)
        else:
            durable.write_file(target / RUN_FILE, files[RUN_FILE])
    for finding in verify(Run(target)):
        if finding.is_damage:
            raise DamagedContent(f"{path}/{finding.file}", finding.what)
        raise EnvironmentFailure(f"{path}/{finding.file}, unpacked, {finding.what}.")


def _next_names(root: Path, name: str) -> Iterable[str]:
    """Give the names that follow when one is taken: `fashion-1` → `fashion-2` …, `mine` → `mine-1` …."""
    return birth.numbered(root, re.sub(r"-[0-9]{1,9}$", "", name) or name)
