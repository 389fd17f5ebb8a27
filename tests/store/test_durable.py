"""Whole or absent."""

import os

import pytest

from vaecli.errors import DamagedArtifact, EnvironmentFailure
from vaecli.store import durable


def test_a_directory_appears_whole_with_its_files(tmp_path):
    durable.write_directory(tmp_path / "0001", {"a": b"one", "b": b"two"})
    assert {entry.name: entry.read_bytes() for entry in (tmp_path / "0001").iterdir()} == {
        "a": b"one",
        "b": b"two",
    }
    assert [entry.name for entry in tmp_path.iterdir()] == ["0001"]


def test_nothing_is_overwritten(tmp_path):
    durable.write_directory(tmp_path / "0001", {"a": b"one"})
    with pytest.raises(FileExistsError):
        durable.write_directory(tmp_path / "0001", {"a": b"other"})
    durable.write_file(tmp_path / "note", b"one")
    with pytest.raises(FileExistsError):
        durable.write_file(tmp_path / "note", b"other")
    assert (tmp_path / "0001" / "a").read_bytes() == b"one"
    assert (tmp_path / "note").read_bytes() == b"one"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["0001", "note"]


def test_a_refused_write_leaves_nothing_behind(tmp_path):
    with pytest.raises(EnvironmentFailure, match="File name too long"):
        durable.write_directory(tmp_path / "0001", {"a": b"one", "b" * 300: b"two"})
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_a_dead_process_are_cleared_and_nothing_else(tmp_path):
    (tmp_path / ".tmp-0002-abc").mkdir()
    (tmp_path / ".tmp-0002-abc" / "half").write_bytes(b"x")
    (tmp_path / ".tmp-note").write_bytes(b"x")
    durable.write_directory(tmp_path / "0001", {"a": b"one"})
    durable.clear_leftovers(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["0001"]


def test_removal_takes_all_of_a_directory(tmp_path):
    durable.write_directory(tmp_path / "0001", {"a": b"one"})
    durable.remove_directory(tmp_path / "0001")
    assert list(tmp_path.iterdir()) == []


def test_reading_follows_no_link_and_waits_for_no_pipe(tmp_path):
    (tmp_path / "file").write_bytes(b"data")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    assert durable.read_file(tmp_path, "file", 4) == b"data"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"data")
    (tmp_path / "shortcut").symlink_to("folder")
    assert durable.read_file(tmp_path, "folder/file", 4) == b"data"
    for name, message in [
        ("link", "symbolic link"),
        ("shortcut/file", "a file or a link stands where its folder was"),
        ("pipe", "not a regular file"),
        (".", "not a regular file"),
        ("missing", "missing"),
        ("file/deeper", "missing"),
    ]:
        with pytest.raises(DamagedArtifact, match=message):
            durable.read_file(tmp_path, name, 9)
    with pytest.raises(DamagedArtifact, match="Expected: at most 3"):
        durable.read_file(tmp_path, "file", 3)


def test_names_are_listed_through_no_link(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b").touch()
    (tmp_path / "folder" / "a").touch()
    (tmp_path / "shortcut").symlink_to("folder")
    assert durable.names_in(tmp_path, "folder") == ["a", "b"]
    assert durable.names_in(tmp_path, "nowhere") == []
    with pytest.raises(DamagedArtifact, match="shortcut is a symbolic link"):
        durable.names_in(tmp_path, "shortcut")
    with pytest.raises(DamagedArtifact, match="a is not a directory"):
        durable.names_in(tmp_path, "folder/a")


def test_a_directory_is_made_with_all_that_is_missing_above_it(tmp_path):
    durable.make_directories(tmp_path / "a" / "b")
    durable.make_directories(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFailure, match="file is not a directory"):
        durable.make_directories(tmp_path / "file")


def test_a_move_takes_no_name_that_is_in_use(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with pytest.raises(FileExistsError):
        durable.move(tmp_path / "a", tmp_path / "b")
    durable.move(tmp_path / "a", tmp_path / "b" / "a")
    assert (tmp_path / "b" / "a").is_dir()


def test_a_place_is_known_to_be_writable_without_making_anything(tmp_path):
    for place in (tmp_path, tmp_path / "new", tmp_path / "new" / "below"):
        durable.require_writable(place)
    assert list(tmp_path.iterdir()) == []


def test_a_place_below_a_file_or_of_too_long_a_name_is_known_to_be_unusable(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for place in (file, file / "below", file / "far" / "below"):
        with pytest.raises(EnvironmentFailure, match="Not a directory") as caught:
            durable.require_writable(place)
        assert caught.value.mend == "Choose a writable place with --artifacts."
    with pytest.raises(EnvironmentFailure, match="File name too long"):
        durable.require_writable(tmp_path / ("x" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_somebody_else_is_known_to_be_unusable(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(EnvironmentFailure, match=f"^{tmp_path} is not writable"):
            durable.require_writable(tmp_path / "new")
    finally:
        tmp_path.chmod(0o700)
