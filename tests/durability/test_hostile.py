"""A stranger's run does nothing but be refused: no code, no file outside, no connection, little memory."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from pathlib import Path

import pytest

from tests.durability import stub
from tests.durability.children import Child, captured
from tests.durability.corpus import HOSTILE
from tests.durability.filelayer import FileLayer

FORBIDDEN = (
    "socket.__new__",
    "socket.connect",
    "subprocess.",
    "os.exec",
    "os.system",
    "os.posix_spawn",
    "pickle.",
)
MEMORY = 1024**3  # bytes more than the process has already


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Return a good run, to be copied and spoilt."""
    root = tmp_path_factory.mktemp("good")
    with FileLayer():
        stub.train(root, 1, name="run", keep="all")
    for arguments in commands(root, root.parent):  # so that no child needs to import anything
        assert captured(arguments)[0] == 0
    return root / "run"


def commands(store, work):
    """Return the commands that read a run; one that needs no TensorFlow."""
    where = ("--artifacts", store)
    return [
        ("runs", *where),
        ("runs", "--json", *where),
        ("runs", "show", "run", *where),
        ("encode", "run", "--epoch", "1", "-o", "-", *where),
        ("runs", "export", "run", "-o", work / "out.zip", *where),
        ("runs", "verify", "run", *where),
        ("runs", "verify", "run", "--repair", *where),
    ]


def watch(allowed, say):
    """Say every opening of a file outside, and every start of a program or a connection."""
    libraries = (
        sys.prefix,
        sys.base_prefix,
        str(Path(stub.__file__).parents[2]),
        os.devnull,
        "/proc/self/",
        "/usr/",
    )

    def hook(event, arguments):
        if event == "open" and isinstance(arguments[0], str | bytes):
            path = os.fsdecode(arguments[0])
            inside = (
                not path.startswith("/")
                or path == tempfile.gettempdir()
                or path.startswith((str(allowed), *libraries))
            )
            if not inside:
                say(f"opened {path}")
        elif event.startswith(FORBIDDEN):
            say(f"did {event}")

    sys.addaudithook(hook)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_run(good, tmp_path, name):
    store, work = tmp_path / "store", tmp_path / "work"
    store.mkdir()
    work.mkdir()
    shutil.copytree(good, store / "run")
    HOSTILE[name](store / "run")

    def live(say):
        os.chdir(work)
        signal.alarm(60)
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
        watch(tmp_path, say)
        for arguments in commands(store, work):
            code, out, err = captured(arguments)
            words = " ".join(map(str, arguments[:3]))
            if code not in (0, 3, 4, 5):
                say(f"{words}: exit {code}: {err}")
            if "Traceback" in out + err or len(err.splitlines()) > 3:
                say(f"{words}: said {err}")
            if bad := [
                c for c in out + err if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"
            ]:
                say(f"{words}: wrote {bad}")
            if arguments[1:4] == ("verify", "run", "--artifacts") and code != 5 and name != "the lock a pipe":
                say(f"verify: exit {code}, said {out}")

    code, said = Child(live).wait()
    assert (code, said) == (0, [])


def test_the_corpus_is_large_enough(report):
    assert len(HOSTILE) >= 60
    report(f"hostile: {len(HOSTILE)} runs × 7 commands: 0 opens outside, 0 sockets, 0 programs, 0 tracebacks")


def test_the_watch_sees_what_it_must(tmp_path):
    """The negative control."""

    def live(say):
        watch(tmp_path, say)
        Path("/etc/passwd").read_bytes()
        subprocess.run(["true"], check=True)

    _, said = Child(live).wait()
    assert said[0] == "opened /etc/passwd"
    assert any(line.startswith("did subprocess.Popen") for line in said)


def test_hostile_runs_under_strace(good, tmp_path, report):
    """What Python cannot see, the C library of HDF5 opening files, the kernel does."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    store = tmp_path / "store"
    store.mkdir()
    for number, spoil in enumerate(HOSTILE.values()):
        shutil.copytree(good, store / f"run-{number}")
        spoil(store / f"run-{number}")
    log = tmp_path / "log"
    calls = "open,openat,openat2,connect,socket,execve,execveat,creat"
    strace = ["strace", "-f", "-qq", "-e", f"trace={calls}", "-o", str(log)]
    command = [*strace, sys.executable, "-m", "vaecli", "runs", "verify", "--all", "--artifacts", str(store)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    if "ptrace" in result.stderr.lower():
        pytest.skip("tracing is not allowed here")
    assert result.returncode == 5
    lines = log.read_text(errors="replace").splitlines()
    begun = next(number for number, line in enumerate(lines) if str(store) in line)
    libraries = (
        sys.prefix,
        sys.base_prefix,
        str(Path(stub.__file__).parents[2]),
        "/usr/",
        "/lib",
        "/proc/",
        "/sys/",
    )
    opened = [
        match[1] for line in lines[begun:] if (match := re.search(r'open\w*\((?:\w+, )?"([^"]*)"', line))
    ]
    outside = [
        path for path in opened if path.startswith("/") and not path.startswith((str(store), *libraries))
    ]
    assert [path for path in outside if not path.startswith(("/etc/ld.so", "/dev/null"))] == []
    started = [line for line in lines[begun:] if re.search(r"\b(connect|socket|execve|execveat)\(", line)]
    assert [line for line in started if '"uname", "-p"' not in line] == []  # h5py asks for the processor
    report(f"hostile: strace of verifying {len(HOSTILE)} runs: {len(opened)} opens, 0 outside, 0 sockets")


def overlapping(path):
    """Two members whose bytes are the same part of the file."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("run/run.json", b"x" * 1000)
        archive.filelist.append(archive.filelist[0].__class__("run/epochs/0000/snapshot.h5"))
        twin = archive.filelist[1]
        for field in ("file_size", "compress_size", "CRC", "header_offset"):
            setattr(twin, field, getattr(archive.filelist[0], field))
        archive.NameToInfo[twin.filename] = twin


def slip(name):
    def build(path):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, "evil")

    return build


ARCHIVES = {
    "overlapping": overlapping,
    "slip up": slip("../../evil"),
    "slip root": slip("/tmp/evil"),
    "slip in the run": slip("run/../../evil"),
    "backslash": slip("run\\..\\evil"),
    "code": slip("run/run.py"),
    "drive": slip("C:/evil"),
    "control": slip("\x1b[2J/run.json"),
    "empty": lambda path: path.write_bytes(b""),
    "pipe": os.mkfifo,
    "HTML": lambda path: path.write_text("<html>"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive(tmp_path, name):
    work = tmp_path / "work"
    work.mkdir()
    ARCHIVES[name](work / "a.zip")

    def live(say):
        os.chdir(work)
        signal.alarm(30)
        watch(tmp_path, say)
        code, out, err = captured(("runs", "import", "a.zip", "--artifacts", tmp_path / "store"))
        if code not in (3, 5) or out or "Traceback" in err or len(err.splitlines()) > 3 or "\x1b" in err:
            say(f"exit {code}: {err}")

    assert Child(live).wait() == (0, [])
    assert not (tmp_path / "store").exists()
    assert [path.name for path in work.iterdir()] == ["a.zip"]
