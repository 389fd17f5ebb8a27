"""The one way to write a file whole, and what a path leads to before it is opened.

A file or folder is made under a temporary name beside its target and renamed: a reader
sees either all of it or what was there before. Its maker holds a lock (`flock`) on the
temporary name for as long as it lives; the kernel drops the lock the moment it dies. So
the next process can tell what a dead process left, which is removed, from what a live one
is still making, which is not touched.

Where locks cannot tell (a file system without them, or one shared with another machine),
what is unfinished counts as abandoned after a day.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import re
import shutil
import stat
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from vaecli.errors import EnvironmentFailure, UsageError

Content = Callable[[BinaryIO], object]

_ELSEWHERE = "Choose another place."
_HOST = f"{zlib.crc32(os.uname().nodename.encode()):08x}"
_UNFINISHED = re.compile(r"\.vaecli-([0-9a-f]{8})-[0-9a-f]{12}\.part")
_DAY = 24 * 3600.0
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})|/dev/(?:stdin|stdout|stderr)")
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class Kind(Enum):
    """What stands under a path."""

    NOTHING = auto()
    FILE = auto()
    FOLDER = auto()
    STREAM = auto()  # what is written into: a pipe, a character device, an open descriptor
    OTHER = auto()  # a socket or a block device: nothing to write a result to


@dataclass(frozen=True)
class Place:
    """What a path leads to.

    Attributes:
        path: Of a file, or of nothing: with all links resolved. Otherwise as it was given.
        kind: What stands there.
        descriptor: The open descriptor that a path such as `/dev/fd/3` means.
    """

    path: Path
    kind: Kind
    descriptor: int | None = None


def place_of(path: Path) -> Place:
    """Look at what a path leads to, without opening it.

    Raises:
        OSError: If the path cannot be followed, for instance through a loop of links.
    """
    if (descriptor := descriptor_of(path)) is not None:
        return Place(path, Kind.STREAM, descriptor)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Place(Path(os.path.realpath(path)), Kind.NOTHING)
    if stat.S_ISREG(mode):
        return Place(Path(os.path.realpath(path)), Kind.FILE)
    if stat.S_ISDIR(mode):
        return Place(path, Kind.FOLDER)
    return Place(path, Kind.STREAM if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) else Kind.OTHER)


def descriptor_of(path: Path) -> int | None:
    """Return the open descriptor of this process that a path means, if it means one.

    >>> descriptor_of(Path("/dev/stdout")), descriptor_of(Path("/dev/fd/63")), descriptor_of(Path("a.png"))
    (1, 63, None)
    """
    match = _DESCRIPTOR.fullmatch(str(path))
    return None if match is None else int(match[1] or _STANDARD[match[0]])


def save(path: Path, write: Content, mend: str = _ELSEWHERE, *, flushes: bool = True) -> None:
    """Write a result to where a path leads: a file whole, a pipe or a device into.

    A link is followed: what it leads to is replaced, or made. A process that dies while writing
    leaves an unfinished file; see `clear_abandoned`.

    Args:
        path: Where to write.
        write: Writes the content to an open binary file, which need not be seekable.
        mend: What to do where it cannot be written.
        flushes: See `write_whole`.

    Raises:
        UsageError: If it is a terminal.
        EnvironmentFailure: If it is a folder, a socket, a disk, a file that may not be written,
            or if the disk refuses.
    """
    with translated(path, mend):
        place = place_of(path)
        if place.kind is Kind.STREAM:
            _write_into(place, write)
        elif place.kind is Kind.FOLDER:
            raise EnvironmentFailure(f"{path} is a folder.", "Expected: a file.", mend)
        elif place.kind is Kind.OTHER:
            raise EnvironmentFailure(
                f"{path} is a socket or a disk.", "Expected: a file, a pipe or a character device.", mend
            )
        elif place.kind is Kind.FILE and is_protected(place.path):
            raise EnvironmentFailure(
                f"{path} is write-protected.", "Expected: a file that may be written.", mend
            )
        else:
            write_whole(place.path, write, flushes=flushes)


@contextmanager
def translated(path: Path, mend: str = _ELSEWHERE) -> Iterator[None]:
    """Turn what the operating system refuses into `EnvironmentFailure`; a closed pipe stays one."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise EnvironmentFailure(f"{path}: {error.strerror or error}.", mend=mend) from error


def _write_into(place: Place, write: Content) -> None:
    """Write into a pipe or device: all of it, once it is all there."""
    buffer = io.BytesIO()
    write(buffer)
    if place.descriptor is None:
        descriptor = os.open(place.path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY)
    else:
        descriptor = os.dup(place.descriptor)
    with os.fdopen(descriptor, "wb") as stream:
        if stream.isatty():
            raise UsageError(f"{place.path} is a terminal.", mend="Send the bytes to a file or a pipe.")
        stream.write(buffer.getbuffer())


def is_protected(file: Path) -> bool:
    """Tell whether a file may not be written: by this process, or by anyone at all.

    The second counts for root as well, whom the system lets write anything: a file without a
    single write permission was protected on purpose.
    """
    may_write = os.access(file, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return not may_write or not file.stat().st_mode & 0o222


class Unfinished:
    """A file or folder that is being made, as a context manager: what is not published is removed.

    Args:
        folder: Where to make it: the folder of its target.
        is_folder: Whether it is a folder.
        mode: Permissions of a new file or folder, before the umask.

    Attributes:
        path: Its temporary name.
        descriptor: Open for as long as it is locked; of a file, for reading and writing.

    Raises:
        OSError: If the disk refuses.
    """

    def __init__(self, folder: Path, *, is_folder: bool = False, mode: int = 0o777) -> None:
        make = _make_folder if is_folder else _make_file
        while True:  # a clearing process may meet it before it is locked, and remove it
            self.path = folder / _unfinished_name()
            with suppress(FileNotFoundError):
                self.descriptor = make(self.path, mode)
                with suppress(OSError):  # a file system without locks
                    fcntl.flock(self.descriptor, fcntl.LOCK_EX)
                if _is_under(self.path, self.descriptor):
                    break
                os.close(self.descriptor)
            if not folder.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        self._is_published = False

    def publish(self, target: Path) -> None:
        """Give it its name; a file replaces the file that has it.

        Raises:
            OSError: If the disk refuses, or a folder has the name.
        """
        os.replace(self.path, target)  # noqa: PTH105 - says that it replaces
        self._is_published = True

    def close(self) -> None:
        """Remove what was not published, and let go of the lock."""
        if self.descriptor >= 0:
            if not self._is_published:
                remove(self.path)
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def write_whole(target: Path, write: Content, *, flushes: bool = True) -> None:
    """Write a file so that no half of it is ever seen: made beside its place, flushed, renamed.

    An existing file is replaced and keeps its permissions and, where the system allows, its
    owner. Links are not followed: see `place_of`.

    Args:
        target: The file's path.
        write: Writes the content to an open binary file.
        flushes: Whether to wait until the disk has it, some milliseconds. A file that is not
            flushed is whole for every reader, but a loss of power soon after may empty it.

    Raises:
        OSError: If the disk refuses; what was there before stays, and nothing else.
    """
    before = _facts_of(target)
    mode = 0o666 if before is None else stat.S_IMODE(before.st_mode) & 0o666
    with Unfinished(target.parent, mode=mode) as new:
        with open(new.descriptor, "wb", closefd=False) as file:
            write(file)
        if before is not None:
            with suppress(OSError):  # only root may give a file away
                os.fchown(new.descriptor, before.st_uid, before.st_gid)
            os.fchmod(new.descriptor, stat.S_IMODE(before.st_mode) & 0o777)
        if flushes:
            os.fsync(new.descriptor)
        new.publish(target)
        if flushes:
            flush(target.parent)


@contextmanager
def workplace() -> Iterator[Path]:
    """Provide an empty folder in the system's temporary directory; those of dead processes are removed.

    Raises:
        OSError: If there is no room for it.
    """
    parent = Path(tempfile.gettempdir())
    clear_abandoned(parent)
    with Unfinished(parent, is_folder=True, mode=0o700) as place:
        yield place.path


def clear_abandoned(folder: Path) -> None:
    """Remove what processes that died left unfinished in a folder, as far as that is possible."""
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if _UNFINISHED.fullmatch(entry.name)]:
            _clear(folder / name)


def remove(path: Path) -> None:
    """Remove a file or a whole folder, as far as that is possible; links are not followed."""
    with suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def take_away(path: Path) -> None:
    """Remove a file or folder so that no moment shows half of it: renamed first, then removed.

    Raises:
        OSError: If it cannot be renamed.
    """
    temporary = path.with_name(_unfinished_name())
    path.rename(temporary)
    remove(temporary)


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk, where its file system knows how.

    Raises:
        OSError: If the disk refuses.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _unfinished_name() -> str:
    return f".vaecli-{_HOST}-{os.urandom(6).hex()}.part"


def _make_file(path: Path, mode: int) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)


def _make_folder(path: Path, mode: int) -> int:
    path.mkdir(mode)
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _is_under(path: Path, descriptor: int) -> bool:
    """Tell whether what is open still stands under its name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _facts_of(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _clear(path: Path) -> None:
    """Remove one unfinished name if it is abandoned; its lock is held meanwhile."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if _is_abandoned(path.name, descriptor):
                remove(path)
        finally:
            os.close(descriptor)


def _is_abandoned(name: str, descriptor: int) -> bool:
    """Tell whether the maker of an unfinished name is dead; takes its lock if there is one to take."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        is_known_here = False
    else:
        match = _UNFINISHED.fullmatch(name)
        is_known_here = match is not None and match[1] == _HOST
    return is_known_here or time.time() - os.fstat(descriptor).st_mtime > _DAY
