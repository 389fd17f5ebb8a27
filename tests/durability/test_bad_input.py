"""Every bad input: its exit code, at most three lines, no traceback, and a store as it was."""

import gzip
import os
import struct
import subprocess
import sys

import pytest

from tests.durability import stub
from tests.durability.filelayer import FileLayer
from vaecli.store import RunWriter, Store

TRAIN = (
    "train",
    "--offline",
    "--dataset",
    "shapes",
    "--size",
    "12x10",
    "--limit",
    "12",
    "--heldout-limit",
    "12",
)
FILES = ("train", "-d", "fashion", "--offline", "--data-dir", ".")
SHAPES = ("train", "-d", "shapes", "--offline")
IMAGES = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2, 28, 28) + bytes(2 * 28 * 28)
LONG, DEEP, WORDY, NOBODY = "x" * 5000, "x/" * 2500, "x " * 2500, "~nobody-of-this-name/x"
KEYS = ("artifacts", "data-dir", "[train]\ndataset")


def idx_folder(**files):
    """Return what makes a folder in the place of Fashion-MNIST's files."""

    def build(folder):
        for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
            (folder / f"{name}-ubyte.gz").write_bytes(files.get("every", b""))

    return build


def image_file(data):
    return lambda folder: (folder / "x.png").write_bytes(data)


def png(width, height):
    from PIL import Image

    def build(folder):
        Image.new("L", (width, height)).save(folder / "x.png")

    return build


def latents(text):
    return lambda folder: (folder / "z.csv").write_text(text)


def settings(text):
    return lambda folder: (folder / "vaecli.toml").write_text(text)


#: Arguments, exit code, and what is in the way or in the environment.
TABLE = [
    ((), 2),
    (("nonsense",), 2),
    (("trian",), 2),
    (("--nonsense",), 2),
    (("train", "--nonsense"), 2),
    (("train", "extra"), 2),
    (("train", "--dataset", "fashoin", "--offline"), 3),
    (("train", "--dataset", "", "--offline"), 3),
    (("train", "--dataset", "/nowhere", "--offline"), 3),
    (("train", "--dataset", "a\x1b[31mb", "--offline"), 3),
    (("train", "--dataset", "fashion", "--offline"), 9),
    (("train", "--dataset", "mnist", "--offline", "-q"), 9),
    (("data", "fetch", "fashion", "--offline"), 9),
    (("data", "fetch", "nonsense", "--offline"), 3),
    (("data", "path", "mnist"), (3, 9)),
    (("train", "-d", "fashion", "--offline", "--data-dir", "nowhere"), (3, 9)),
    (FILES, (3, 9), idx_folder()),
    (FILES, (3, 9), idx_folder(every=b"<html>")),
    (FILES, (3, 9), idx_folder(every=IMAGES)),
    (FILES, (3, 9), idx_folder(every=IMAGES[:50])),
    (FILES, (3, 9), idx_folder(every=gzip.compress(IMAGES))),
    (FILES, (3, 9), idx_folder(every=gzip.compress(IMAGES)[:-9])),
    *((("train", *TRAIN[1:], f"--{option}={value}"), 2) for option, value in [
        ("epochs", 0), ("epochs", -1), ("epochs", "many"), ("epochs", 1.5), ("epochs", 10**7), ("epochs", ""),
        ("latent-dim", 0), ("latent-dim", -1), ("latent-dim", 10**6), ("latent-dim", "two"),
        ("batch-size", 0), ("batch-size", -5), ("batch-size", 10**9),
        ("learning-rate", "nan"), ("learning-rate", "inf"), ("learning-rate", -1), ("learning-rate", 0),
        ("learning-rate", 1e9), ("learning-rate", "fast"),
        ("beta", "nan"), ("beta", -1), ("beta", "inf"), ("beta", 1e12),
        ("seed", -1), ("seed", 2**40), ("seed", "x"),
        ("architecture", "cnov"), ("architecture", ""), ("schedule", "linear"), ("checkpoints", "none"),
        ("limit", 0), ("limit", -3), ("name", "a/b"), ("name", ".."), ("name", "latest"), ("name", "x" * 101),
        ("name", ".hidden"), ("name", "a b"), ("name", "run"), ("resume", "run"),
    ]),
    *(((*SHAPES, f"--{option}={value}"), (2, 3)) for option, value in [
        ("size", "0x0"), ("size", "axb"), ("size", "-1"), ("size", "10**9"),
        ("channels", 2), ("channels", "x"),
    ]),
    (("train", "--resume", "nothing"), 4),
    (("train", "--resume", "run", "--beta", "2"), 2),
    (("train", "--resume", "broken"), 5),
    (("runs", "--json", "extra"), 2),
    (("runs", "show", "nothing"), 4),
    (("runs", "show", "ru"), 4),
    (("runs", "show", ""), 4),
    (("runs", "show", "@~99"), 4),
    (("runs", "show", "@~x"), 4),
    (("runs", "show", "x" * 5000), 4),
    (("runs", "show", "../run"), 4),
    (("runs", "show", "broken"), 5),
    (("runs", "verify", "broken"), 5),
    (("runs", "verify", "run", "--all"), 2),
    (("runs", "verify", "nothing"), 4),
    (("runs", "rm"), 2),
    (("runs", "rm", "run"), 2),
    (("runs", "rm", "nothing", "--yes"), 4),
    (("runs", "rm", "ru", "--yes"), 4),
    (("runs", "rm", "busy", "--yes"), 6),
    (("runs", "rm", "run", "busy", "--yes"), 6),
    (("runs", "verify", "busy", "--repair", "--artifacts", "nowhere"), 4),
    (("runs", "export", "broken"), 5),
    (("runs", "export", "run", "-o", "nowhere/x.zip"), 7),
    (("runs", "export", "run", "-o", "-", "--json"), 2),
    (("runs", "import", "nowhere.zip"), 3),
    (("runs", "import", "."), 3),
    (("runs", "import", "x.png"), 5, image_file(b"PK")),
    (("runs", "import", "x.png", "--name", "a/b"), 2, image_file(b"PK")),
    (("encode", "nothing"), 4),
    (("encode", "broken"), 5),
    (("encode", "run", "--epoch", "99"), 4),
    (("encode", "run", "--epoch", "-1"), 2),
    (("encode", "run", "--split", "middle"), 2),
    (("encode", "run", "-o", "x.txt"), 2),
    (("encode", "run", "-o", "nowhere/x.csv"), 7),
    (("encode", "empty"), 4),
    (("encode", "run", "nowhere.png"), 3),
    (("encode", "run", "x.png"), 3, image_file(b"")),
    (("encode", "run", "x.png"), 3, image_file(b"<html>")),
    (("encode", "run", "."), 3),
    (("decode", "run", "nowhere.csv"), 3),
    (("decode", "run", "z.csv"), 3, latents("")),
    (("decode", "run", "z.csv"), 3, latents("a,b\n")),
    (("decode", "run", "z.csv"), 3, latents("1,2,3,4\n")),
    (("decode", "run", "z.csv"), 3, latents("nan,inf\n")),
    (("decode", "run", "z.csv", "-o", "x.bmp2"), 2, latents("1,2\n")),
    (("decode", "nothing", "z.csv"), 4, latents("1,2\n")),
    (("latent-plot", "nothing"), 4),
    (("latent-plot", "empty"), 4),
    (("latent-plot", "broken"), 5),
    (("latent-plot", "run", "--epoch", "99"), 4),
    (("latent-plot", "run", "--dims", "1,9"), 2),
    (("latent-plot", "run", "--fps", "0"), 2),
    (("latent-plot", "run", "-o", "x.xyz"), 2),
    (("grid", "nothing"), 4),
    (("grid", "run", "--epoch", "99"), 4),
    (("grid", "run", "--rows", "0"), 2),
    (("grid", "run", "--epochs-gif", "-o", "x.xyz"), 2),
    (("reconstruct", "nothing"), 4),
    (("reconstruct", "run", "--epochs", "0,99"), (2, 4)),
    (("reconstruct", "run", "--count", "0"), 2),
    (("interpolate", "run"), 2),
    (("interpolate", "nothing", "--from", "z:0,0", "--to", "z:1,1"), 4),
    (("interpolate", "run", "--from", "nobody", "--to", "z:1,1"), (2, 3)),
    (("runs",), 2, settings("nonsense = 1")),
    (("runs",), 2, settings("[[[")),
    (("runs",), 2, settings("[trian]\nepochs = 3")),
    (TRAIN, 2, settings("[train]\nepochs = 0")),
    (TRAIN, (2, 7), {"VAECLI_ARTIFACTS": "/dev/null/x"}),
    (TRAIN, 7, {"VAECLI_ARTIFACTS": "/proc/x"}),
    # Names that no file system takes, and homes that nobody has.
    *((("train", "--offline", "--dataset", word), 3) for word in (
        LONG, f"{LONG}.png", f"./{LONG}", f"{LONG}.h5:x", DEEP, WORDY, NOBODY, "~/x",
    )),
    *((("data", command, word), 3) for command in ("fetch", "path") for word in (LONG, WORDY)),
    *((("data", command, word), 3) for command in ("info", "show") for word in (LONG, f"./{LONG}", NOBODY)),
    *((("train", "-d", name, "--offline", "--data-dir", word), 3) for name in ("fashion", "emoji")
      for word in (LONG, DEEP, NOBODY)),
    (("data", "path", "emoji", "--data-dir", NOBODY), 3),
    *(((*SHAPES, "--artifacts", word), 7) for word in (LONG, DEEP)),
    ((*SHAPES, "--artifacts", "x.png/y"), 7, image_file(b"")),
    ((*SHAPES, "--artifacts", "x.png"), 7, image_file(b"")),
    (("train", "--offline", "--dataset", "x.png/y"), 3, image_file(b"")),
    *(((*arguments, "--artifacts", word), (4, 7)) for word in (LONG, DEEP) for arguments in (
        ("runs", "show"), ("runs", "verify", "x"), ("runs", "rm", "x", "--yes"), ("train", "--resume", "x"),
        ("latent-plot",), ("encode",),
    )),
    *(((command, "run", "-o", f"{word}x{ending}"), 7) for word in (LONG, DEEP) for command, ending in (
        ("latent-plot", ".png"), ("grid", ".png"), ("reconstruct", ".png"), ("encode", ".csv"),
    )),
    (("runs", "export", "run", "-o", f"{LONG}.zip"), 7),
    (("data", "show", "shapes", "-o", f"{LONG}.png"), 7),
    *(((*command, word), 4) for word in (LONG, DEEP, WORDY, NOBODY) for command in (
        ("runs", "show"), ("runs", "verify"), ("encode",), ("train", "--resume"), ("grid",),
    )),
    (("runs", "rm", LONG, "--yes"), 4),
    (("runs", "import", f"{LONG}.zip"), 3),
    (("runs", "import", "x.png", "--name", LONG), 2, image_file(b"PK")),
    *((("reconstruct", "run", "--images", word), 3) for word in (LONG, f"{LONG}.png", DEEP, NOBODY)),
    *((("encode", "run", word), 3) for word in (LONG, f"{LONG}.png", DEEP, NOBODY)),
    *((("decode", "run", word), 3) for word in (LONG, f"{LONG}.csv", DEEP, NOBODY)),
    *((("interpolate", "run", "--from", word, "--to", "z:1,1"), 3) for word in (LONG, f"{LONG}.png", DEEP)),
    *((("train", f"--{option}", LONG), 2) for option in (
        "epochs", "size", "channels", "background", "fit", "architecture", "name", LONG,
    )),
    ((LONG,), 2),
    (("runs",), 2, settings(f'{LONG} = 1')),
    *((arguments, 2, settings(f'{key} = "a\\u0000b"')) for key in KEYS
      for arguments in (SHAPES, ("train", "-d", "fashion"))),
    *((("runs", "export", "run", "-o", word), 7) for word in (".", "..", "/", "./")),
]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return a store with runs of every kind."""
    root = tmp_path_factory.mktemp("store")
    with FileLayer():
        for name in ("run", "rung", "broken", "busy"):
            stub.train(root, 1, name=name)
        stub.make(root, 1, name="empty").__exit__(None, None, None)
    (root / "broken" / "run.json").write_text("{}")
    return Store(root)


def contents(root):
    files = (path for path in root.rglob("*") if path.name != "run.lock")
    return {path: path.read_bytes() if path.is_file() else b"" for path in files}


def command(store, folder, arguments, **more):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("VAECLI_")}
    environment = {
        **clean,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "VAECLI_ARTIFACTS": str(store.root),
    }
    more = {"cwd": folder, "capture_output": True, "stdin": subprocess.DEVNULL, "timeout": 120, **more}
    more["env"] = {**environment, **more.get("env", {})}
    return subprocess.run([sys.executable, "-m", "vaecli", *arguments], text=True, check=False, **more)


@pytest.mark.parametrize(
    ("arguments", "codes", "what"),
    [(row[0], row[1], row[2] if len(row) > 2 else None) for row in TABLE],
    ids=lambda value: " ".join(map(str, value))[:60] if isinstance(value, tuple) else None,
)
def test_a_bad_input(store, tmp_path, arguments, codes, what):
    if callable(what):
        what(tmp_path)
    before = contents(store.root)
    with RunWriter(store.root / "busy"):
        result = command(store, tmp_path, arguments, env=what if isinstance(what, dict) else {})
    assert result.returncode in (codes if isinstance(codes, tuple) else (codes,)), result.stderr
    assert "Traceback" not in result.stderr
    before_it = ("shapes: ", "6 classes: ", "Loading TensorFlow")  # what was found is said in any case
    lines = [line for line in result.stderr.splitlines() if not line.startswith(before_it)]
    assert 1 <= len(lines) <= 3 or arguments == (), result.stderr
    assert max(map(len, lines)) < 1200
    assert "\x1b" not in result.stderr
    assert result.stdout == "" or "verify" in arguments
    assert contents(store.root) == before
    assert not (tmp_path / "artifacts").exists()


@pytest.mark.parametrize("arguments", [SHAPES, ("train", "-d", "fashion", "--offline")])
@pytest.mark.parametrize("place", ["a file", "a file/below", LONG, DEEP, "/dev/null/x"])
def test_a_place_that_takes_no_run_is_refused_before_anything_is_loaded(store, tmp_path, arguments, place):
    (tmp_path / "a file").write_text("")
    result = command(store, tmp_path, (*arguments, "--artifacts", place))
    assert (result.returncode, result.stdout) == (7, "")
    what, mend = result.stderr.splitlines()
    assert "Not a directory." in what or "File name too long." in what
    assert mend.endswith("with --artifacts.")
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


@pytest.mark.parametrize(
    "environment", [{"TERM": "dumb"}, {"LANG": "C", "LC_ALL": "C"}, {"NO_COLOR": "1"}, {"TERM": ""}]
)
def test_odd_terminals_get_plain_words(store, tmp_path, environment):
    result = command(store, tmp_path, ("runs",), env=environment)
    assert result.returncode == 0
    assert "\x1b" not in result.stdout + result.stderr
    assert "finished" in result.stdout


@pytest.mark.parametrize(
    "arguments", [("--help",), ("runs",), ("runs", "--json"), ("runs", "show", "run"), ("--version",)]
)
def test_a_full_and_a_closed_stdout(store, tmp_path, arguments):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - not a path of ours
        result = command(
            store, tmp_path, arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert (result.returncode, result.stderr) == (7, "stdout: No space left on device.\n")
    words = " ".join(arguments)
    piped = f"set -o pipefail; {sys.executable} -m vaecli {words} | true"
    environment = {**os.environ, "VAECLI_ARTIFACTS": str(store.root)}
    result = subprocess.run(
        ["bash", "-c", piped], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode in (0, 141)
    assert result.stderr == ""


def test_the_table_is_long_enough(report):
    assert len(TABLE) >= 90
    report(f"bad input: {len(TABLE)} rows: the exit code, at most 3 lines, no traceback, the store as it was")
