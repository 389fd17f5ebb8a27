"""What the one writer of a run may do."""

import errno
import os
import shutil
import socket
import stat

import numpy as np
import pytest

from tests.conftest import checkpoint_of, metrics_of, snapshot_of
from vaecli.errors import Busy, DamagedArtifact, EnvironmentFailure, UsageError
from vaecli.store import Checkpoint, RunWriter, lock, remove_run, require_own_files, set_aside, verify


def commit(writer, epoch, total=9, keep="last", elbo=None):
    writer.commit(total, metrics_of(epoch, elbo=elbo), snapshot_of(epoch), checkpoint_of(epoch), keep)


def test_a_run_is_running_while_its_writer_lives(fabricate):
    run = fabricate(1, total=2)
    with RunWriter(run.path) as writer:
        assert run.state == "running"
        with pytest.raises(Busy, match=f"toy-1 is being trained by process {os.getpid()}"):
            RunWriter(run.path)
        commit(writer, 2, total=2)
    assert run.state == "finished"


@pytest.mark.parametrize(("keep", "kept"), [("last", (4,)), ("best", (2, 4)), ("all", (0, 1, 2, 3, 4))])
def test_checkpoints_are_kept_as_asked(fabricate, keep, kept):
    run = fabricate(0, total=4, keep=keep)
    with RunWriter(run.path) as writer:
        for epoch, elbo in [(1, 300), (2, 250), (3, 260), (4, 255)]:
            commit(writer, epoch, 4, keep, elbo)
    assert run.checkpoints() == kept


def test_an_epoch_keeps_its_weights_rounded_when_its_checkpoint_is_gone(fabricate):
    run = fabricate(0, total=2)
    weights = {
        "kernel": np.linspace(-3, 3, 1001, dtype=np.float32),
        "beyond": np.array([70_000, 0.1], np.float32),
        "tiny": np.array([1e-7, 3e-8], np.float32),
        "zero": np.zeros(2, np.float32),
    }
    with RunWriter(run.path) as writer:
        for epoch in (1, 2):
            checkpoint = Checkpoint(epoch, weights, {"step": np.array(epoch)})
            writer.commit(2, metrics_of(epoch), snapshot_of(epoch), checkpoint, "last")
    assert run.checkpoints() == (2,)
    rounded, exact = run.weights(1), run.weights(2)
    for name, array in weights.items():
        np.testing.assert_array_equal(exact[name], array)
        assert rounded[name].dtype == np.float32
        assert np.abs(rounded[name] - array).max() <= 2**-11 * np.abs(array).max()
    assert not np.array_equal(rounded["kernel"], weights["kernel"])
    np.testing.assert_array_equal(rounded["beyond"], weights["beyond"])
    table = run.epoch_document(1)["files"]["weights.h5"]["arrays"]
    types = {name: entry["type"] for name, entry in table.items()}
    assert types == {"kernel": "<f2", "beyond": "<f4", "tiny": "<f4", "zero": "<f2"}


def test_weights_that_no_epoch_may_keep_are_refused_before_anything_is_written(fabricate):
    run = fabricate(0, total=1)
    checkpoint = Checkpoint(1, {"w": np.array([np.inf], np.float32)}, {})
    with RunWriter(run.path) as writer, pytest.raises(ValueError, match="other than plain, finite numbers"):
        writer.commit(1, metrics_of(1), snapshot_of(1), checkpoint, "last")
    assert (run.epochs(), run.checkpoints()) == ((0,), (0,))


def test_an_epoch_made_again_must_have_the_same_weights_if_it_keeps_any(fabricate):
    run = fabricate(3, weights_of=(0, 2, 3))

    def make_again(writer, epoch, weights):
        checkpoint = Checkpoint(epoch, checkpoint_of(weights).weights, checkpoint_of(epoch).optimizer)
        writer.commit(3, metrics_of(epoch), snapshot_of(epoch), checkpoint, "last")

    with RunWriter(run.path) as writer:
        make_again(writer, 2, weights=2)
        make_again(writer, 1, weights=5)  # keeps none
        with pytest.raises(DamagedArtifact, match="Epoch 2 of run toy-1, made again, differs"):
            make_again(writer, 2, weights=5)


def test_a_name_is_taken_once(fabricate):
    fabricate(0, name="mine")
    with pytest.raises(UsageError, match="There is a run 'mine' .* already.\n.*--resume mine"):
        fabricate(0, name="mine")


def test_a_recorded_stop_is_the_state_until_the_epoch_is_made_after_all(fabricate):
    run = fabricate(1, total=3)
    with RunWriter(run.path) as writer:
        writer.record_stop(2, "diverged", "The loss of epoch 2 is nan.")
        writer.record_stop(2, "failed", "The first note stays.")
    assert run.state == "diverged"
    assert run.stop()["message"] == "The loss of epoch 2 is nan."
    with RunWriter(run.path) as writer:
        commit(writer, 2, total=3)
    assert run.state == "interrupted"


def test_leftovers_and_a_checkpoint_of_no_epoch_are_cleared(fabricate):
    run = fabricate(1, total=3)
    (run.path / "epochs" / ".tmp-0002-1").mkdir()
    (run.path / "checkpoints" / "0002").mkdir()
    with RunWriter(run.path) as writer:
        writer.clear()
        commit(writer, 2, total=3)
    assert run.epochs() == (0, 1, 2)
    assert run.checkpoints() == (2,)


STAND_INS = {
    "a link": lambda path, other: path.symlink_to(other),
    "a link to nothing": lambda path, other: path.symlink_to(other / "nothing"),
    "a pipe": lambda path, other: os.mkfifo(path),
    "a socket": lambda path, other: a_socket(path),
    "a device": lambda path, other: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 7)),  # as /dev/full
}


def a_socket(path):
    here = os.getcwd()  # noqa: PTH109 - a socket's path must be short
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(here)


def put(stand_in, path, other):
    """Put something else in the place of a file or directory of a run."""
    if path.is_dir():
        path.rename(other.parent / f"aside-{path.name}")
    else:
        path.unlink(missing_ok=True)
    try:
        STAND_INS[stand_in](path, other)
    except PermissionError:
        pytest.skip("devices may not be made here")


@pytest.mark.parametrize("stand_in", STAND_INS)
@pytest.mark.parametrize("name", ["epochs", "checkpoints", "stops", "tensorboard", "damaged", "train.log"])
def test_a_writer_follows_nothing_that_stands_in_a_run(fabricate, tmp_path, name, stand_in):
    run, other = fabricate(1, total=5), tmp_path / "other"
    other.mkdir()
    (other / ".tmp-mine").write_text("mine")
    put(stand_in, run.path / name, other)
    fault = f"{name} is (a symbolic link|not a (directory|regular file))."
    works = {
        "epochs": [lambda writer: commit(writer, 2)],
        "checkpoints": [lambda writer: commit(writer, 2)],
        "stops": [lambda writer: writer.record_stop(2, "failed", "The disk was full.")],
        "train.log": [lambda writer: writer.open_log()],
        "tensorboard": [lambda writer: writer.own_tensorboard()],
        "damaged": [],
    }
    with RunWriter(run.path) as writer:
        for work in (*works[name], lambda writer: writer.clear()):
            with pytest.raises(DamagedArtifact, match=fault):
                work(writer)
    with pytest.raises(DamagedArtifact, match=f"{fault}\n.*nothing was written.\n.*--repair moves it aside"):
        require_own_files(run)
    assert [path.name for path in other.iterdir()] == [".tmp-mine"]


@pytest.mark.parametrize("stand_in", STAND_INS)
def test_a_log_is_no_link_to_a_file_of_the_users(fabricate, tmp_path, stand_in):
    run, mine = fabricate(1), tmp_path / "mine"
    mine.write_text("mine")
    put(stand_in, run.path / "train.log", mine)
    with RunWriter(run.path) as writer, pytest.raises(DamagedArtifact, match="train.log is "):
        writer.open_log()
    assert mine.read_text() == "mine"


def test_a_log_is_written_at_its_end(fabricate):
    run = fabricate(1)
    with RunWriter(run.path) as writer:
        for words in (b"one ", b"two"):
            with writer.open_log() as log:
                log.write(words)
    assert (run.path / "train.log").read_bytes() == b"one two"


@pytest.mark.parametrize("stand_in", [*STAND_INS, "a directory"])
def test_tensorflow_is_given_no_event_file_that_is_none(fabricate, tmp_path, stand_in):
    run = fabricate(1)
    with RunWriter(run.path) as writer:
        folder = writer.own_tensorboard()
        (folder / "events.out.tfevents.1").write_bytes(b"")
        (folder / "plugins").mkdir()
        assert writer.own_tensorboard() == folder == run.path / "tensorboard"
        assert verify(run) == []
        event = folder / "events.out.tfevents.2"
        if stand_in == "a directory":
            event.mkdir()
        else:
            put(stand_in, event, tmp_path / "other")
        with pytest.raises(DamagedArtifact, match=r"tensorboard/events.out.tfevents.2 is .*\n.*\n.*--repair"):
            writer.own_tensorboard()
    assert [(damage.file, damage.kind) for damage in verify(run)] == [
        ("tensorboard/events.out.tfevents.2", "changed")
    ]
    assert set_aside(run) == ["tensorboard/events.out.tfevents.2"]
    with RunWriter(run.path) as writer:
        assert writer.own_tensorboard() == folder


def test_a_run_behind_a_link_has_no_writer(fabricate, tmp_path):
    run = fabricate(1)
    link = tmp_path / "link"
    link.symlink_to(run.path)
    for write in (lambda: RunWriter(link), lambda: remove_run(type(run)(link))):
        with pytest.raises(DamagedArtifact, match="link is a symbolic link"):
            write()
    assert run.epochs() == (0, 1)


def test_a_longer_total_is_remembered_by_the_epochs(fabricate):
    run = fabricate(2)
    with RunWriter(run.path) as writer:
        commit(writer, 3, total=5)
    assert (run.total_epochs, run.state) == (5, "interrupted")


def test_a_store_that_cannot_be_made_is_said_to_be(store, fabricate):
    store.root.write_text("a file stands where the store should be")
    with pytest.raises(EnvironmentFailure, match="Choose a writable place with --artifacts"):
        fabricate(0)


def test_numbers_that_are_not_finite_are_never_stored(fabricate):
    run = fabricate(0, total=3)
    bad = Checkpoint(1, {"w": np.array([np.nan], np.float32)}, {})
    with RunWriter(run.path) as writer, pytest.raises(ValueError, match="weights/w"):
        writer.commit(3, metrics_of(1), snapshot_of(1), bad, "last")
    assert run.epochs() == run.checkpoints() == (0,)


def test_an_epoch_made_again_must_be_the_same(fabricate):
    run = fabricate(2, total=4, keep="all")
    shutil.rmtree(run.path / "checkpoints" / "0002")
    with RunWriter(run.path) as writer:
        assert run.checkpoint().epoch == 1
        commit(writer, 2, 4, "all")
        assert run.checkpoint().epoch == 2
    shutil.rmtree(run.path / "checkpoints" / "0002")
    other = Checkpoint(2, {"w": np.zeros(2, np.float32)}, {})
    with (
        RunWriter(run.path) as writer,
        pytest.raises(DamagedArtifact, match="Epoch 2 .* differs from the one"),
    ):
        writer.commit(4, metrics_of(2), snapshot_of(3), other, "all")


def test_a_damaged_epoch_does_not_keep_the_best_from_being_found(fabricate):
    run = fabricate(2, total=4, keep="best")
    (run.path / "epochs" / "0001" / "epoch.json").write_text("{}")
    with RunWriter(run.path) as writer:
        commit(writer, 3, 4, "best", elbo=400)
    assert run.checkpoints() == (2, 3)


def test_a_full_disk_while_a_run_is_born_leaves_nothing(fabricate, store, monkeypatch):
    def refuse(*arguments, **more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(EnvironmentFailure, match="No space left on device.\nFree some space"):
        fabricate(0)
    assert not store.root.exists() or list(store.root.iterdir()) == []


def test_a_run_whose_maker_died_is_removed_by_the_next_and_one_being_made_is_not(fabricate, store):
    fabricate(0)
    for name in (".tmp-run-dead", ".tmp-run-alive"):
        (store.root / name / "epochs").mkdir(parents=True)
        os.close(lock.acquire(store.root / name))
    held = lock.acquire(store.root / ".tmp-run-alive")
    fabricate(0)
    os.close(held)
    assert sorted(entry.name for entry in store.root.iterdir()) == [".tmp-run-alive", "toy-1", "toy-2"]
    assert [run.name for run in store.runs()] == ["toy-2", "toy-1"]
