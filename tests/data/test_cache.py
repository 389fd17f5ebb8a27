import os
import signal
import stat

import pytest

from tests.durability.children import Child
from vaecli.data.cache import cache_folder, keep, prepare_cache
from vaecli.errors import EnvironmentFailure
from vaecli.files import Unfinished

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


def test_the_cache_lies_in_the_users_cache(own_home, tiny):
    assert cache_folder(tiny.name) == own_home / "cache" / "vaecli" / "datasets" / "tiny"


def test_a_kept_file_is_whole_readable_and_alone(tiny, contents):
    file = tiny.files[0]
    keep(tiny.name, file.name, contents[file.name])
    (path,) = cache_folder(tiny.name).iterdir()
    assert path.name == file.name
    assert path.read_bytes() == contents[file.name]
    assert path.stat().st_mode & stat.S_IRUSR


def test_keeping_a_file_again_replaces_it(tiny):
    file = tiny.files[0]
    keep(tiny.name, file.name, b"damaged")
    keep(tiny.name, file.name, b"mended")
    assert (cache_folder(tiny.name) / file.name).read_bytes() == b"mended"


def test_a_file_in_the_way_of_the_folder_is_an_error_that_names_it(own_home, tiny):
    (own_home / "cache").write_text("I am a file")
    with pytest.raises(EnvironmentFailure, match="cache/vaecli/datasets/tiny cannot be written") as caught:
        prepare_cache(tiny.name)
    assert "XDG_CACHE_HOME" in caught.value.mend


def test_a_write_that_fails_leaves_nothing_behind(tiny):
    file = tiny.files[0]
    (prepare_cache(tiny.name) / file.name).mkdir()  # a folder cannot be replaced by a file
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        keep(tiny.name, file.name, b"content")
    assert [path.name for path in cache_folder(tiny.name).iterdir()] == [file.name]


@as_user
def test_a_read_only_cache_is_an_error_before_any_download(tiny):
    folder = prepare_cache(tiny.name)
    folder.chmod(0o500)
    try:
        with pytest.raises(EnvironmentFailure, match="cannot be written: not writable"):
            prepare_cache(tiny.name)
    finally:
        folder.chmod(0o700)


def test_what_a_killed_process_left_is_removed_and_what_a_live_one_writes_is_not(tiny):
    folder = prepare_cache(tiny.name)

    def live(say):
        with Unfinished(folder):
            say("begun")
            signal.pause()

    children = [Child(live) for _ in range(2)]
    assert [child.lines.readline() for child in children] == ["begun\n"] * 2
    children[0].kill()
    children[0].wait()
    prepare_cache(tiny.name)
    assert len(list(folder.iterdir())) == 1
    children[1].kill()
    children[1].wait()
    prepare_cache(tiny.name)
    assert list(folder.iterdir()) == []
