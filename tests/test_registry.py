import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vaecli
from vaecli.registry import ARCHITECTURES, LIKELIHOODS, NAMED_SETS

ARCHITECTURE = """
from vaecli.blueprint.architectures.dense import dense
from vaecli.registry import ArchitectureEntry

ARCHITECTURE = ArchitectureEntry("crossed out", dense, learning_rate=4e-3, schedule="constant")
"""

LIKELIHOOD = """
from vaecli.blueprint.likelihoods.bernoulli import Bernoulli
from vaecli.registry import LikelihoodEntry

LIKELIHOOD = LikelihoodEntry("as a coin", lambda sigma: Bernoulli())
"""

NAMED_SET = """
from vaecli.data.named.catalogue import NamedSet


def stripes(named, config, *, data_dir, offline, progress):
    import numpy as np

    from vaecli.data.dataset import Dataset

    images = np.zeros((120, *named.shape), np.uint8)
    images[::2, ::2], images[1::2, :, ::2] = 255, 255
    labels = np.arange(120) % 2
    return Dataset.from_arrays(
        named.name,
        images[:100],
        labels[:100],
        heldout_images=images[100:],
        heldout_labels=labels[100:],
        class_names=named.class_names,
        source="generated",
    )


SET = NamedSet(
    name="stripes",
    aliases=("bars",),
    description="Stripes, level or upright.",
    licence="none needed",
    shape=(8, 6, 1),
    counts=(100, 20),
    class_names=("level", "upright"),
    load=stripes,
)
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
    early = ["conv-v1", "conv-v2", "dense-v1", "dense-v2"]
    assert list(ARCHITECTURES) == sorted(["conv", "dense", "post", "residual", *early])
    assert list(LIKELIHOODS) == ["bernoulli", "continuous-bernoulli", "gaussian", "logistic"]
    assert list(NAMED_SETS) == ["emoji", "fashion", "mnist", "shapes"]
    assert (len(ARCHITECTURES), "conv" in ARCHITECTURES, "vgg" in ARCHITECTURES) == (8, True, False)


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
    assert "-v1" not in words
    assert words.startswith("0.004 18 Usage: vaecli train")
    assert "conv (the default), criss-cross (crossed out), dense (fully connected)" in words
    assert "coin (as a coin)" in words
    assert "criss-cross 0.004; post 0.0005" in words
    assert "default cosine; criss-cross, post constant" in words


LOOKING_ELSEWHERE = """
import sys
from pathlib import Path
from vaecli.config import TrainConfig
from vaecli.registry import ARCHITECTURES

before = list(ARCHITECTURES)
for _ in range(2):
    ARCHITECTURES.look_in(Path(sys.argv[1]))
assert sorted([*before, "criss-cross"]) == list(ARCHITECTURES)
print(TrainConfig(architecture="criss-cross").resolved().learning_rate, ARCHITECTURES["dense"].summary)
"""


def test_architectures_of_another_folder_can_be_trained_once_it_is_named(tmp_path):
    (tmp_path / "criss_cross.py").write_text(ARCHITECTURE)
    command = [sys.executable, "-c", LOOKING_ELSEWHERE, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "0.004 fully connected\n"


def test_one_file_more_is_one_named_set_more(tmp_path):
    package = tmp_path / "vaecli"
    shutil.copytree(Path(vaecli.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "data" / "named" / "sets" / "stripes.py").write_text(NAMED_SET)

    def run(*command, **environment):
        return subprocess.run(
            [sys.executable, "-m", "vaecli", *command],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            check=True,
        )

    assert "stripes  100 + 20         8 × 6 × 1    generated" in run("data", "list").stdout
    assert "Dataset: emoji, fashion, mnist, shapes, stripes;" in " ".join(
        run("train", "--help").stdout.split()
    )
    completed = run(_VAECLI_COMPLETE="complete_bash", COMP_WORDS="vaecli train --dataset st", COMP_CWORD="3")
    assert completed.stdout.split() == ["stripes"]
    trained = run("train", "--dataset", "bars", "--epochs", "1", "--architecture", "dense", "-q")
    assert trained.stdout == "stripes-1\n"
