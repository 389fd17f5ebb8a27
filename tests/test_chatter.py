"""What is written to file descriptor 2 is kept away from whoever reads stderr."""

import os
import subprocess
import sys

import pytest

from vaecli import chatter


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_chatter_is_kept_aside_for_the_length_of_the_block_only():
    program = (
        "import os, sys\n"
        "from vaecli import chatter\n"
        "with chatter.aside(), chatter.aside():\n"
        "    os.write(2, b'inside')\n"
        "    print('buffered', end='', file=sys.stderr)\n"
        "os.write(2, b'after')\n"
    )
    assert run(program).stderr == "after"


def test_an_error_inside_the_block_is_still_seen():
    result = run("from vaecli import chatter\nwith chatter.aside():\n    raise ValueError('seen')\n")
    assert "ValueError: seen" in result.stderr


def test_a_log_gets_the_chatter_of_before_and_of_after(tmp_path):
    log = tmp_path / "train.log"
    with chatter.aside():
        os.write(2, b"before, ")
        chatter.keep_in(log.open("ab"))
        os.write(2, b"after")
    os.write(2, b"")
    assert log.read_text() == "before, after"


def test_without_a_block_a_log_is_closed_and_stays_empty(tmp_path):
    file = (tmp_path / "train.log").open("ab")
    chatter.keep_in(file)
    assert file.closed
    assert (tmp_path / "train.log").read_bytes() == b""


@pytest.mark.parametrize(("loaded", "lines"), [(True, []), (False, ["Loading TensorFlow to decode …"])])
def test_loading_is_announced_unless_it_is_done(monkeypatch, loaded, lines):
    monkeypatch.delitem(sys.modules, "vaecli.network", raising=False)
    if loaded:
        monkeypatch.setitem(sys.modules, "vaecli.network", chatter)
    said = []
    chatter.announce_loading("decode", said.append)
    assert said == lines
