"""Downloads: whatever a mirror sends, the cache holds verified files or nothing."""

import functools
import gzip
import hashlib
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest

from tests.data.conftest import NAMES, Server, idx_bytes, own_home, send, send_range  # noqa: F401 - a fixture
from tests.durability.children import Child
from tests.durability.conftest import count
from tests.durability.filelayer import FileLayer
from vaecli.data.cache import cache_folder, keep
from vaecli.data.idx import IdxFile
from vaecli.data.named.catalogue import NamedSet
from vaecli.data.named.finding import find
from vaecli.errors import DownloadFailed

MIB = 1 << 20
DIMS = ((300, 14, 10), (300,), (60, 14, 10), (60,))
FIRST = f"/{NAMES[0]}.gz"


@functools.cache
def contents():
    """Return the plain bytes of four files of noise, by name; the first one is 42 kB."""
    random = np.random.default_rng(0)
    return {name: idx_bytes(random.integers(0, 256, dims)) for name, dims in zip(NAMES, DIMS, strict=True)}


@functools.cache
def zipped(name=NAMES[0]):
    return gzip.compress(contents()[name])


def noise(*mirrors):
    """Return the set of these files, fetched from mirrors and from nowhere else."""
    files = (
        IdxFile(name, dims, hashlib.sha256(contents()[name]).hexdigest())
        for name, dims in zip(NAMES, DIMS, strict=True)
    )
    return NamedSet(
        "noise", (), "Noise.", "none", (14, 10, 1), (300, 60), ("a",), tuple(files), mirrors=mirrors
    )


@pytest.fixture
def mirror():
    """Yield a server; below `/good` it serves every file as it should."""
    server = Server()
    for name in NAMES:
        server.answers[f"/good/{name}.gz"] = (200, zipped(name))
    yield server
    server.stop()


def answering(mirror, answer, place="bad"):
    """Let a place of the server answer for the first file like this, and as it should for the others."""
    for name in NAMES:
        mirror.answers[f"/{place}/{name}.gz"] = (200, zipped(name))
    mirror.answers[f"/{place}{FIRST}"] = answer
    mirror.asked.clear()
    mirror.ranges.clear()
    return f"{mirror.url}/{place}"


def cached():
    """Return everything in the user's cache, whatever it is called: path → bytes."""
    root = cache_folder(noise().name).parents[1]
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


WHOLE = {f"datasets/noise/{name}": content for name, content in contents().items()}


def refused(*mirrors, patience=4.0):
    """Return the clause about each mirror, after a fetch that must leave nothing in the cache."""
    with pytest.raises(DownloadFailed, match=r"^Dataset noise was not found\.\nTried: ") as caught:
        find(noise(*mirrors), patience=patience)
    assert cached() == {}
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert str(caught.value).replace("\n", "").isprintable()
    clauses = lines[1].removeprefix("Tried: ").removesuffix(".").split("; ")
    assert len(clauses) == 1 + len(mirrors)  # the first is the cache
    return [clause.split(": ", 1)[1] for clause in clauses[1:]]


def test_a_body_cut_at_every_percent(mirror, tmp_path, monkeypatch, report):
    body, asked, sent = zipped(), 0, 0
    for percent in range(100):
        stop = len(body) * percent // 100
        bad = answering(mirror, lambda handler: send(handler, body[:stop], content_length=len(body)))  # noqa: B023
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"{percent}"))
        (words,) = refused(bad)
        assert words == (f"it broke off after {stop:,} of {len(body):,} bytes" if stop else "it hangs up")
        asked += len(mirror.asked)

        honest = answering(mirror, lambda handler: send_range(handler, body), "honest")
        answering(mirror, lambda handler: send(handler, body[:stop], content_length=len(body)))  # noqa: B023
        assert find(noise(bad, honest)).contents == contents()
        assert cached() == WHOLE
        assert mirror.ranges[-4] == (f"bytes={stop}-" if stop else None)
        sent += len(body) - stop
    report(
        f"downloads: cut at each of 100 percents: nothing kept, 100 of 100; the next mirror went on and sent "
        f"{sent // 100:,} of {len(body):,} bytes on average"
    )


@pytest.mark.parametrize("step", count([7], [1, 3, 7]))
def test_a_line_that_breaks_again_and_again(mirror, step, tmp_path, monkeypatch):
    """A mirror that knows ranges cuts each answer at the same part of what is left."""
    body = zipped()

    def answer(handler):
        start = int((handler.headers["Range"] or "bytes=0-")[6:-1])
        send_range(handler, body, start + (len(body) - start) * percent // 100)

    for percent in range(step, 100, step):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"{percent}"))
        bad = answering(mirror, answer)
        (words,) = refused(bad)
        assert words.startswith("it broke off after ") or words == "it hangs up"
        assert len(mirror.asked) <= 5
        assert find(noise(bad, f"{mirror.url}/good")).contents == contents()
        assert cached() == WHOLE


def wrong(position):
    """Return the first file's content with one byte changed, zipped anew."""
    content = bytearray(contents()[NAMES[0]])
    content[position] ^= 1
    return gzip.compress(bytes(content))


def chunked_without_end(handler):
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while True:  # until the client hangs up
        handler.wfile.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")


def redirect(target, body=b""):
    return lambda handler: send(handler, body, 302, location=target)


def say(text):
    return lambda handler: handler.wfile.write(text)


#: What a mirror does with the first file, and what is said of it.
ANSWERS = {
    "nothing at all": (say(b""), "it hangs up"),
    "no HTTP": (say(b"220 mail.example ESMTP\r\n"), "it does not speak HTTP"),
    "half of a header": (say(b"HTTP/1.1 200 OK\r\nContent-Le"), "it hangs up|the file is empty"),
    "commands to a terminal": (say(b"HTTP/1.1 \x1b[31m \x1b[2J\r\n\r\n"), "it does not speak HTTP"),
    "404": ((404, b"gone"), "HTTP status 404"),
    "404 with the file": ((404, zipped()), "HTTP status 404"),
    "429": ((429, b""), "HTTP status 429"),
    "500": ((500, b"<html>"), "HTTP status 500"),
    "204": ((204, b""), "the file is empty"),
    "an unasked 206": (lambda handler: send(handler, zipped()[:9999], 206), "truncated"),
    "an unasked 416": ((416, b""), "HTTP status 416"),
    "an empty body": ((200, b""), "the file is empty"),
    "a web page": ((200, b"<!doctype html><title>Sign in</title>"), "a web page"),
    "a zipped web page": ((200, gzip.compress(b"<html>" * 99)), "a web page"),
    "another file of the set": ((200, zipped(NAMES[2])), "holds 60 × 14 × 10 bytes"),
    "one wrong pixel": ((200, wrong(1000)), "its content is damaged or unknown"),
    "one wrong size": ((200, wrong(6)), "declares|truncated"),
    "noise of the right length": ((200, bytes(range(1, 256)) * 999), "more than the|not an IDX"),
    "noise as long as the file": ((200, zipped()[::-1]), "not an IDX file"),
    "a wrong checksum": ((200, zipped()[:-6] + b"\0" + zipped()[-5:]), "damaged gzip"),
    "bytes after the end": ((200, zipped() + b"more"), "4 extra bytes"),
    "the file twice": ((200, zipped() + zipped()), "extra bytes|more than"),
    "a length too short": (lambda handler: send(handler, zipped(), content_length=20_000), "truncated"),
    "a length too long": (lambda handler: send(handler, zipped(), content_length=99_999), "it broke off"),
    "a length beyond all": (lambda handler: send(handler, b"x" * 9999, content_length=10**30), "broke off"),
    "a length below zero": (lambda handler: send(handler, zipped()[:9999], content_length=-1), "truncated"),
    "a length that is none": (lambda handler: send(handler, b"x" * 999, content_length="many"), "not an IDX"),
    "no length, cut": (lambda handler: send(handler, zipped()[:9999], content_length=None), "truncated"),
    "chunks without end": (chunked_without_end, "more than the 107,552 bytes that it can be"),
    "a redirect to itself": (redirect(f"/bad{FIRST}"), "it redirects without end"),
    "a redirect to a file": (redirect("file:///etc/passwd"), "it redirects to what is no web address"),
    "a redirect to ftp": (redirect("ftp://127.0.0.1/x"), "it redirects to what is no web address"),
    "a redirect to a script": (redirect("javascript:alert(1)"), "it redirects to what is no web address"),
    "a redirect to data": (redirect("data:,x"), "it redirects to what is no web address"),
    "a redirect to nonsense": (redirect("http://[::"), "its answer makes no sense"),
    "a redirect to nobody": (redirect("http://127.0.0.1:1/x"), "it refuses connections"),
    "a redirect to nothing there": (redirect("/nowhere"), "HTTP status 404"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_not_the_file(mirror, name):
    answer, words = ANSWERS[name]
    bad = answering(mirror, answer)
    (clause,) = refused(bad)
    assert re.search(words, clause), clause
    assert find(noise(bad, f"{mirror.url}/good")).contents == contents()
    assert cached() == WHOLE


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(zipped())


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (b"", "no byte within 0.1 s"),
        (b"HTTP/1.1 20", "no byte within 0.1 s"),
        (HEAD[:30], "no byte within 0.1 s"),
        (HEAD, "no byte within 0.1 s"),
        (HEAD + zipped()[:9999], f"it broke off after 8,192 of {len(zipped()):,} bytes"),
        (HEAD + zipped()[:-1], f"it broke off after 40,960 of {len(zipped()):,} bytes"),
    ],
    ids=["the status", "the rest of it", "the headers", "the body", "the middle", "the last byte"],
)
def test_a_mirror_that_hangs_before(mirror, before, words):
    def answer(handler):
        handler.wfile.write(before)
        mirror.stopped.wait()

    bad = answering(mirror, answer)
    assert refused(bad, patience=0.1) in ([words], ["no byte within 0.1 s"])  # the latter on a busy machine
    honest = answering(mirror, lambda handler: send_range(handler, zipped()), "honest")
    assert find(noise(honest)).contents == contents()
    assert cached() == WHOLE


def test_a_redirect_is_followed(mirror):
    moved = answering(mirror, redirect(f"/good{FIRST}"), "moved")
    assert find(noise(moved)).contents == contents()
    assert cached() == WHOLE


def bomb(*, header=b"", layers=1):
    """Return 64 MiB of zeros after a header, zipped some times."""
    return functools.reduce(lambda body, _: gzip.compress(body), range(layers), header + bytes(64 * MIB))


def flood(head):
    """Return what sends a line of header again and again."""

    def answer(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:  # until the client hangs up
            handler.wfile.write(head * 4096)

    return answer


def moved_without_end(handler):
    handler.wfile.write(f"HTTP/1.1 302 Found\r\nLocation: /good{FIRST}\r\n\r\n".encode())
    while True:  # until the client hangs up
        handler.wfile.write(bytes(65536))


TRUE_HEADER = contents()[NAMES[0]][:16]
BOMBS = {
    "zipped": lambda: (200, bomb()),
    "zipped, with the true header": lambda: (200, bomb(header=TRUE_HEADER)),
    "zipped twice": lambda: (200, bomb(layers=2)),
    "zipped by the connection": lambda: partly(bomb(), content_encoding="gzip"),
    "zipped twice by the connection": lambda: partly(bomb(layers=2), content_encoding="gzip, gzip"),
    "zipped thrice, by both": lambda: partly(bomb(layers=3), content_encoding="gzip, gzip"),
    "not zipped": lambda: (200, bytes(64 * MIB)),
    "chunks": lambda: chunked_without_end,
    "headers": lambda: flood(b"X: y\r\n"),
    "a header": lambda: flood(b"y"),
    "an error page": lambda: (404, bytes(64 * MIB)),
}  # fmt: skip


def partly(body, **headers):
    return lambda handler: send(handler, body, **headers)


def peak_of(work):
    """Return what some work returns, and the most bytes that it took."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_no_memory(mirror, name):
    bad = answering(mirror, BOMBS[name]())
    refused(f"{mirror.url}/nothing")  # what libraries load once is not counted
    (clause,), peak = peak_of(lambda: refused(bad))
    assert clause
    assert peak < MIB
    assert find(noise(bad, f"{mirror.url}/good")).contents == contents()
    assert cached() == WHOLE


def test_a_redirect_with_a_page_without_end_is_followed_unread(mirror):
    bad = answering(mirror, moved_without_end)
    found, peak = peak_of(lambda: find(noise(bad)))
    assert found.contents == contents()
    assert peak < 16 * MIB  # with what libraries load once


@pytest.fixture
def certificate(tmp_path):
    """Return the files of a certificate that nobody vouches for, and of its key."""
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    outputs = ["-out", str(files[0]), "-keyout", str(files[1])]
    try:
        subprocess.run([*command, *names, *outputs], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl makes no certificate here")
    return files


def test_a_certificate_that_is_not_trusted(mirror, certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    mirror.wrap(context)
    url = f"{mirror.url.replace('http:', 'https:')}/good"
    assert refused(url) == ["its certificate is not trusted"]
    assert mirror.asked == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    assert find(noise(url)).contents == contents()
    assert cached() == WHOLE


#: A process of its own that fetches from a mirror.
FETCH = """
import sys
from tests.durability.test_downloads import find, noise
find(noise(sys.argv[1]), patience=60)
"""


@pytest.mark.parametrize("position", range(4))
def test_a_kill_in_the_middle_of_a_download(mirror, position, report):
    reached = threading.Event()

    def answer(handler):
        body = zipped(NAMES[position])
        handler.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2]
        )
        reached.set()
        mirror.stopped.wait()

    bad = answering(mirror, (200, zipped()))
    mirror.answers[f"/bad/{NAMES[position]}.gz"] = answer
    process = subprocess.Popen([sys.executable, "-c", FETCH, bad])
    assert reached.wait(60)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert cached() == dict(list(WHOLE.items())[:position])
    mirror.asked.clear()
    assert find(noise(f"{mirror.url}/good")).contents == contents()
    assert cached() == WHOLE
    assert mirror.asked == [f"/good/{name}.gz" for name in NAMES[position:]]
    report(f"downloads: killed within file {position + 1} of 4: the {position} before it kept, nothing of it")


#: What Python's audit tells of, and what it does not.
STEPS = ("open", "os.mkdir", "os.rename", "os.remove", "fsync")


def test_a_kill_at_every_step_of_keeping(tmp_path, monkeypatch, report):
    def dying(number):
        steps = iter(range(number + 1))

        def step(name="", arguments=("datasets",)):
            if name in STEPS and "datasets" in str(arguments[0]) and next(steps) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        def live(say):
            sys.addaudithook(step)
            with FileLayer(lambda _, name, arguments: step(name)):
                for file in noise().files:
                    keep(noise().name, file.name, contents()[file.name])

        return live

    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / f"{number}"))
        code, said = Child(dying(number)).wait()
        visible = {path: content for path, content in cached().items() if not path.endswith(".part")}
        assert visible.items() <= WHOLE.items()
        assert len(cached()) <= len(visible) + 1
        for path in cache_folder(noise().name).glob(".*"):
            assert path.suffix == ".part"
        for file in noise().files:
            keep(noise().name, file.name, contents()[file.name])
        assert cached() == WHOLE
        number += 1
    assert code == 0, said
    report(
        f"downloads: killed at each of {number - 1} steps of keeping 4 files: each whole or absent, "
        "leftovers out of sight and removed by the next one"
    )


def test_two_that_download_at_once(mirror, report):
    command = [sys.executable, "-c", FETCH, f"{mirror.url}/good"]
    processes = [subprocess.Popen(command) for _ in range(count(2, 8))]
    assert [process.wait() for process in processes] == [0] * len(processes)
    assert cached() == WHOLE
    report(f"downloads: {len(processes)} processes at once: each file whole, nothing else")
