"""What a file claims is judged before room is made for it; and no word or moment is taken for granted."""

import json
import os
import shutil
import struct
import subprocess
import sys
import zlib

import h5py
import numpy as np
import pytest

from tests.durability import stub
from tests.durability.children import captured
from tests.durability.filelayer import FileLayer

COUNT = 3_000_000  # images of 1,024 bytes: 3 GB
BLOCK = bytes(1 << 20)

#: Reads a dataset and prints by how much memory grew at most, the bytes of the images, and the error.
MEASURE = """
import json, sys
import h5py, numpy, PIL.Image
import vaecli.data.loading
from vaecli.data import load_dataset
from vaecli.errors import VaecliError
def peak():
    return 1024 * int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
before, kept, error = peak(), 0, ""
try:
    dataset = load_dataset(sys.argv[1])
    kept = dataset.train.images.nbytes + dataset.heldout.images.nbytes
except VaecliError as caught:
    error = str(caught)
print(json.dumps([peak() - before, kept, error]))
"""


def measured(path, tmp_path):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-c", MEASURE, str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=120)
    return json.loads(result.stdout)


def npz_bomb(path):
    """A member of 3 GB of zeros in 3 MB: one deflated block, over and over."""
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 32, 32), }" % COUNT
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    size = 10 + len(head) + COUNT * 1024
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head)
    packed += packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    packed += block * (COUNT * 1024 // len(BLOCK)) + packer.flush()
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), size, 10, 0)
    directory = b"PK\1\2\x14\0" + common + bytes(14) + b"images.npy"
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), 40 + len(packed), 0)
    path.write_bytes(b"PK\3\4" + common + b"images.npy" + packed + directory + end)


def h5_bomb(path):
    packed = zlib.compress(BLOCK)
    with h5py.File(path, "w") as file:
        node = file.create_dataset("images", (COUNT, 32, 32), "u1", chunks=(1024, 32, 32), compression="gzip")
        for number in range(0, COUNT, 1024):
            node.id.write_direct_chunk((number, 0, 0), packed)


@pytest.mark.parametrize(("name", "build"), [("a.npz", npz_bomb), ("a.h5", h5_bomb)])
def test_3_mb_that_unfold_to_3_gb_are_refused_before_they_are(tmp_path, name, build, report):
    build(tmp_path / name)
    assert (tmp_path / name).stat().st_size < 5e6
    grown, _, error = measured(tmp_path / name, tmp_path)
    assert "claims to hold" in error
    assert grown < 20e6
    report(f"claims: {name}, 3 MB that unfold to 3 GB: refused, {grown / 1e6:.0f} MB")


@pytest.mark.parametrize("kind", ["npz", "h5"])
def test_arrays_take_at_most_half_as_much_memory_again_as_the_images_that_are_kept(tmp_path, kind, report):
    path = tmp_path / f"a.{kind}"
    few = np.random.default_rng(0).random((1000, 40, 40)) > 0.5
    images = np.tile(few, (25, 1, 1)).astype(np.float32)  # 160 MB, of which 40 MB are kept
    if kind == "h5":
        with h5py.File(path, "w") as file:
            file.create_dataset("images", data=images, chunks=(100, 40, 40))
    else:
        np.savez(path, images=images)
    del images
    grown, kept, error = measured(path, tmp_path)
    assert (error, kept) == ("", 40_000_000)
    assert grown < 1.5 * kept
    assert len(list((tmp_path / "cache/vaecli/decoded").iterdir())) == 1  # nothing but the images
    report(f"claims: {kind}, 160 MB of numbers, 40 MB of pixels: {grown / 1e6:.0f} MB more memory at most")


def test_too_little_memory_is_said_and_exits_with_7(tmp_path):
    program = (
        "import resource, sys\n"
        "import vaecli.cli.main, vaecli.data.loading\n"
        "size = 4096 * int(open('/proc/self/statm').read().split()[0])\n"
        "resource.setrlimit(resource.RLIMIT_AS, (size + 10**7, size + 10**7))\n"
        "sys.exit(vaecli.cli.main.run(['data', 'info', 'a.npz']))\n"
    )
    np.savez(tmp_path / "a.npz", images=np.zeros((30_000, 32, 32), np.uint8))
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (7, "")
    assert result.stderr.startswith("There is not enough memory.\n")


#: Sends Ctrl-C when a module is looked for.
EARLY = """
import os, signal, sys
module = sys.argv.pop(1)
class Watch:
    def find_spec(self, name, *rest):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Watch())
from vaecli.__main__ import main
main()
"""


@pytest.mark.parametrize(
    "module", ["vaecli.cli", "vaecli.config", "typer", "vaecli.cli.train", "vaecli.store", "numpy"]
)
def test_ctrl_c_while_a_command_is_loaded_says_nothing(tmp_path, module):
    command = [sys.executable, "-c", EARLY, module, "data", "info", "a.npy"]
    np.save(tmp_path / "a.npy", np.zeros((4, 4, 4), np.uint8))
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")


def test_a_path_may_hold_bytes_that_are_not_utf_8(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = os.fsdecode(b"a\xffb")
    store = tmp_path / odd
    with FileLayer():
        stub.train(tmp_path / "store", 1, name="run", keep="all")
    shutil.move(tmp_path / "store", store)
    where = ("--artifacts", store)
    commands = {
        ("runs", *where): 0,
        ("runs", "show", *where): 0,
        ("runs", "show", "--json", *where): 0,
        ("runs", "show", odd, *where): 4,
        ("runs", "verify", *where): 0,
        ("runs", "export", "-o", f"{odd}.zip", *where): 0,
        ("runs", "import", f"{odd}.zip", "--name", odd, *where): 2,
        ("runs", "import", f"{odd}.zip", "--name", "again", *where): 0,
        ("encode", "-o", f"{odd}.csv", *where): 0,
        ("latent-plot", "--title", odd, "-o", f"{odd}.svg", *where): 0,
        ("curves", "--title", odd, "-o", f"{odd}.curves.png", *where): 0,
        ("encode", "run", f"{odd}.png", *where): 3,
        ("train", "--dataset", odd, "--offline"): 3,
        ("train", "--dataset", "shapes", "--background", odd): 2,
        ("train", "--resume", odd, *where): 4,
        ("data", "info", f"./{odd}"): 3,
        (odd,): 2,
        (f"--{odd}",): 2,
    }
    for arguments, expected in commands.items():
        code, out, err = captured(arguments)
        assert code == expected, (arguments, err)
        assert "Traceback" not in err
        (out + err).encode()  # is UTF-8
