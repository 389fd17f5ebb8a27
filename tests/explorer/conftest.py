"""Node, which runs the page's program outside of a browser."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "vaecli" / "explorer" / "web"


@pytest.fixture
def in_node(tmp_path):
    """Return a function that runs files of the page, then a program, and gives the JSON that it prints."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")

    def run(files, program, given):
        script, data = tmp_path / "script.js", tmp_path / "given.json"
        data.write_text(json.dumps(given))
        reads = f"const given = JSON.parse(require('fs').readFileSync({json.dumps(str(data))}, 'utf8'));"
        script.write_text("\n".join([*((WEB / name).read_text() for name in files), reads, program]))
        done = subprocess.run([node, script], check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
