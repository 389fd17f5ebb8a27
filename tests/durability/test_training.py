"""The real training: killed, resumed, and to the bit what it would have been. Long: `full` only."""

import hashlib
import random
import re
import select
import subprocess
import sys

import pytest

from tests.durability.conftest import SIZE
from vaecli.config import ARCHITECTURES
from vaecli.store import Store, verify

pytestmark = pytest.mark.skipif(SIZE != "full", reason="takes TensorFlow and many minutes")

EPOCHS = 4
TRAIN = (
    "--dataset",
    "shapes",
    "--size",
    "20x16",
    "--limit",
    "2000",
    "--heldout-limit",
    "2000",
    "--offline",
    "--checkpoints",
    "all",
)


def start(store, *arguments):
    command = [sys.executable, "-m", "vaecli", "train", "--artifacts", str(store), *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def finish(store, *arguments):
    with start(store, *arguments) as training:
        _, err = training.communicate()
    assert training.returncode == 0, err


def digests(run):
    """Return the digests of what the training computed, epoch by epoch."""
    return {
        name: hashlib.sha256((run.path / name).read_bytes()).hexdigest()
        for epoch in run.epochs()
        for name in (
            f"epochs/{epoch:04d}/snapshot.h5",
            f"epochs/{epoch:04d}/weights.h5",
            f"checkpoints/{epoch:04d}/tensors.h5",
        )
    }


def kill_after(training, epoch, delay):
    """Kill a training some time after it said that an epoch was saved; return what it said."""
    said = []
    while epoch >= 0 and not (said and said[-1] >= epoch):
        line = training.stderr.readline()
        assert line, "the training ended too early"
        if match := re.match(r"epoch (\d+)/\d+ saved", line):
            said.append(int(match[1]))
    select.select([], [], [], delay)
    training.kill()
    rest = [int(number) for number in re.findall(r"epoch (\d+)/\d+ saved", training.communicate()[1])]
    return said + rest


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_killed_and_resumed_training_gives_the_same_bytes(tmp_path, architecture, report):
    options = (*TRAIN, "--architecture", architecture, "--epochs", EPOCHS)
    finish(tmp_path, *options, "--name", "whole")
    whole = digests(Store(tmp_path).resolve("whole"))
    chance = random.Random(0)
    kills = [(epoch, 0.0) for epoch in range(EPOCHS)]
    kills += [(chance.randrange(EPOCHS), chance.uniform(0.05, 1.0)) for _ in range(10)]
    for number, (epoch, delay) in enumerate(kills):
        name = f"killed-{number}"
        training = start(tmp_path, *options, "--name", name)
        acknowledged = kill_after(training, epoch, delay)
        run = Store(tmp_path).resolve(name)
        assert set(acknowledged) <= set(run.epochs())
        if run.state != "finished":
            finish(tmp_path, "--resume", name)
        assert (digests(run), verify(run)) == (whole, [])
    finish(tmp_path, *options, "--name", "other", "--seed", 1)
    assert digests(Store(tmp_path).resolve("other")) != whole
    report(f"resume: {architecture}: {len(kills)} kills of the real training, resumed: 100 % the same bytes")
