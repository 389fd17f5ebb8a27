import gzip
import importlib.util
import os
import select
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vaecli
from vaecli.data import load_dataset
from vaecli.data.libraries.elsewhere import KERAS, parse_elsewhere
from vaecli.errors import DataError, DownloadFailed, EnvironmentFailure

#: What stands in for Keras: a set of grey images, each of one value.
KERAS_LIKE = """
import numpy
class datasets:
    class cifar10:
        def load_data():
            print("chatter " * 10_000)
            images = numpy.arange(24, dtype="u1").repeat(20).reshape(24, 5, 4)
            labels = (numpy.arange(24) % 10).reshape(-1, 1)
            return (images[:20], labels[:20]), (images[20:], labels[20:])
"""

#: What stands in for Hugging Face's library; each name of a set is a case.
HF_LIKE = """
import numpy
class DatasetNotFoundError(Exception): pass
class Image: pass
class Audio: pass
class ClassLabel:
    def __init__(self, *names): self.names = names
class Value:
    dtype = "string"
class Split:
    def __init__(self, features, **columns):
        self.features, self.columns = features, columns
        self.num_rows = len(next(iter(columns.values())))
    def select_columns(self, names):
        return Split(self.features, **{name: self.columns[name] for name in names})
    def iter(self, batch_size):
        yield self.columns
def images(*sizes):
    return [numpy.full((*size, 3), number * 10, "u1") for number, size in enumerate(sizes)]
def get_dataset_config_names(name):
    return ["large", "small"] if name == "owner/parts" else ["default"]
def get_dataset_default_config_name(name):
    return None if name == "owner/parts" else "default"
def load_dataset(name, config):
    if name == "owner/mixed":
        features = {"picture": Image(), "kind": ClassLabel("cat", "dog"), "sound": Audio()}
        train = Split(features, picture=images((5, 4), (5, 4), (9, 6), (5, 4)), kind=[0, 1, 1, 0])
        hidden = Split(features, picture=images((5, 4), (9, 9)), kind=[-1, -1])
        seen = Split(features, picture=images((5, 4), (9, 9), (5, 4)), kind=[0, -1, 1])
        return {"train": train, "test": hidden, "validation": seen}
    if name == "owner/several":
        features = {"picture": Image(), "fine": ClassLabel("a", "b"), "coarse": ClassLabel("c")}
        features["sound"] = Audio()
        columns = {"picture": images(*[(5, 4)] * 8), "fine": [0, 1] * 4, "coarse": [0] * 8}
        return {"full": Split(features, **columns)}
    if name == "owner/words":
        features = {"picture": Image(), "word": Value()}
        return {"train": Split(features, picture=images(*[(5, 4)] * 8), word=["b", "a"] * 4)}
    if name == "owner/texts":
        return {"train": Split({"word": Value()}, word=["b", "a"])}
    if name == "owner/halves":
        return {half: Split({"picture": Image()}, picture=images((5, 4))) for half in ("left", "right")}
    if name == "owner/parts" and config != "small":
        raise ValueError("Which of its configurations?")
    if name in ("owner/parts", "parts"):
        features = {"picture": Image(), "kind": ClassLabel("cat", "dog")}
        return {"train": Split(features, picture=images(*[(5, 4)] * 8), kind=[0, 1] * 4)}
    if name == "owner/odd":
        raise ValueError("Its BuilderConfig makes no sense.")
    if name == "owner/full":
        raise RuntimeError("no cache") from OSError(28, "No space left on device")
    if name == "owner/script":
        raise RuntimeError("Dataset scripts are no longer supported, \\x1b[31mbut found script.py\\x1b[0m")
    raise DatasetNotFoundError(f"Dataset '{name}' doesn't exist.")
"""


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Return a function that puts a package in the place of a library."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def install(name, source, version="4.1.0"):
        (folder / f"{name}.py").write_text(source)
        (folder / f"{name}-{version}.dist-info").mkdir(exist_ok=True)
        (folder / f"{name}-{version}.dist-info" / "METADATA").write_text(
            f"Name: {name}\nVersion: {version}\n"
        )

    return install


@pytest.fixture
def kept(own_home):
    """Return the folder where sets are kept."""
    return own_home / "cache" / "vaecli" / "datasets"


@pytest.fixture
def line(tmp_path):
    """Return a named pipe: who writes to it is alive as long as its reader meets no end."""
    path = tmp_path / "line"
    os.mkfifo(path)
    return path


def hanging(line):
    """Return a library that says that it is there and then never ends, nor does what it started."""
    return f"""
import os, signal, subprocess, sys
class datasets:
    class cifar10:
        def load_data():
            line = os.open({str(line)!r}, os.O_WRONLY)
            os.set_inheritable(line, True)
            code = "import signal; signal.pause()"
            subprocess.Popen([sys.executable, "-c", code], close_fds=False)
            os.write(line, b"here")
            signal.pause()
"""


@pytest.mark.parametrize(
    ("word", "stem", "columns"),
    [
        ("keras:cifar10", "keras:cifar10", ()),
        ("keras:Fashion-MNIST", "keras:fashion_mnist", ()),
        ("tfds:svhn_cropped", "tfds:svhn_cropped", ()),
        ("tfds:a/b:1.0.0:image,label", "tfds:a/b:1.0.0", ("image", "label")),
        ("hf:mnist", "hf:mnist", ()),
        ("hf:owner/name/config", "hf:owner/name/config", ()),
        ("hf:owner/name:img", "hf:owner/name", ("img",)),
    ],
)
def test_a_word_is_a_library_a_set_and_columns(word, stem, columns):
    wanted = parse_elsewhere(word)
    assert (wanted.stem, wanted.columns) == (stem, columns)
    assert wanted.folder.name.startswith(stem.partition(":")[0])


@pytest.mark.parametrize(
    "word",
    [
        "keras:",
        "keras:cifar10:label",
        "keras:a'); import os",
        "tfds:huggingface:owner/name",
        "tfds:../name",
        "hf:",
        "hf:./folder",
        "hf:a/b/c/d",
        "hf:name\n",
        "hf:" + "a" * 200,
    ],
)
def test_strange_words_reach_no_library(word):
    with pytest.raises(DataError, match="not the name of a dataset") as caught:
        load_dataset(word)
    assert word.partition(":")[0] in caught.value.expected


@pytest.mark.parametrize("word", ["fashion", "other:name", "./keras:cifar10", "file.h5:/images"])
def test_other_words_are_left_alone(word):
    assert parse_elsewhere(word) is None


def test_two_sets_are_never_kept_in_the_same_folder():
    words = ["hf:a/b", "hf:a/b/c", "hf:a/b:c", "hf:a/b:c,d", "hf:a", "tfds:a", "tfds:a/b", "tfds:a:1.0.0"]
    assert len({parse_elsewhere(word).folder for word in words}) == len(words)


def test_a_near_miss_of_a_set_of_keras_is_suggested():
    with pytest.raises(DataError, match="Keras has no image dataset called 'cifar01'") as caught:
        load_dataset("keras:cifar01")
    assert caught.value.mend == "Did you mean 'keras:cifar10'?"


def test_the_classes_of_keras_sets_have_names():
    assert {name: len(classes) for name, classes in KERAS.items()} == {
        "cifar10": 10,
        "cifar100": 100,
        "fashion_mnist": 10,
        "mnist": 10,
    }
    assert len(set(KERAS["cifar100"])) == 100


def test_a_set_is_loaded_once_and_then_comes_without_the_library(library, kept, capfd):
    library("keras", KERAS_LIKE)
    told = []
    first = load_dataset("keras:cifar10", progress=lambda *what: told.append(what))
    library("keras", "raise ImportError('gone')")
    second = load_dataset("keras:cifar10", offline=True)
    assert first.shape == (5, 4, 1)
    assert first.train.images[:, 0, 0, 0].tolist() == list(range(20))
    assert first.train.labels.tolist() == [*range(10), *range(10)]
    assert first.class_names[:2] == ("airplane", "automobile")
    assert (first.name, first.word) == ("cifar10", "keras:cifar10")
    assert second.fingerprint == first.fingerprint
    assert [path.name for path in kept.iterdir()] == ["keras-cifar10"]
    assert ("Keras is loading cifar10", 0, None) in told
    assert capfd.readouterr() == ("", "")


def test_a_set_whose_copy_is_damaged_is_loaded_anew(library, kept):
    library("keras", KERAS_LIKE)
    first = load_dataset("keras:cifar10")
    path = kept / "keras-cifar10" / "train-images.npy"
    pixels = path.read_bytes()
    path.write_bytes(pixels[:-20] + bytes(20))
    again = load_dataset("keras:cifar10")
    assert again.fingerprint == first.fingerprint
    assert path.read_bytes() == pixels
    path.unlink()
    library("keras", "raise ImportError('gone')")
    with pytest.raises(
        EnvironmentFailure, match="keras-cifar10: kept from another library, but damaged: "
    ) as error:
        load_dataset("keras:cifar10")
    assert "needs keras, which does not work" in error.value.expected
    assert [path.name for path in kept.iterdir()] == ["keras-cifar10"]


def test_size_channels_classes_and_limit_apply(library):
    library("keras", KERAS_LIKE)
    dataset = load_dataset("keras:cifar10", size="6x8", channels=3, classes="airplane,bird", limit=3)
    assert dataset.shape == (6, 8, 3)
    assert dataset.class_names == ("airplane", "bird")
    assert len(dataset.train) == 3


def test_a_set_of_mixed_sizes_is_held_out_by_the_first_split_with_labels(library):
    library("datasets", HF_LIKE)
    with pytest.raises(DataError, match="hf:owner/mixed: images of 2 sizes") as caught:
        load_dataset("hf:owner/mixed")
    assert caught.value.mend.startswith("Add --size 5x4")
    dataset = load_dataset("hf:owner/mixed", size="5x4", offline=True)
    assert (len(dataset.train), len(dataset.heldout)) == (4, 2)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.notes[:2] == (
        "Its split test has no labels and is not used.",
        "1 image without a label is left out of its split validation.",
    )


@pytest.mark.parametrize(
    ("word", "class_names"),
    [
        ("hf:owner/several:fine", ("a", "b")),
        ("hf:owner/several:picture,coarse", ("c",)),
        ("hf:owner/several:picture", ("unlabelled",)),
        ("hf:owner/words:word", ("a", "b")),
        ("hf:owner/parts/small", ("cat", "dog")),
        ("hf:parts/small", ("cat", "dog")),
    ],
)
def test_columns_and_configurations_can_be_named(library, word, class_names):
    library("datasets", HF_LIKE)
    dataset = load_dataset(word, test_fraction=0.25)
    assert dataset.class_names == class_names
    assert len(dataset.heldout) == 2


@pytest.mark.parametrize(
    ("word", "lines"),
    [
        (
            "hf:owner/several",
            "hf:owner/several: 2 columns of class labels.\n"
            "It has: picture (image), fine (class), coarse (class), sound (Audio).\n"
            "Name the columns to use: hf:owner/several:picture,fine, "
            "or for no labels hf:owner/several:picture",
        ),
        (
            "hf:owner/words",
            "hf:owner/words: no column of class labels.\n"
            "It has: picture (image), word (value).\n"
            "Name the columns to use: hf:owner/words:picture,word, or for no labels hf:owner/words:picture",
        ),
        ("hf:owner/texts", "hf:owner/texts: no column of images.\nIt has: word (value)."),
        (
            "hf:owner/words:sound",
            "hf:owner/words:sound: no column 'sound' of images, classes, words or numbers.\n"
            "It has: picture (image), word (value).",
        ),
        (
            "hf:owner/halves:picture",
            "hf:owner/halves:picture: none of its splits is called train.\nIt has: left, right.",
        ),
        (
            "hf:owner/parts",
            "hf:owner/parts: it has several configurations.\nIt has: large, small.\n"
            "For example: hf:owner/parts/large",
        ),
        (
            "hf:owner/parts/medium",
            "hf:owner/parts/medium: it has several configurations.\nIt has: large, small.\n"
            "For example: hf:owner/parts/large",
        ),
        (
            "hf:owner/odd",
            "hf:owner/odd could not be loaded.\n"
            "Hugging Face says: ValueError: Its BuilderConfig makes no sense",
        ),
        (
            "hf:parts/x",
            "hf:parts/x: there is no such dataset.\nHugging Face says: Dataset 'parts/x' doesn't exist",
        ),
        (
            "hf:owner/script",
            "hf:owner/script could not be loaded.\n"
            "Hugging Face says: RuntimeError: Dataset scripts are no longer supported, but found script.py",
        ),
    ],
)
def test_what_cannot_be_loaded_is_said_with_what_there_is(library, kept, word, lines):
    library("datasets", HF_LIKE.replace('("owner/parts", "parts")', '("owner/parts",)'))
    with pytest.raises(DataError) as caught:
        load_dataset(word)
    assert str(caught.value) == lines
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "version", "lines"),
    [
        (
            "raise ModuleNotFoundError(\"No module named 'datasets'\", name='datasets')",
            "4.1.0",
            "hf:owner/full needs datasets, which is not installed.\npip install 'vaecli[hf]'",
        ),
        (
            "raise ImportError('wrong ELF class')",
            "4.1.0",
            "hf:owner/full needs datasets, which does not work.\n"
            "Hugging Face says: ImportError: wrong ELF class\npip install 'vaecli[hf]'",
        ),
        (
            HF_LIKE,
            "3.6.0",
            "hf:owner/full: datasets 3.6.0 is installed: too old, as it may run scripts of the hub.\n"
            "pip install -U 'vaecli[hf]'",
        ),
        (
            HF_LIKE,
            "4.1.0",
            "hf:owner/full: this machine could not load it.\nHugging Face says: RuntimeError: no cache",
        ),
        (
            "import os; print('half-way', flush=True); os.kill(os.getpid(), 9)",
            "4.1.0",
            "hf:owner/full: the process that loaded it ended with signal 9.\nIts last output: half-way",
        ),
        (
            "import os; os._exit(3)",
            "4.1.0",
            "hf:owner/full: the process that loaded it ended with exit status 3.",
        ),
    ],
)
def test_what_the_machine_lacks_is_said(library, kept, source, version, lines):
    library("datasets", source, version)
    with pytest.raises(EnvironmentFailure) as caught:
        load_dataset("hf:owner/full")
    assert str(caught.value) == lines
    assert list(kept.iterdir()) == []


def test_offline_a_library_opens_no_connection(library, server):
    fetching = f"import urllib.request; urllib.request.urlopen({server.url!r} + '/set').read()"
    library("keras", KERAS_LIKE.replace('print("chatter " * 10_000)', fetching))
    with pytest.raises(
        DownloadFailed, match="not on this machine, and --offline forbids downloading it"
    ) as caught:
        load_dataset("keras:cifar10", offline=True)
    assert "offline: no connection is opened" in caught.value.expected
    assert server.asked == []
    with pytest.raises(DownloadFailed, match="keras:cifar10 could not be downloaded") as caught:
        load_dataset("keras:cifar10")
    assert caught.value.expected == "Keras says: HTTPError: HTTP Error 404: Not Found"
    server.answers["/set"] = (200, b"images")
    assert len(load_dataset("keras:cifar10").train) == 20


def test_nothing_in_the_users_folder_takes_the_place_of_a_library(library, tmp_path, monkeypatch):
    library("datasets", HF_LIKE)
    monkeypatch.chdir(tmp_path)
    for name in ("numpy", "json", "keras", "datasets"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('an impostor')")
    assert len(load_dataset("hf:owner/words:word").class_names) == 2


def test_a_cache_that_cannot_be_written_is_said_first(library, own_home):
    library("datasets", HF_LIKE)
    (own_home / "cache").write_text("I am a file")
    with pytest.raises(EnvironmentFailure, match="cache/vaecli/datasets cannot be written"):
        load_dataset("hf:owner/words:word")


def test_leaving_while_a_library_loads_ends_it_and_leaves_nothing(library, kept, line):
    library("keras", hanging(line))
    reader = os.open(line, os.O_RDONLY | os.O_NONBLOCK)
    heard = []

    def leave_once_it_is_there(what, done, total):
        try:
            heard.append(os.read(reader, 4))
        except BlockingIOError:
            return
        if heard[-1] == b"here":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_dataset("keras:cifar10", progress=leave_once_it_is_there)
    assert select.select([reader], [], [], 60)[0]
    assert os.read(reader, 4) == b""  # nobody is left who could write
    os.close(reader)
    assert list(kept.iterdir()) == []


def test_a_library_ends_with_a_process_that_is_killed_and_what_it_left_is_removed(
    library, kept, line, tmp_path
):
    library("keras", hanging(line))
    paths = f"{Path(vaecli.__file__).parent.parent}:{os.environ['PYTHONPATH']}"
    command = [sys.executable, "-c", "import vaecli.data as d; d.load_dataset('keras:cifar10')"]
    with (
        subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, cwd=tmp_path) as process,
        line.open("rb", buffering=0) as reader,
    ):
        assert reader.read(4) == b"here"
        process.kill()
        assert select.select([reader], [], [], 60)[0]
        assert reader.read(4) == b""
    assert len(list(kept.iterdir())) == 1
    library("keras", KERAS_LIKE)
    load_dataset("keras:cifar10")
    assert [path.name for path in kept.iterdir()] == ["keras-cifar10"]


def test_keras_itself_loads_fashion_mnist_from_its_own_cache(contents, own_home, monkeypatch):
    folder = own_home / "keras" / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(own_home / "keras"))
    random = np.random.default_rng(0)
    images = {"train": random.integers(0, 256, (20, 28, 28)), "t10k": random.integers(0, 256, (10, 28, 28))}
    for split, pixels in images.items():
        labels = np.arange(len(pixels)) % 10
        for name, array in ((f"{split}-images-idx3", pixels), (f"{split}-labels-idx1", labels)):
            head = bytes(4 + 4 * array.ndim)  # Keras skips it unread
            (folder / f"{name}-ubyte.gz").write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))
    dataset = load_dataset("keras:fashion_mnist", offline=True)
    np.testing.assert_array_equal(dataset.train.images[..., 0], images["train"])
    assert dataset.heldout.labels.tolist() == list(range(10))
    assert dataset.class_names[9] == "ankle boot"
    assert dataset.source.startswith("keras:fashion_mnist, loaded by Keras 3.")


#: Leaves a set as the library does that has fetched it from the hub: from a parquet file for each split.
MAKE_HF = """
import sys
from pathlib import Path
import datasets
from datasets.packaged_modules.parquet.parquet import Parquet
from PIL import Image
folder = Path(sys.argv[1])
features = datasets.Features(picture=datasets.Image(), kind=datasets.ClassLabel(names=["cat", "dog"]))
def write(split, numbers):
    pictures = [Image.new("L", (6, 8), number) for number in numbers]
    columns = {"picture": pictures, "kind": [number % 2 for number in numbers]}
    path = folder / f"{split}.parquet"
    datasets.Dataset.from_dict(columns, features).to_parquet(path)
    return [str(path)]
files = {"train": write("train", range(20)), "test": write("test", range(20, 26))}
Parquet(cache_dir=sys.argv[1], dataset_name="tiny", hash="abc", data_files=files).download_and_prepare()
(config,) = (folder / "tiny").iterdir()
(folder / "owner___tiny").mkdir()
config.rename(folder / "owner___tiny" / "default")
"""


@pytest.mark.skipif(not importlib.util.find_spec("datasets"), reason="needs the extra hf")
def test_hugging_face_itself_loads_a_set_from_its_own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    subprocess.run([sys.executable, "-c", MAKE_HF, str(tmp_path)], check=True, capture_output=True)
    dataset = load_dataset("hf:owner/tiny", offline=True)
    assert dataset.shape == (8, 6, 1)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.train.labels.tolist() == [0, 1] * 10
    assert dataset.train.images[:, 0, 0, 0].tolist() == list(range(20))
    assert dataset.heldout.images[:, 0, 0, 0].tolist() == list(range(20, 26))
    with pytest.raises(DownloadFailed, match="hf:owner/absent is not on this machine"):
        load_dataset("hf:owner/absent", offline=True)


MAKE_TFDS = """
import sys
import numpy as np
import tensorflow_datasets as tfds
class TinySet(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("1.0.0")
    def _info(self):
        features = tfds.features.FeaturesDict({
            "image": tfds.features.Image(shape=(None, None, 3)),
            "label": tfds.features.ClassLabel(names=["cat", "dog"]),
            "other": tfds.features.ClassLabel(num_classes=3),
        })
        return tfds.core.DatasetInfo(builder=self, features=features, supervised_keys=("image", "label"))
    def _split_generators(self, manager):
        return {"train": self._generate_examples(9), "test": self._generate_examples(4)}
    def _generate_examples(self, count):
        for number in range(count):
            pixels = np.full((8, 6 if number else 7, 3), number, np.uint8)
            yield number, {"image": pixels, "label": number % 2, "other": number % 3}
TinySet(data_dir=sys.argv[1]).download_and_prepare()
"""


@pytest.mark.skipif(not importlib.util.find_spec("tensorflow_datasets"), reason="needs the extra tfds")
@pytest.mark.parametrize("offline", [True, False])
def test_tensorflow_datasets_itself_loads_a_set_that_it_has_prepared(tmp_path, monkeypatch, offline):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", MAKE_TFDS, str(tmp_path)], check=True, capture_output=True)
    dataset = load_dataset("tfds:tiny_set", size="8x6", offline=offline)
    assert dataset.shape == (8, 6, 1)  # grey, though stored in colour
    assert dataset.class_names == ("cat", "dog")
    assert (len(dataset.train), len(dataset.heldout)) == (9, 4)
    assert sorted(dataset.train.images.max((1, 2, 3))) == list(range(9))


@pytest.mark.skipif(not importlib.util.find_spec("tensorflow_datasets"), reason="needs the extra tfds")
def test_tensorflow_datasets_itself_says_what_it_does_not_have(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    with pytest.raises(DataError, match="tfds:mnis: there is no such dataset") as caught:
        load_dataset("tfds:mnis", offline=True)
    assert caught.value.mend == "Did you mean tfds:mnist?"
    with pytest.raises(DownloadFailed, match="tfds:mnist is not on this machine"):
        load_dataset("tfds:mnist", offline=True)
