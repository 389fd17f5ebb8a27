"""Whatever is not as it was written is found and named, and can be moved aside."""

import errno
import itertools
import os
import shutil

import pytest

from tests.durability.filelayer import READ_CODES, ReadLayer, refuser
from vaecli.errors import Busy, DamagedArtifact, EnvironmentFailure
from vaecli.store import Restoration, Run, RunWriter, restore, set_aside, verify


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
        ("epochs/0001/weights.h5", "changed"),
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
        ("epochs/0001/weights.h5", "missing"),
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


def test_weights_of_an_epoch_that_keeps_none_do_not_belong_to_it(fabricate):
    run = fabricate(3, weights_of=(0, 3))
    assert verify(run) == []
    shutil.copy(run.path / "epochs" / "0000" / "weights.h5", run.path / "epochs" / "0001" / "weights.h5")
    assert found(run) == {("epochs/0001/weights.h5", "extra")}
    assert set_aside(run) == ["epochs/0001/weights.h5"]
    assert verify(run) == []


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


@pytest.mark.parametrize("code", READ_CODES, ids=lambda code: errno.errorcode[code])
@pytest.mark.parametrize("for_good", [False, True])
def test_what_cannot_be_read_is_no_damage_and_nothing_is_moved(fabricate, code, for_good):
    run = fabricate(1, total=3, keep="best", checkpoints="best")
    with RunWriter(run.path) as writer:
        writer.record_stop(2, "failed", "The disk was full.")
        writer.own_tensorboard()
    before = contents(run.path)
    for number in itertools.count():
        with ReadLayer(refuser(number, code, for_good=for_good)) as layer:
            findings = verify(Run(run.path))
        if len(layer.operations) <= number:
            break
        assert {finding.kind for finding in findings} == {"unreadable"}
        why = {finding.what for finding in findings}
        assert why == {
            "may not be read" if code == errno.EACCES else f"could not be read: {os.strerror(code)}"
        }
        with ReadLayer(refuser(number, code, for_good=for_good)):
            assert attempted(lambda: set_aside(Run(run.path))) == []
            assert attempted(lambda: restore(Run(run.path))) in ([], Restoration([], []))
    assert number > 40
    assert contents(run.path) == before


def attempted(work):
    """Return what a work returns, nothing where the machine does not let it be done."""
    try:
        return work()
    except EnvironmentFailure:
        return []


def contents(folder):
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def test_too_little_memory_is_no_damage(fabricate, monkeypatch):
    run = fabricate(1)

    def refuse(*arguments):
        raise MemoryError

    monkeypatch.setattr(os, "read", refuse)
    assert {finding.what for finding in verify(run)} == {"could not be read: Cannot allocate memory"}


def test_damage_beside_what_cannot_be_read_is_found_and_not_moved(fabricate, unprivileged):
    run = fabricate(3)
    unprivileged.own(run.path)
    flip(run.path / "epochs" / "0001" / "snapshot.h5")
    (run.path / "epochs" / "0002" / "snapshot.h5").chmod(0)
    with unprivileged:
        assert found(run) == {
            ("epochs/0001/snapshot.h5", "changed"),
            ("epochs/0002/snapshot.h5", "unreadable"),
        }
        with pytest.raises(
            EnvironmentFailure, match=r"0002/snapshot.h5 may not be read.\n.*\nNothing was moved"
        ):
            set_aside(run)
        (run.path / "epochs" / "0002" / "snapshot.h5").chmod(0o644)
        assert set_aside(run) == ["epochs/0001"]
        assert verify(run) == []


@pytest.mark.parametrize("name", [".", "run.json", "epochs", "epochs/0001", "checkpoints/0003", "stops"])
def test_what_may_not_be_read_is_named_as_such(fabricate, unprivileged, name):
    run = fabricate(3)
    with RunWriter(run.path) as writer:
        writer.record_stop(4, "failed", "The disk was full.")
    unprivileged.own(run.path)
    (run.path / name).chmod(0)
    with unprivileged:
        assert [(finding.file, finding.what) for finding in verify(Run(run.path))] == [
            (name, "may not be read")
        ]
        assert attempted(lambda: set_aside(Run(run.path))) == []
        (run.path / name).chmod(0o755)
        assert verify(Run(run.path)) == []


def test_what_was_moved_aside_comes_back_if_it_is_whole(fabricate):
    run = fabricate(4, keep="all")
    with RunWriter(run.path) as writer:
        writer.record_stop(5, "failed", "The disk was full.")
    before = contents(run.path)
    damaged = ("epochs/0001", "epochs/0003", "checkpoints/0002", "checkpoints/0003", "stops/0005.json")
    (run.path / "damaged").mkdir()
    for name in damaged:
        (run.path / name).rename(run.path / "damaged" / name.replace("/", "-"))
    flip(run.path / "damaged" / "epochs-0003" / "snapshot.h5")
    (run.path / "damaged" / "notes").write_text("mine")
    outcome = restore(run)
    assert outcome.restored == ["epochs/0001", "checkpoints/0002", "stops/0005.json"]
    assert [(left.file, left.what) for left in outcome.left] == [
        (
            "damaged/epochs-0003/snapshot.h5",
            "its SHA-256 is not the one that was noted when it was written",
        ),
        ("damaged/checkpoints-0003", "there is no epoch 3 for it"),
        ("damaged/notes", "does not belong to a run"),
    ]
    assert verify(run) == []
    flip(run.path / "damaged" / "epochs-0003" / "snapshot.h5")
    assert restore(run).restored == ["epochs/0003", "checkpoints/0003"]
    (run.path / "damaged" / "notes").unlink()
    (run.path / "damaged").rmdir()
    assert contents(run.path) == before
    assert restore(run) == Restoration([], [])


def test_only_one_of_the_same_epoch_comes_back_and_what_is_there_stays(fabricate):
    run = fabricate(2, keep="all")
    epoch, folder = run.path / "epochs" / "0001", run.path / "damaged"
    for name in ("epochs-0001", "epochs-0001.2", "epochs-0001.3"):
        shutil.copytree(epoch, folder / name)
    flip(folder / "epochs-0001" / "epoch.json", 30)
    shutil.rmtree(epoch)
    outcome = restore(run)
    assert outcome.restored == ["epochs/0001"]
    assert [(left.file, left.what) for left in outcome.left] == [
        ("damaged/epochs-0001/epoch.json", "it is not valid JSON"),
        ("damaged/epochs-0001.3", "epochs/0001 already exists"),
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["epochs-0001", "epochs-0001.3"]


def test_nothing_of_another_run_or_epoch_and_no_link_comes_back(fabricate, tmp_path):
    run, other = fabricate(2, keep="all"), fabricate(2, keep="all", seed=1)
    shutil.copytree(other.path / "epochs" / "0001", run.path / "damaged" / "epochs-0001")
    shutil.copytree(run.path / "epochs" / "0001", run.path / "damaged" / "epochs-0002")
    (run.path / "epochs" / "0000").rename(tmp_path / "0000")
    (run.path / "damaged" / "epochs-0000").symlink_to(tmp_path / "0000")
    for epoch in ("0001", "0002"):
        shutil.rmtree(run.path / "epochs" / epoch)
    outcome = restore(run)
    assert outcome.restored == []
    assert [left.what for left in outcome.left] == [
        "is missing: a file or a link stands where its folder was",
        "it belongs to another run",
        "it says that it is of epoch 1",
    ]
    shutil.rmtree(run.path / "damaged")
    (run.path / "damaged").symlink_to(tmp_path)
    with pytest.raises(DamagedArtifact, match="damaged is a symbolic link"):
        restore(run)


def test_a_run_that_is_being_trained_is_verified_and_not_repaired(fabricate):
    run = fabricate(2)
    flip(run.path / "epochs" / "0001" / "snapshot.h5")
    with RunWriter(run.path):
        assert found(run) == {("epochs/0001/snapshot.h5", "changed")}
        for change in (set_aside, restore):
            with pytest.raises(Busy):
                change(run)
