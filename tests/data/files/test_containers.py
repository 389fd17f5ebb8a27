import os
import struct
import zipfile

import pytest

from vaecli.data.files.containers import Folder, Zip, open_container
from vaecli.errors import DataError


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "a folder"
    (root / "cat").mkdir(parents=True)
    (root / "cat" / "1.png").write_bytes(b"one")
    (root / "2.png").write_bytes(b"two!")
    (root / ".hidden").write_bytes(b"")
    return root


def zipped(path, contents, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_a_folder_and_a_zip_of_it_hold_the_same(folder, tmp_path):
    archive = zipped(tmp_path / "a.zip", {"cat/1.png": b"one", "2.png": b"two!"})
    for container in (open_container(folder), open_container(archive)):
        assert container.files == {"cat/1.png": 3, "2.png": 4}
        with container.open("cat/1.png") as stream:
            assert stream.read() == b"one"


def test_links_are_followed_but_not_in_circles(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "3.png").write_bytes(b"three")
    (folder / "dog").symlink_to(tmp_path / "elsewhere")
    (folder / "cat" / "round").symlink_to(folder)
    (folder / "nowhere.png").symlink_to(tmp_path / "gone")
    os.mkfifo(folder / "pipe.png")
    assert sorted(Folder(folder).files) == ["2.png", "cat/1.png", "dog/3.png"]


def test_folders_linked_to_one_another_are_each_read_once(tmp_path):
    folders = [tmp_path / "all" / str(number) for number in range(12)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "1.png").write_bytes(b"one")
        for other in folders:
            (folder / f"to {other.name}").symlink_to(other)
    assert sorted(Folder(tmp_path / "all").files) == sorted(f"{number}/1.png" for number in range(12))


def test_what_cannot_be_read_in_a_folder_is_left_out_and_said(folder):
    (folder / "round.png").symlink_to("round.png")
    found = Folder(folder)
    assert sorted(found.files) == ["2.png", "cat/1.png"]
    assert found.notes == ("1 left out that cannot be read: round.png: Too many levels of symbolic links.",)


def test_a_pipe_or_a_device_is_opened_neither_as_a_zip_nor_in_a_folder(folder, tmp_path):
    os.mkfifo(tmp_path / "a.zip")
    with pytest.raises(DataError, match=r"a\.zip: a named pipe\.\nExpected: a file\."):
        Zip(tmp_path / "a.zip")
    container = Folder(folder)
    (folder / "2.png").unlink()
    os.mkfifo(folder / "2.png")
    with pytest.raises(DataError, match="a named pipe"), container.open("2.png"):
        pass


def test_the_stamp_changes_with_a_file(folder):
    before = Folder(folder).stamp
    assert Folder(folder).stamp == before
    os.utime(folder / "2.png", (1, 1))
    assert Folder(folder).stamp != before


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(DataError, match="gone: cannot be read: No such file or directory"):
        Folder(tmp_path / "gone")


def test_a_file_that_vanishes_is_an_error(folder):
    container = Folder(folder)
    (folder / "2.png").unlink()
    with pytest.raises(DataError, match=r"2\.png: No such file"), container.open("2.png"):
        pass


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + bytes(60), b"no zip at all" * 9])
def test_what_is_no_zip_is_an_error(tmp_path, content):
    path = tmp_path / "bad.zip"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.zip: not a zip that can be read"):
        Zip(path)


def test_a_zip_that_declares_far_more_than_it_holds_is_refused(tmp_path):
    path = zipped(tmp_path / "bomb.zip", {f"{number}.bmp": bytes(1 << 20) for number in range(4)})
    content = path.read_bytes().replace(struct.pack("<I", 1 << 20), struct.pack("<I", (1 << 32) - 9))
    path.write_bytes(content)
    with pytest.raises(DataError, match="declares 4 members of 17,179,869,148 bytes") as caught:
        Zip(path)
    assert "64 times the bytes of the zip" in caught.value.expected


def test_a_member_that_declares_more_than_an_image_has_is_not_read(tmp_path):
    path = zipped(tmp_path / "big.zip", {"1.bmp": bytes(1 << 20)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 1 << 20), struct.pack("<I", 1 << 29)))
    with pytest.raises(DataError, match="536,870,912 bytes are too many"), Zip(path).open("1.bmp"):
        pass


def test_a_member_that_holds_more_than_it_declares_is_damaged(tmp_path):
    path = zipped(tmp_path / "liar.zip", {"1.bmp": bytes(1 << 20)})
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 1 << 20), struct.pack("<I", 100)))
    with pytest.raises(DataError, match=r"1\.bmp: damaged in the zip"), Zip(path).open("1.bmp"):
        pass


def test_a_damaged_member_is_an_error_that_names_it(tmp_path):
    path = zipped(tmp_path / "a.zip", {"1.png": b"one" * 100}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"oneone", b"twotwo", 1))
    with pytest.raises(DataError, match=r"1\.png: damaged in the zip"), Zip(path).open("1.png"):
        pass


def test_an_encrypted_member_is_an_error_that_names_it(tmp_path):
    path = zipped(tmp_path / "a.zip", {"1.png": b"one"}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"1\.png: encrypted"), Zip(path).open("1.png"):
        pass


def test_names_of_a_zip_from_japan_are_read(tmp_path):
    path, name = tmp_path / "a.zip", "ねこ/1.png"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x" * len(name.encode("shift-jis")), b"1")
    path.write_bytes(
        path.read_bytes().replace(b"x" * len(name.encode("shift-jis")), name.encode("shift-jis"))
    )
    found = Zip(path)
    assert list(found.files) == [name]
    assert found.notes == ("The names in the zip are read as Shift-JIS.",)
    with found.open(name) as stream:
        assert stream.read() == b"1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>Sign in</html>", "a web page, not a zip that can be read"),
        (b"PK\x03\x04" + bytes(60), "its end is missing, as of a download that was cut short"),
    ],
)
def test_it_is_said_why_a_file_is_no_zip(tmp_path, content, message):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(DataError, match=message):
        Zip(tmp_path / "a.zip")


def test_a_member_packed_by_a_method_that_is_not_read_is_not_called_damaged(tmp_path):
    path = zipped(tmp_path / "a.zip", {"1.png": b"one"})
    content = bytearray(path.read_bytes())
    content[8:10] = b"\x09\0"
    at = content.find(b"PK\x01\x02")
    content[at + 10 : at + 12] = b"\x09\0"
    path.write_bytes(content)
    with (
        pytest.raises(DataError, match=r"1\.png: packed by Deflate64, which is not read"),
        Zip(path).open("1.png"),
    ):
        pass
