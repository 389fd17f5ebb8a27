"""Whatever is not as it was written is found and named, and can be moved aside."""

import os
import shutil

import pytest

from vaecli.errors import Busy, DamagedArtifact
from vaecli.store import RunWriter, set_aside, verify


def flip(path, position=0):
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)


def found(run):
    return {(damage.file, damage.kind) for damage in verify(run)}


@pytest.mark.parametrize("keep", ["last", "best", "all"])
def test_a_run_as_it_was_written_is_whole(fabricate, keep):
    run = fabricate(3, keep=keep, checkpoints=keep)
    assert verify(run) == []
    with RunWriter(run.path) as writer:
        writer.record_stop(4, "failed", "The disk was full.")
        assert verify(run) == []


def test_what_is_known_but_never_read_back_is_left_in_peace(fabricate):
    run = fabricate(1)
    (run.path / "train.log").write_text("chatter")
    (run.path / "tensorboard").mkdir()
    (run.path / "tensorboard" / "events").touch()
    (run.path / "epochs" / ".tmp-0002-1").mkdir()
    assert verify(run) == []


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("run.json", "changed"),
        ("epochs/0001/epoch.json", "changed"),
        ("epochs/0001/snapshot.h5", "changed"),
        ("checkpoints/0003/checkpoint.json", "changed"),
        ("checkpoints/0003/tensors.h5", "changed"),
        ("stops/0004.json", "changed"),
        ("run.json", "missing"),
        ("epochs", "missing"),
        ("checkpoints", "missing"),
        ("epochs/0001", "missing"),
        ("checkpoints/0003", "missing"),
        ("epochs/0001/epoch.json", "missing"),
        ("epochs/0001/snapshot.h5", "missing"),
        ("checkpoints/0003/tensors.h5", "missing"),
        ("notes", "extra"),
        ("epochs/notes", "extra"),
        ("epochs/0001/notes", "extra"),
        ("epochs/00001", "extra"),
        ("checkpoints/notes", "extra"),
        ("checkpoints/0003/notes", "extra"),
        ("stops/notes", "extra"),
    ],
)
def test_a_changed_a_missing_and_an_extra_file_is_named(fabricate, file, kind):
    run = fabricate(3)
    with RunWriter(run.path) as writer:
        writer.record_stop(4, "failed", "The disk was full.")
    path = run.path / file
    if kind == "changed":
        flip(path, path.stat().st_size // 2)
    elif kind == "extra":
        path.write_text("x")
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    fresh = type(run)(run.path)
    assert (file, kind) in found(fresh)
    if kind != "missing" or "/" in file:
        assert found(fresh) == {(file, kind)}


def test_links_and_pipes_in_the_place_of_files_are_damage(fabricate):
    run = fabricate(2)
    (run.path / "train.log").symlink_to("/etc/passwd")
    (run.path / "epochs" / "0001" / "snapshot.h5").unlink()
    os.mkfifo(run.path / "epochs" / "0001" / "snapshot.h5")
    (run.path / "epochs" / "0002").rename(run.path.parent / "elsewhere")
    (run.path / "epochs" / "0002").symlink_to(run.path.parent / "elsewhere")
    assert found(run) == {
        ("train.log", "changed"),
        ("epochs/0001/snapshot.h5", "changed"),
        ("epochs/0002/epoch.json", "missing"),
    }


def test_repair_moves_what_is_damaged_aside_and_loses_nothing(fabricate):
    run = fabricate(4, keep="all")
    flip(run.path / "epochs" / "0001" / "snapshot.h5")
    flip(run.path / "checkpoints" / "0002" / "tensors.h5")
    (run.path / "epochs" / "notes").write_text("mine")
    before = sorted(path.read_bytes() for path in run.path.rglob("*") if path.is_file())
    assert set_aside(run) == ["checkpoints/0002", "epochs/0001", "epochs/notes"]
    assert verify(run) == []
    assert run.epochs() == (0, 2, 3, 4)
    assert run.checkpoints() == (0, 1, 3, 4)
    assert (run.path / "damaged" / "epochs-0001" / "snapshot.h5").exists()
    after = sorted(path.read_bytes() for path in run.path.rglob("*") if path.is_file())
    assert {*after} >= {*before} - {b""}
    assert set_aside(run) == []


def test_the_same_epoch_can_be_moved_aside_again(fabricate):
    run = fabricate(2, keep="all")
    copy = run.path.parent / "copy"
    shutil.copytree(run.path / "epochs" / "0001", copy)
    for _ in range(2):
        flip(run.path / "epochs" / "0001" / "snapshot.h5")
        set_aside(run)
        shutil.copytree(copy, run.path / "epochs" / "0001")
    assert sorted(entry.name for entry in (run.path / "damaged").iterdir()) == [
        "epochs-0001",
        "epochs-0001.2",
    ]
    assert verify(run) == []


@pytest.mark.parametrize(
    ("stand_in", "fault"),
    [
        (lambda path, other: path.symlink_to(other), "is a symbolic link"),
        (lambda path, other: path.symlink_to(other / "nothing"), "is a symbolic link"),
        (lambda path, other: path.write_text("mine"), "is not a directory"),
        (lambda path, other: os.mkfifo(path), "is not a directory"),
    ],
)
@pytest.mark.parametrize("damaged_too", [True, False])
def test_repair_moves_nothing_through_what_only_bears_the_name_of_its_directory(
    fabricate, tmp_path, stand_in, fault, damaged_too
):
    run, other = fabricate(2), tmp_path / "other"
    other.mkdir()
    if damaged_too:
        flip(run.path / "epochs" / "0001" / "snapshot.h5")
    stand_in(run.path / "damaged", other)
    assert ("damaged", "changed") in found(run)
    before = sorted(run.path.rglob("*"))
    with pytest.raises(DamagedArtifact, match=f"damaged {fault}.\n.*\n.*nothing was moved"):
        set_aside(run)
    assert sorted(run.path.rglob("*")) == before
    assert list(other.iterdir()) == []


def test_a_run_that_is_being_trained_is_verified_and_not_repaired(fabricate):
    run = fabricate(2)
    flip(run.path / "epochs" / "0001" / "snapshot.h5")
    with RunWriter(run.path):
        assert found(run) == {("epochs/0001/snapshot.h5", "changed")}
        with pytest.raises(Busy):
            set_aside(run)
