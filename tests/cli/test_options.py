"""Options that are built from the config's fields."""

from dataclasses import fields

import pytest
import typer

from vaecli.cli.main import app
from vaecli.config import TrainConfig, image_knobs, option_of


def options_of(*words):
    """Return long option → option of a command."""
    command = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]
    return {parameter.opts[0]: parameter for parameter in command.params}


@pytest.mark.parametrize("knob", fields(TrainConfig), ids=lambda knob: knob.name)
def test_every_knob_is_an_option_of_train(knob):
    option = options_of("train")[option_of(knob.name)]
    assert (option.default, option.help) == (knob.default, knob.metadata["meaning"])
    assert option.opts[1:] == list(filter(None, [knob.metadata["short"]]))


@pytest.mark.parametrize("command", ["info", "show"])
def test_looking_at_a_dataset_takes_the_knobs_that_shape_images_and_no_others(command):
    names = {knob.name for knob in fields(TrainConfig)}
    taken = {option.name for option in options_of("data", command).values()} & names
    assert taken == {knob.name for knob in image_knobs()} | {"dataset"}


def test_the_shell_completes_datasets(vaecli):
    environment = {"_VAECLI_COMPLETE": "complete_bash", "COMP_WORDS": "vaecli train -d fa", "COMP_CWORD": "3"}
    assert "fashion" in vaecli(env=environment).stdout.splitlines()


@pytest.mark.parametrize("word", ["two", "2", "0"])
def test_channels_are_auto_one_or_three(vaecli, word):
    result = vaecli("data", "info", "shapes", "--channels", word)
    assert result.returncode == 2
    assert (
        result.stderr
        == f"channels is {word if word.isdigit() else repr(word)}.\nExpected one of: auto, 1, 3.\n"
    )


def test_a_settings_file_gives_knobs_their_types(vaecli):
    (vaecli.folder / "vaecli.toml").write_text(
        "[data.info]\nsize = 16\nchannels = 'auto'\ntest-fraction = 2\n"
    )
    assert (
        vaecli("data", "info", "shapes").stderr
        == "test-fraction is 2.\nExpected: a number above 0, at most 0.99.\n"
    )
    (vaecli.folder / "vaecli.toml").write_text("[data.info]\nsize = 16\nchannels = 3\n")
    assert "of 16 × 16 × 3" in vaecli("data", "info", "shapes").stdout
