"""A tiny set of real IDX files, its files in every costume, and a server that serves them."""

import contextlib
import gzip
import hashlib
import http.server
import socket
import threading

import numpy as np
import pytest

from vaecli.data.idx import IdxFile
from vaecli.data.named.catalogue import NamedSet

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def idx_bytes(array):
    """Return an array as the bytes of an IDX file, written independently of the reader."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Keep every test away from the caches and settings of who runs it."""
    home = tmp_path / "a home"
    home.mkdir()
    for variable in ("VAECLI_DATA", "KERAS_HOME", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    return home


@pytest.fixture
def contents():
    """Return the plain bytes of the tiny set's four files, by name."""
    random = np.random.default_rng(0)
    arrays = (
        random.integers(0, 256, (12, 5, 4)),
        np.arange(12) % 3,
        random.integers(0, 256, (6, 5, 4)),
        np.arange(6) % 3,
    )
    return {name: idx_bytes(array) for name, array in zip(NAMES, arrays, strict=True)}


@pytest.fixture
def tiny(contents):
    """Return a set of 12 + 6 images of 5 × 4 pixels in three classes, found nowhere."""
    dims = ((12, 5, 4), (12,), (6, 5, 4), (6,))
    files = (
        IdxFile(name, shape, hashlib.sha256(contents[name]).hexdigest())
        for name, shape in zip(NAMES, dims, strict=True)
    )
    return NamedSet(
        name="tiny",
        aliases=("tiny-set",),
        description="Noise.",
        licence="none",
        shape=(5, 4, 1),
        counts=(12, 6),
        class_names=("a", "b", "c"),
        files=tuple(files),
    )


@pytest.fixture
def lay_out(contents):
    """Return a function that writes the tiny set's files into a folder."""

    def write(folder, *, zipped=False, dotted=False, but=()):
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            if name not in but:
                path = folder / ((name.replace("-idx", ".idx") if dotted else name) + ".gz" * zipped)
                path.write_bytes(gzip.compress(content) if zipped else content)
        return folder

    return write


def send(handler, body, status=200, **headers):
    """Answer a request with a body; headers given as `content_length=…` replace the true ones."""
    handler.send_response(status)
    for name, value in {"content_length": len(body), **headers}.items():
        if value is not None:
            handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()
    handler.wfile.write(body)


def send_range(handler, body, stop=None):
    """Answer a request for the bytes from a position on as RFC 9110 says, but stop before a position."""
    start = int((handler.headers["Range"] or "bytes=0-")[6:-1])
    stop = len(body) if stop is None else max(start, stop)
    if start >= len(body):
        send(handler, b"", 416, content_range=f"bytes */{len(body)}")
        return
    partial = {"content_range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if start else {}
    send(handler, body[start:stop], 206 if start else 200, content_length=len(body) - start, **partial)


class Server:
    """A real HTTP server that answers with what it was given, and remembers what was asked.

    Attributes:
        url: Where it listens.
        answers: Path → status, body; or a function that answers through the handler. Anything else is a 404.
        asked: The paths asked for, in order.
        ranges: The ranges asked for, in order; None where the whole was.
        stopped: Set in the end; what hangs waits for it.
    """

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.ranges = []
        self.stopped = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.ranges.append(self.headers["Range"])
                answer = outer.answers.get(self.path, (404, b"not here"))
                with contextlib.suppress(ConnectionError):
                    answer(self) if callable(answer) else send(self, answer[1], answer[0])

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def serve(self, contents):
        """Serve the files gzipped, as mirrors do."""
        self.answers |= {f"/{name}.gz": (200, gzip.compress(body)) for name, body in contents.items()}

    def wrap(self, context):
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def stop(self):
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server():
    """Yield a running HTTP server."""
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def deaf_url():
    """Yield the address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closed_url():
    """Return an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Return a function that installs a shell script as a tool, on a PATH of the system's own besides."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def install(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return install


@pytest.fixture
def no_tools(monkeypatch):
    """Leave no package manager on the PATH."""
    monkeypatch.setenv("PATH", "/nowhere")
