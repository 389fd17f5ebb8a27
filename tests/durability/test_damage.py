"""Every changed byte, every missing, added or swapped file is found and named."""

import itertools
import shutil
from pathlib import Path

import pytest

from tests.durability import stub
from tests.durability.conftest import count
from tests.durability.filelayer import FileLayer
from vaecli.store import Run, Store, verify


@pytest.fixture
def run(tmp_path):
    """Return a run of two epochs with all that a run can have."""
    with FileLayer():
        writer = stub.make(tmp_path / "store", 1, keep="all")
        stub.go_on(writer, 1, start=0)
        with stub.RunWriter(writer.run.path) as again:
            again.record_stop(2, "diverged", "The loss of epoch 2 is nan.")
    (writer.run.path / "run.lock").unlink()
    return writer.run


def files_of(run):
    return sorted(str(path.relative_to(run.path)) for path in run.path.rglob("*") if path.is_file())


def named(run):
    return {damage.file for damage in verify(Run(run.path))}


def test_every_byte(run, report):
    flips = 0
    for file in files_of(run):
        path = run.path / file
        whole = path.read_bytes()
        step = count(11 if file.endswith(".json") else 127, 1)
        for position in range(0, len(whole), step):
            changed = bytearray(whole)
            changed[position] ^= 0xFF
            path.write_bytes(changed)
            assert named(run) == {file}, f"{file} at {position}"
            flips += 1
        path.write_bytes(whole)
    assert named(run) == set()
    report(f"damage: {flips} single bytes XOR 0xFF: 100 % found, each in the right file")


def test_every_64th_length(run, report):
    cuts = 0
    for file in files_of(run):
        path = run.path / file
        whole = path.read_bytes()
        for length in [*range(0, len(whole), count(256, 64)), len(whole) - 1]:
            path.write_bytes(whole[:length])
            assert named(run) == {file}, f"{file} cut at {length}"
            cuts += 1
        path.write_bytes(whole + b"\0")
        assert named(run) == {file}
        path.write_bytes(whole)
    report(f"damage: {cuts} truncations and one byte more: 100 % found, each in the right file")


def test_every_file_deleted_added_and_swapped(run, tmp_path, report):
    files, cases = files_of(run), 0
    for file in files:
        (run.path / file).rename(tmp_path / "aside")
        assert named(run) == {file} or file.startswith("stops/")
        (tmp_path / "aside").rename(run.path / file)
        cases += 1
    folders = [path for path in run.path.rglob("*") if path.is_dir()] + [run.path]
    for folder, name in itertools.product(
        folders, ["extra", "0005.txt", ".hidden", "run.json.bak", "snapshot.h5 "]
    ):
        (folder / name).write_bytes(b"x")
        assert named(run) == {str((folder / name).relative_to(run.path))}
        (folder / name).unlink()
        cases += 1
    for one, other in itertools.combinations(files, 2):
        first, second = (run.path / one).read_bytes(), (run.path / other).read_bytes()
        (run.path / one).write_bytes(second)
        (run.path / other).write_bytes(first)
        assert named(run) & {one, other}, f"{one} and {other} swapped"
        assert named(run) <= {one, other}
        (run.path / one).write_bytes(first)
        (run.path / other).write_bytes(second)
        cases += 1
    assert named(run) == set()
    report(
        f"damage: {cases} files deleted, added or swapped: found and named, all but a deleted note of a stop"
    )


def test_whatever_is_swapped_between_two_runs_that_are_alike(run, tmp_path, report):
    with FileLayer():
        stub.train(tmp_path / "store", 1, keep="all", name="other")
    other = Store(tmp_path / "store").resolve("other")
    cases = 0
    for name in ("run.json", "epochs/0001", "checkpoints/0001", "epochs/0000/epoch.json"):
        aside = Path(shutil.move(run.path / name, tmp_path / "aside"))
        shutil.move(other.path / name, run.path / name)
        shutil.move(aside, other.path / name)
        assert any(file == name or file.startswith((f"{name}/", "epochs/")) for file in named(run)), name
        assert named(other), name
        aside = Path(shutil.move(run.path / name, tmp_path / "aside"))
        shutil.move(other.path / name, run.path / name)
        shutil.move(aside, other.path / name)
        cases += 1
    assert named(run) == named(other) == set()
    report(f"damage: {cases} things swapped between two runs of the same config: found in both")


def test_every_deleted_folder(run, tmp_path):
    for folder in [
        "epochs",
        "checkpoints",
        "epochs/0000",
        "epochs/0001",
        "checkpoints/0000",
        "checkpoints/0001",
    ]:
        (run.path / folder).rename(tmp_path / "aside")
        if folder == "epochs/0001":  # with its checkpoint there: as if killed between the two
            assert named(run) == set()
        else:
            assert folder in named(run)
        (tmp_path / "aside").rename(run.path / folder)
