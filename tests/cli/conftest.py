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

    def run(*arguments, text=True, **more):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("VAECLI_")}
        environment = {**clean, "VAECLI_ARTIFACTS": str(store.root), **more.pop("env", {})}
        command = [sys.executable, "-m", "vaecli", *map(str, arguments)]
        return subprocess.run(
            command,
            capture_output=True,
            text=text,
            cwd=folder,
            env=environment,
            check=False,
            timeout=300,
            **more,
        )

    run.folder = folder
    return run
