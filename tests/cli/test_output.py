"""Files appear whole or not at all."""

import pytest

from vaecli.cli.output import write_whole
from vaecli.errors import EnvironmentFailure


def test_a_file_is_replaced_only_when_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a picture.gif"
    path.write_bytes(b"the old one")

    def fails(file):
        file.write(b"half")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        write_whole(path, fails)
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]
    write_whole(path, lambda file: file.write(b"the new one"))
    assert path.read_bytes() == b"the new one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_picture_is_as_public_as_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    write_whole(tmp_path / "picture.png", lambda file: file.write(b"x"))
    assert (tmp_path / "picture.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "folder.png").mkdir()
    for path, reason in [
        (tmp_path / "nowhere" / "picture.png", "No such file or directory"),
        (tmp_path / "folder.png", "Is a directory"),
    ]:
        with pytest.raises(EnvironmentFailure, match=f"{path}: {reason}.\nChoose another place with -o"):
            write_whole(path, lambda file: file.write(b"x"))


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path):
    path = tmp_path / ("x" * 251 + ".png")
    write_whole(path, lambda file: file.write(b"x"))
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(EnvironmentFailure, match="File name too long.\nChoose another place with -o"):
        write_whole(tmp_path / ("x" * 252 + ".png"), lambda file: file.write(b"x"))
    assert list(tmp_path.iterdir()) == [path]
