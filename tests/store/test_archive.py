"""A run travels as one file, and nothing else gets in that way."""

import errno
import io
import os
import struct
import zipfile

import pytest

from tests.conftest import metrics_of
from tests.durability import stub
from vaecli.errors import DamagedArtifact, DataError, EnvironmentFailure, UsageError
from vaecli.store import Store, read_archive, verify, write_archive


def contents(run):
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in run.path.rglob("*")
        if path.is_file() and path.name != "run.lock"
    }


@pytest.fixture
def archive(fabricate, tmp_path):
    """Return a run and the path of its archive."""
    run = fabricate(2, keep="all")
    with (tmp_path / "run.zip").open("wb") as file:
        assert write_archive(run, file) == 16
    return run, tmp_path / "run.zip"


def rewritten(path, change):
    """Write the archive anew after a change of its list of (name, data, compression)."""
    with zipfile.ZipFile(path) as old:
        members = [[info.filename, old.read(info), zipfile.ZIP_STORED] for info in old.infolist()]
    change(members)
    with zipfile.ZipFile(path, "w") as new:
        for name, data, compression in members:
            new.writestr(zipfile.ZipInfo(name), data, compression)


def test_a_run_comes_out_as_it_went_in(archive, tmp_path):
    run, path = archive
    other = read_archive(path, tmp_path / "other")
    assert other.name == run.name
    assert contents(other) == contents(run)
    assert verify(other) == []
    assert other.state == "finished"


@pytest.mark.parametrize("error", [OSError(errno.EIO, os.strerror(errno.EIO)), MemoryError()])
def test_an_archive_that_cannot_be_read_is_not_called_damaged(archive, tmp_path, monkeypatch, error):
    def refuse(*arguments):
        raise error

    monkeypatch.setattr(zipfile.ZipFile, "read", refuse)
    with pytest.raises(EnvironmentFailure, match="run.json could not be read: (Input/output error|Cannot)"):
        read_archive(archive[1], tmp_path / "other")
    assert list((tmp_path / "other").glob("*")) == []


def test_the_same_run_gives_the_same_archive(archive):
    run, path = archive
    again = io.BytesIO()
    write_archive(run, again)
    assert again.getvalue() == path.read_bytes()


def test_a_taken_name_gives_the_next_number_unless_it_was_asked_for(archive, store):
    run, path = archive
    assert run.name == "toy-1"
    assert [read_archive(path, store.root).name for _ in range(2)] == ["toy-2", "toy-3"]
    assert read_archive(path, store.root, "mine").name == "mine"
    with pytest.raises(UsageError, match="There is already a run of this name in"):
        read_archive(path, store.root, "mine")
    assert len(store.runs()) == 4


def test_a_damaged_run_does_not_travel(fabricate):
    run = fabricate(1)
    (run.path / "epochs" / "0001" / "snapshot.h5").write_bytes(b"")
    with pytest.raises(DamagedArtifact, match="0001/snapshot.h5"):
        write_archive(run, io.BytesIO())


def add(name, data=b"x", compression=zipfile.ZIP_STORED):
    return lambda members: members.append([name, data, compression])


def put(index, field, value):
    return lambda members: members[index].__setitem__(field, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (add("toy-1/../../evil"), "is not a file of a run"),
        (add("../evil"), "is not a file of a run"),
        (add("/etc/evil"), "is not a file of a run"),
        (add("toy-1/epochs/0001/evil.py"), "is not a file of a run"),
        (add("toy-1/epochs/0003/"), "is not a file of a run"),
        (add("toy-1/epochs/00003/epoch.json"), "is not a file of a run"),
        (add("toy-1\\epochs"), "is not a file of a run"),
        (add("other/stops/0003.json"), "does not hold one run"),
        (add("toy-1/stops/0003.json", b" " * 10**6, zipfile.ZIP_DEFLATED), "is compressed or encrypted"),
        (add("toy-1/epochs/0003/epoch.json"), "epochs/0003/epoch.json is damaged: it is not valid JSON"),
        (add("toy-1/stops/0003.json", b" " * 5 * 1024**2), "it is larger than its run allows"),
        (add("toy-1/checkpoints/0003/tensors.h5", b" " * 2 * 1024**2), "it is larger than its run allows"),
        (put(0, 1, b"{}"), "not a vaecli-run document"),
        (put(0, 1, b" " * 5 * 1024**2), "it is larger than"),
        (put(2, 1, b"{}"), "epochs/0000/snapshot.h5 is damaged"),
        (add("toy-1/epochs/0003/epoch.json", b""), "epochs/0003/epoch.json is damaged: it is empty"),
        (lambda members: members.pop(2), "epochs/0000/snapshot.h5 is damaged: is missing"),
        (lambda members: members.clear(), "does not hold one run"),
        (
            lambda members: [member.__setitem__(0, "x" * 200 + member[0][5:]) for member in members],
            "is not a valid name for a run",
        ),
    ],
)
def test_whatever_else_an_archive_holds_is_refused_and_leaves_nothing(archive, tmp_path, change, message):
    _, path = archive
    rewritten(path, change)
    with pytest.raises(DamagedArtifact, match=message):
        read_archive(path, tmp_path / "other")
    assert not (tmp_path / "evil").exists()
    assert Store(tmp_path / "other").runs() == []
    assert not (tmp_path / "other").exists() or list((tmp_path / "other").iterdir()) == []


def test_a_name_that_stands_twice_and_files_that_overlap_are_refused(archive, tmp_path):
    _, path = archive
    with zipfile.ZipFile(path) as old:
        members = {info.filename: old.read(info) for info in old.infolist()}
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as more:
        more.writestr("toy-1/run.json", members["toy-1/run.json"])
    with pytest.raises(DamagedArtifact, match=r"run.json appears in it twice"):
        read_archive(path, tmp_path / "other")
    size = len(members["toy-1/epochs/0001/snapshot.h5"])
    with zipfile.ZipFile(path, "w") as new:
        for name, data in members.items():
            new.writestr(zipfile.ZipInfo(name), data)
    data = path.read_bytes().replace(struct.pack("<II", size, size), struct.pack("<II", 10**6, 10**6))
    path.write_bytes(data)
    with pytest.raises(DamagedArtifact, match="its files overlap"):
        read_archive(path, tmp_path / "other")


def test_what_is_no_archive_is_refused(archive, tmp_path):
    _, path = archive
    data = path.read_bytes()
    for bad in (b"", data[:1000], data[:-1], data[: len(data) // 2]):
        path.write_bytes(bad)
        with pytest.raises(DamagedArtifact):
            read_archive(path, tmp_path / "other")
    with pytest.raises(DataError, match="is not a file"):
        read_archive(tmp_path, tmp_path / "other")


def test_what_is_no_export_is_not_called_damaged(archive, tmp_path):
    _, path = archive
    rewritten(path, lambda members: members.pop(0))  # run.json
    page = tmp_path / "page.zip"
    page.write_text("<html>")
    for other in (path, page):
        with pytest.raises(DataError, match="is no exported run") as caught:
            read_archive(other, tmp_path / "other")
        assert not isinstance(caught.value, DamagedArtifact)


def test_a_zip_of_many_empty_epochs_is_refused_before_anything_is_unpacked(archive, tmp_path):
    _, path = archive
    rewritten(
        path,
        lambda members: members.extend(
            [f"toy-1/epochs/{epoch:04d}/epoch.json", b"", zipfile.ZIP_STORED] for epoch in range(3, 20_000)
        ),
    )
    with pytest.raises(DamagedArtifact, match="epochs/0003/epoch.json is damaged: it is empty"):
        read_archive(path, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_name_as_long_as_may_be_is_numbered_within_that_length(archive, tmp_path):
    _, path = archive
    root = tmp_path / "other"
    long = read_archive(path, root, "x" * 100)
    with (tmp_path / "long.zip").open("wb") as file:
        write_archive(long, file)
    again = read_archive(tmp_path / "long.zip", root)
    assert {run.name for run in Store(root).runs()} == {again.name, long.name}
    assert again.name == f"{'x' * 90}-1"


class Meanwhile(io.BytesIO):
    """A file; when something is first written into it, something else happens."""

    def __init__(self, happens):
        super().__init__()
        self.happens = happens

    def write(self, data):
        happens, self.happens = self.happens, lambda: None
        happens()
        return super().write(data)


def test_a_run_that_is_trained_meanwhile_goes_out_as_it_was_at_one_moment(tmp_path):
    def commit(epoch):
        writer.commit(9, metrics_of(epoch), stub.snapshot(epoch), stub.checkpoint(epoch), keep="last")

    with stub.make(tmp_path / "store", 9) as writer:
        commit(0)
        commit(1)
        file = Meanwhile(lambda: commit(2))  # which removes the checkpoint of epoch 1
        write_archive(writer.run, file)
        assert writer.run.checkpoints() == (2,)
    (tmp_path / "run.zip").write_bytes(file.getvalue())
    found = read_archive(tmp_path / "run.zip", tmp_path / "other")
    assert (found.epochs(), found.checkpoints(), verify(found)) == ((0, 1), (1,), [])
