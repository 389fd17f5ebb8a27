"""The kernel knows who trains."""

import os
import subprocess
import sys

import pytest

from vaecli.errors import Busy, DamagedArtifact
from vaecli.store import lock


def test_a_held_lock_is_seen_and_named(tmp_path):
    assert not lock.is_held(tmp_path)
    descriptor = lock.acquire(tmp_path)
    assert lock.is_held(tmp_path)
    with pytest.raises(Busy, match=f"process {os.getpid()} on "):
        lock.acquire(tmp_path)
    os.close(descriptor)
    assert not lock.is_held(tmp_path)
    os.close(lock.acquire(tmp_path))


def test_the_lock_dies_with_its_holder(tmp_path):
    program = f"""
import os, signal
from pathlib import Path
from vaecli.store import lock
lock.acquire(Path({str(tmp_path)!r}))
print("held", flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        assert lock.is_held(tmp_path)
        holder.kill()
        holder.wait()
        assert not lock.is_held(tmp_path)


def test_asking_writes_nothing(tmp_path):
    assert not lock.is_held(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_was_removed_meanwhile_is_not_taken_for_the_lock(tmp_path):
    first = lock.acquire(tmp_path)
    (tmp_path / "run.lock").unlink()
    second = lock.acquire(tmp_path)
    assert lock.is_held(tmp_path)
    os.close(first)
    os.close(second)


def test_a_link_in_the_place_of_the_lock_is_damage(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "run.lock").symlink_to(tmp_path / "mine")
    with pytest.raises(DamagedArtifact, match="run.lock is a symbolic link.\n.*\nRemove it"):
        lock.acquire(tmp_path)
    assert not lock.is_held(tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_lock_is_a_regular_file_and_nothing_else(tmp_path, make):
    make(tmp_path / "run.lock")
    with pytest.raises(DamagedArtifact, match="run.lock is not a regular file.\n.*\nRemove it"):
        lock.acquire(tmp_path)
    assert not lock.is_held(tmp_path)
