import os
import socket
import tempfile
from pathlib import Path

import pytest

from vaecli.data.files.array_files import read_arrays
from vaecli.data.plain import open_plain, require_plain
from vaecli.errors import DataError


def test_a_file_is_opened_through_links(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "b").symlink_to("a")
    with open_plain(tmp_path / "b") as stream:
        assert stream.read() == b"content"
    require_plain(tmp_path / "b")


def test_what_is_no_file_is_never_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name, kind in (("pipe", "a named pipe"), ("zero", "a device")):
        for look in (open_plain, require_plain):
            with pytest.raises(DataError, match=f"{name}: {kind}\\."):
                look(tmp_path / name)
    with pytest.raises(IsADirectoryError):
        open_plain(tmp_path)
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{short}/socket")
        with pytest.raises(DataError, match="a socket"):
            require_plain(Path(short) / "socket")


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.h5", "train-images-idx3-ubyte"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_an_array_file_that_is_none_is_an_error_at_once(tmp_path, name, kind):
    if kind == "pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(DataError, match=f"a named {kind}" if kind == "pipe" else "a device"):
        read_arrays(tmp_path / name)
