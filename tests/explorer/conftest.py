"""Node, which runs the page's program outside of a browser."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "vaecli" / "explorer" / "web"


def sources(files):
    """Return files of the page as one script."""
    return "\n".join((WEB / name).read_text(encoding="utf-8") for name in files)


@pytest.fixture
def in_node(tmp_path):
    """Return a function that runs files of the page, then a program, and gives its `results`."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")

    def run(files, program, given):
        script, data = tmp_path / "script.js", tmp_path / "given.json"
        data.write_text(json.dumps(given))
        reads = f"const given = JSON.parse(require('fs').readFileSync({json.dumps(str(data))}, 'utf8'));"
        prints = "console.log(JSON.stringify(results));"
        script.write_text("\n".join([sources(files), reads, program, prints]))
        done = subprocess.run([node, script], check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
