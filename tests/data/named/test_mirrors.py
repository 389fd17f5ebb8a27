import gzip
import hashlib
import threading

import numpy as np
import pytest

from tests.data.conftest import idx_bytes, send, send_range
from vaecli.data.idx import IdxFile
from vaecli.data.named.mirrors import from_mirror
from vaecli.errors import DataError


def silent(what, done, total):
    pass


def test_a_mirror_gives_every_file_plain_and_verified(server, tiny, contents):
    server.serve(contents)
    got = {file.name: content for file, content in from_mirror(server.url, tiny.files, silent)}
    assert got == contents
    assert server.asked == [f"/{file.name}.gz" for file in tiny.files]


def test_only_the_wanted_files_are_asked_for(server, tiny, contents):
    server.serve(contents)
    ((file, _),) = from_mirror(server.url, tiny.files[2:3], silent)
    assert server.asked == [f"/{file.name}.gz"]


def test_a_mirror_may_serve_a_file_unpacked(server, tiny, contents):
    name = tiny.files[0].name
    server.answers[f"/{name}.gz"] = (200, contents[name])
    ((_, content),) = from_mirror(server.url, tiny.files[:1], silent)
    assert content == contents[name]


def test_progress_ends_at_the_whole_file(server, tiny, contents):
    server.serve(contents)
    told = []
    list(from_mirror(server.url, tiny.files[:1], lambda *words: told.append(words)))
    what, done, total = told[-1]
    assert what == tiny.files[0].name
    assert done == total > 0
    assert all(0 <= before <= total for _, before, _ in told)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, b"gone"), "^HTTP status 404$"),
        ((503, b"later"), "^HTTP status 503$"),
        ((200, b"<html>Sign in to the Wi-Fi</html>"), "train-images-idx3-ubyte: a web page"),
        ((200, b""), "train-images-idx3-ubyte: the file is empty"),
        ((200, bytes(200_000)), "more than the 65,792 bytes that it can be"),
    ],
)
def test_an_answer_that_is_not_the_file_is_refused(server, tiny, answer, message):
    server.answers[f"/{tiny.files[0].name}.gz"] = answer
    with pytest.raises(DataError, match=message):
        list(from_mirror(server.url, tiny.files, silent))
    assert len(server.asked) == 1


def test_a_mirror_that_refuses_says_so(closed_url, tiny):
    with pytest.raises(DataError, match="it refuses connections"):
        list(from_mirror(closed_url, tiny.files, silent))


def test_a_proxy_that_refuses_is_not_taken_for_the_mirror(server, closed_url, tiny, monkeypatch):
    monkeypatch.setenv("http_proxy", closed_url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(DataError, match="^the proxy refuses$"):
        list(from_mirror(server.url, tiny.files, silent))
    assert server.asked == []


def test_a_name_that_does_not_exist_says_so(tiny):
    with pytest.raises(DataError, match=r"its name cannot be resolved|no byte within"):
        list(from_mirror("http://no-such-host.invalid", tiny.files, silent))


def test_a_mirror_that_never_answers_is_given_up(deaf_url, tiny):
    with pytest.raises(DataError, match=r"no byte within 0\.2 s|it does not answer"):
        list(from_mirror(deaf_url, tiny.files, silent, patience=0.2))


def test_a_download_never_keeps_the_process_from_ending(deaf_url, tiny):
    with pytest.raises(DataError):
        list(from_mirror(deaf_url, tiny.files, silent, patience=0.05))
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    assert all(thread.daemon for thread in others)


def test_the_library_says_nothing_of_its_own(server, tiny, contents, capfd):
    server.serve(contents)
    list(from_mirror(server.url, tiny.files, silent))
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def noise():
    """Return a file of some chunks' length, its plain bytes, and as mirrors serve them."""
    content = idx_bytes(np.random.default_rng(0).integers(0, 256, (200, 10, 12)))
    file = IdxFile("noise-idx3-ubyte", (200, 10, 12), hashlib.sha256(content).hexdigest())
    return file, content, gzip.compress(content)


def test_a_download_that_breaks_off_goes_on_where_it_stopped(server, noise):
    file, content, body = noise
    stops = iter([4096, 9000, None])
    server.answers[f"/{file.name}.gz"] = lambda handler: send_range(handler, body, next(stops))
    assert list(from_mirror(server.url, [file], silent)) == [(file, content)]
    assert server.ranges == [None, "bytes=4096-", "bytes=9000-"]


def test_another_mirror_goes_on_where_one_stopped(server, noise):
    file, content, body = noise
    server.answers[f"/a/{file.name}.gz"] = lambda handler: send(
        handler, body[:5000], content_length=len(body)
    )
    server.answers[f"/b/{file.name}.gz"] = lambda handler: send_range(handler, body)
    parts = {}
    with pytest.raises(DataError, match=f"^it broke off after 5,000 of {len(body):,} bytes$"):
        list(from_mirror(f"{server.url}/a", [file], silent, parts=parts))
    assert list(from_mirror(f"{server.url}/b", [file], silent, parts=parts)) == [(file, content)]
    assert server.ranges == [None, "bytes=5000-", "bytes=5000-"]
    assert parts == {}


def test_progress_goes_on_too(server, noise):
    file, _, body = noise
    stops = iter([9000, None])
    server.answers[f"/{file.name}.gz"] = lambda handler: send_range(handler, body, next(stops))
    told = []
    list(from_mirror(server.url, [file], lambda *words: told.append(words)))
    assert told[-1] == (file.name, len(body), len(body))
    assert max(done for _, done, _ in told) == len(body)


def test_a_mirror_that_knows_no_ranges_is_asked_for_the_whole(server, noise):
    file, content, body = noise
    stops = iter([9000, len(body)])
    server.answers[f"/{file.name}.gz"] = lambda handler: send(
        handler, body[: next(stops)], content_length=len(body)
    )
    assert list(from_mirror(server.url, [file], silent)) == [(file, content)]


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler, body: send(
            handler, body[90:], 206, content_range=f"bytes 90-{len(body)}/{len(body)}"
        ),
        lambda handler, body: send(handler, body[5000:], 206, content_range=f"bytes 5000-{len(body)}/99999"),
        lambda handler, body: send(handler, body[5000:], 206),
        lambda handler, body: send(handler, b"", 416, content_range="bytes */50"),
        lambda handler, body: send(
            handler, bytes(len(body) - 5000), 206, content_range=f"bytes 5000-{len(body)}/{len(body)}"
        ),
    ],
    ids=["from elsewhere", "of another length", "of unknown bytes", "out of range", "of another file"],
)
def test_bytes_that_do_not_belong_to_the_part_make_it_begin_afresh(server, noise, answer):
    file, content, body = noise
    answers = iter(
        [
            lambda handler, body: send(handler, body[:5000], content_length=len(body)),
            answer,
            send,
        ]
    )
    server.answers[f"/{file.name}.gz"] = lambda handler: next(answers)(handler, body)
    assert list(from_mirror(server.url, [file], silent)) == [(file, content)]
    assert server.ranges == [None, "bytes=5000-", None]


def test_a_mirror_that_brings_little_at_a_time_is_given_up(server, noise):
    file, _, body = noise
    stops = iter(range(4096, 24000, 4096))
    server.answers[f"/{file.name}.gz"] = lambda handler: send_range(handler, body, next(stops))
    with pytest.raises(DataError, match="it broke off after 20,480 of"):
        list(from_mirror(server.url, [file], silent))
    assert len(server.asked) == 5


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "br", "nonsense"])
def test_no_library_unpacks_what_comes(server, noise, encoding):
    file, content, body = noise
    server.answers[f"/{file.name}.gz"] = lambda handler: send(handler, body, content_encoding=encoding)
    assert list(from_mirror(server.url, [file], silent)) == [(file, content)]
