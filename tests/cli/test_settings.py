"""Flags over environment over vaecli.toml over defaults."""

import json

import pytest


def artifacts_used(result):
    return result.stderr.partition(" in ")[2].partition(" yet")[0]


def test_precedence_is_flag_environment_file_default(vaecli):
    (vaecli.folder / "vaecli.toml").write_text('artifacts = "from-file"\n')
    without = {"VAECLI_ARTIFACTS": ""}
    assert artifacts_used(vaecli("runs", "--artifacts", "from-flag")) == "from-flag"
    assert artifacts_used(vaecli("runs", env={"VAECLI_ARTIFACTS": "from-env"})) == "from-env"
    assert artifacts_used(vaecli("runs", env=without)) == "from-file"
    (vaecli.folder / "vaecli.toml").unlink()
    assert artifacts_used(vaecli("runs", env=without)) == "artifacts"


def test_a_table_sets_the_defaults_of_its_command(vaecli, fabricate):
    fabricate(1)
    (vaecli.folder / "vaecli.toml").write_text("[runs.show]\njson = true\n")
    assert json.loads(vaecli("runs", "show").stdout)["name"] == "toy-1"
    (vaecli.folder / "vaecli.toml").write_text("[train]\nepochs = 0\n")
    assert "epochs is 0" in vaecli("train").stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[train]\nephocs = 3", "vaecli.toml, [train]: unknown key 'ephocs'.\nDid you mean 'epochs'?"),
        ("[tran]\nepochs = 3", "vaecli.toml: unknown key 'tran'.\nDid you mean 'train'?"),
        ("artefacts = 'x'", "Did you mean 'artifacts'?"),
        ("[train", "vaecli.toml cannot be read"),
        ("[train]\nstream = 'maybe'", "vaecli.toml, [train]: stream is 'maybe'.\nExpected: true or false.\n"),
        ('[train]\ndataset = "a\\u0000b"', "vaecli.toml, [train]: dataset contains a NUL"),
        ("[train]\nepochs = 'many'", "epochs is 'many'.\nExpected: a whole number from 1 to 100000."),
    ],
)
def test_a_mistake_in_the_file_is_named(vaecli, text, message):
    (vaecli.folder / "vaecli.toml").write_text(text)
    result = vaecli("train")
    assert result.returncode == 2
    assert message in result.stderr


def test_an_option_that_takes_several_values_may_have_one(vaecli, fabricate):
    fabricate(1)
    (vaecli.folder / "vaecli.toml").write_text("[reconstruct]\nimages = 'missing.png'\n")
    assert "missing.png: the image cannot be read" in vaecli("reconstruct").stderr


def test_an_environment_variable_of_a_flag_says_true_or_false(vaecli):
    result = vaecli("data", "info", "shapes", env={"VAECLI_OFFLINE": "maybe"})
    assert result.returncode == 2
    assert result.stderr == "offline (VAECLI_OFFLINE) is 'maybe'.\nExpected: true or false.\n"
    assert vaecli("data", "info", "shapes", env={"VAECLI_OFFLINE": "yes"}).returncode == 0
