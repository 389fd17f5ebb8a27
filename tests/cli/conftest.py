"""The real command line in a real process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vaecli.cli.train import train
from vaecli.config import TrainConfig
from vaecli.data import Dataset
from vaecli.store import Run, Store


@pytest.fixture(scope="session")
def dataset():
    """Return a few dozen images of noise, taller than wide, in three classes."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (80, 12, 10), dtype=np.uint8)
    labels = np.arange(80) % 3
    return Dataset.from_arrays(
        "noise", images[:60], labels[:60], heldout_images=images[60:], heldout_labels=labels[60:]
    )


@pytest.fixture(scope="session")
def whole_run(dataset, tmp_path_factory):
    """Return the session's one real training: four epochs, never interrupted, all checkpoints kept."""
    config = TrainConfig(architecture="dense", epochs=4, batch_size=16, checkpoints="all")
    return train(dataset, config, Store(tmp_path_factory.mktemp("store")), name="whole")


@pytest.fixture
def trained(whole_run, store):
    """Return a copy of the trained run in the test's own store."""
    store.root.mkdir(exist_ok=True)
    return Run(Path(shutil.copytree(whole_run.path, store.root / "whole")))


@pytest.fixture
def vaecli(tmp_path, store):
    """Return a function that runs `vaecli` in an empty folder, with the test's store."""
    folder = tmp_path / "work"
    folder.mkdir()

    def settings(more):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("VAECLI_")}
        return {"cwd": folder, "env": {**clean, "VAECLI_ARTIFACTS": str(store.root), **more}}

    def command(arguments):
        return [sys.executable, "-m", "vaecli", *map(str, arguments)]

    def run(*arguments, text=True, env=None, **more):
        more |= {"capture_output": True, "text": text, "timeout": 300}
        return subprocess.run(command(arguments), check=False, **settings(env or {}), **more)

    def start(*arguments, **more):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
        return subprocess.Popen(command(arguments), **settings({}), **pipes)

    run.folder, run.start = folder, start
    return run
