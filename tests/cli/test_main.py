"""The door: help, mistakes, exit codes, pipes."""

import subprocess
import sys
from pathlib import Path

import pytest

import vaecli as package


def test_help_is_the_same_by_both_flags_and_ends_with_examples(vaecli):
    long, short, bare = vaecli("--help"), vaecli("-h"), vaecli()
    assert long.returncode == 0
    assert long.stdout == short.stdout
    assert long.stdout.rstrip().endswith("vaecli grid --epochs-gif -o - > grid.gif")
    assert bare.returncode == 2


def test_the_version_is_the_packages(vaecli):
    assert vaecli("--version").stdout == f"vaecli {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnus"], "No such command 'rnus'. Did you mean 'runs'?\nSee vaecli --help.\n"),
        (
            ["runs", "--jsno"],
            "There is no option --jsno.\nDid you mean --json?\nSee vaecli runs --help.\n",
        ),
        (["train", "--epochs", "many"], "epochs is 'many'.\nExpected: a whole number from 1 to 100000.\n"),
        (["train", "--epochs", "0"], "epochs is 0.\nExpected: a whole number from 1 to 100000.\n"),
        (["train", "here"], "Unexpected: here.\nSee vaecli train --help.\n"),
        (
            ["decode", "fashion-1"],
            "LATENTS is missing.\nA .csv, .npz or .h5 file of latents; - reads stdin.\n",
        ),
        (["grid", "--epoch"], "Option '--epoch' requires an argument.\nSee vaecli grid --help.\n"),
        (["grid", "--epoch", "last"], "epoch is 'last'.\nExpected: a whole number at least 0.\n"),
        (["grid", "--fps", "500"], "fps is 500.\nExpected: a number from 0.1 to 50.\n"),
        (["train", "--architecture", "cnov"], "Did you mean 'conv'?"),
        (["train", "--resume", "latest", "--beta", "2"], "--beta cannot be changed"),
        (["train", "--name", "a/b"], "A run cannot be named 'a/b'"),
    ],
)
def test_a_mistake_is_told_in_at_most_three_lines_and_exits_with_2(vaecli, store, arguments, message):
    result = vaecli(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) <= 3
    assert result.stdout == ""
    assert not store.root.exists()


def test_python_dash_m_is_the_console_script(vaecli):
    script = Path(sys.executable).with_name("vaecli")
    result = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == vaecli("--version").stdout


def test_a_closed_pipe_is_no_error_worth_a_word(fabricate, store):
    fabricate(3, name="one")
    command = f"{sys.executable} -m vaecli runs show --artifacts '{store.root}' | head -1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.stdout == "name  one\n"
    assert result.stderr == ""


def test_a_full_stdout_is_said_and_exits_with_7():
    command = [sys.executable, "-m", "vaecli", "--help"]
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 7
    assert result.stderr == "stdout: No space left on device.\n"


@pytest.mark.parametrize(("closed", "code"), [("<&-", 0), ("2>&-", 0), (">&-", 7), ("<&- >&- 2>&-", 7)])
def test_closed_streams_are_told_from_files(fabricate, store, closed, code):
    run = fabricate(1, name="one")
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    command = f"{sys.executable} -m vaecli runs verify --artifacts '{store.root}' {closed}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.returncode == code
    assert result.stderr == ("stdout: Bad file descriptor.\n" if closed == ">&-" else "")
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("words", ["runs", "runs --json", "runs show one", "--help"])
def test_a_reader_that_leaves_is_told_from_a_bug(fabricate, store, words):
    fabricate(1, name="one")
    command = (
        f"VAECLI_ARTIFACTS='{store.root}' {sys.executable} -m vaecli {words} | true; echo ${{PIPESTATUS[0]}}"
    )
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) in [("141\n", ""), ("0\n", "")]
