"""Help pages: what is on them, in which order, and how much room they take."""

import os
import re
from contextlib import suppress

import pytest
import typer

from vaecli.cli.main import app

COMMON = ["--dataset", "--architecture", "--latent-dim", "--epochs", "--beta", "--limit"]


def pages(command=None, words=()):
    """Yield the words of every command, of those below it too."""
    command = command or typer.main.get_command(app)
    yield words
    for name, child in getattr(command, "commands", {}).items():
        yield from pages(child, (*words, name))


def options_under(text, heading):
    """Return the long options under a heading, in their order."""
    block = text.partition(f"\n{heading}:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (?:-\w, )?(--[a-z-]+)", block, re.MULTILINE)


def test_the_help_of_train_is_grouped_and_fits_on_a_page(vaecli):
    text = vaecli("train", "--help", env={"COLUMNS": "80"}).stdout
    lines = text.splitlines()
    assert len(lines) <= 100
    assert max(map(len, lines)) <= 80
    headings = re.findall(r"^(\w+):$", text, re.MULTILINE)
    assert headings == ["Options", "Model", "Objective", "Training", "Data", "Output", "Examples"]
    assert options_under(text, "Options") == [*COMMON, "--help"]
    assert "--likelihood" in options_under(text, "Model")
    assert "--kl-warmup" in options_under(text, "Objective")
    assert "--resume" in options_under(text, "Training")
    assert options_under(text, "Data")[:2] == ["--size", "--channels"]
    assert "--artifacts" in options_under(text, "Output")


@pytest.mark.parametrize("words", list(pages()), ids=" ".join)
def test_every_page_ends_with_examples_of_its_command_and_no_type_of_pythons(vaecli, words):
    text = vaecli(*words, "--help").stdout
    examples = text.partition("\nExamples:\n")[2].splitlines()
    assert examples
    assert all(f"vaecli {' '.join(words)}".strip() in example for example in examples)
    assert not re.search(r"<\w+>|list\[|x<=|x>=", text)
    assert "\b" not in text


def test_help_is_the_same_on_a_terminal_as_in_a_pipe(vaecli):
    leader, follower = os.openpty()
    with vaecli.start("grid", "--help", stdout=follower) as child:
        os.close(follower)
        shown = b""
        with suppress(OSError):  # what a terminal says when nobody writes to it any more
            while piece := os.read(leader, 65_536):
                shown += piece
    os.close(leader)
    assert child.returncode == 0
    assert shown.decode().replace("\r\n", "\n") == vaecli("grid", "--help").stdout
