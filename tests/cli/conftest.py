"""The real command line in a real process."""

import os
import subprocess
import sys

import pytest


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
