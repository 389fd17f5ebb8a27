import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vaecli
from vaecli.registry import ARCHITECTURES, LIKELIHOODS

ARCHITECTURE = """
from vaecli.blueprint.architectures.dense import dense
from vaecli.registry import ArchitectureEntry

ARCHITECTURE = ArchitectureEntry("crossed out", dense, learning_rate=2e-3, schedule="constant")
"""

LIKELIHOOD = """
from vaecli.blueprint.likelihoods.bernoulli import Bernoulli
from vaecli.registry import LikelihoodEntry

LIKELIHOOD = LikelihoodEntry("as a coin", lambda sigma: Bernoulli())
"""

PROGRAM = """
import sys
from vaecli.blueprint.network import of_config
from vaecli.cli.main import run
from vaecli.config import TrainConfig

config = TrainConfig(architecture="criss-cross", likelihood="coin").resolved()
print(config.learning_rate, len(of_config(config, (4, 4, 1)).tensors()))
sys.exit(run(["train", "--help"]))
"""


def test_the_registries_hold_what_lies_in_their_folders():
    assert list(ARCHITECTURES) == ["conv", "dense", "post", "residual"]
    assert list(LIKELIHOODS) == ["bernoulli", "continuous-bernoulli", "gaussian", "logistic"]
    assert (len(ARCHITECTURES), "conv" in ARCHITECTURES, "vgg" in ARCHITECTURES) == (4, True, False)


@pytest.mark.parametrize("entries", [ARCHITECTURES, LIKELIHOODS], ids=["architectures", "likelihoods"])
@pytest.mark.parametrize("name", ["vgg", "__init__", "..", "conv.conv", ""])
def test_an_entry_that_is_not_there_is_a_key_error_whatever_its_name(entries, name):
    with pytest.raises(KeyError):
        entries[name]


def test_one_file_more_is_one_architecture_or_likelihood_more(tmp_path):
    package = tmp_path / "vaecli"
    shutil.copytree(Path(vaecli.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "blueprint" / "architectures" / "criss_cross.py").write_text(ARCHITECTURE)
    (package / "blueprint" / "architectures" / "_shared.py").write_text("")
    (package / "blueprint" / "likelihoods" / "coin.py").write_text(LIKELIHOOD)
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    words = " ".join(result.stdout.split())
    assert words.startswith("0.002 18 Usage: vaecli train")
    assert "conv (the default), criss-cross (crossed out), dense (fully connected)" in words
    assert "coin (as a coin)" in words
    assert "or 0.002 for criss-cross, or 0.0005 for post" in words
    assert "or constant for criss-cross, post" in words
