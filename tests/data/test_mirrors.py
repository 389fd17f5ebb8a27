import threading

import pytest

from vaecli.data.mirrors import from_mirror
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
