"""Files appear whole or not at all, what stands in their place decides, and the dead leave nothing."""

import os
import re
import signal
import socket
import stat
import sys
import threading
import time

import pytest

from tests.durability.children import Child
from vaecli import files
from vaecli.errors import EnvironmentFailure, UsageError
from vaecli.files import Kind, Unfinished, clear_abandoned, place_of, save, workplace, write_whole

MEND = "Choose another place."
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


def put(content):
    """Return what writes some bytes."""
    return lambda file: file.write(content)


def node(path, kind, major=1, minor=3):
    """Make a device; by default one that swallows everything, as /dev/null does."""
    try:
        os.mknod(path, kind | 0o666, os.makedev(major, minor))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    return path


def test_a_file_is_replaced_only_when_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a picture.gif"
    path.write_bytes(b"the old one")

    def fails(file):
        file.write(b"half")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        write_whole(path, fails)
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]
    write_whole(path, put(b"the new one"))
    assert path.read_bytes() == b"the new one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_follows_the_umask_and_an_existing_one_keeps_its_permissions(tmp_path):
    path, before = tmp_path / "picture.png", os.umask(0o027)
    try:
        write_whole(path, put(b"x"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o606)
        write_whole(path, put(b"y"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o606
    finally:
        os.umask(before)


def test_a_private_file_is_private_while_it_is_being_made(tmp_path):
    path = tmp_path / "picture.png"
    path.touch(0o600)

    def look(file):
        (new,) = tmp_path.glob(".vaecli-*")
        assert stat.S_IMODE(new.stat().st_mode) == 0o600

    write_whole(path, look)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_that_root_replaces_stays_its_owners(tmp_path):
    path = tmp_path / "picture.png"
    path.touch()
    os.chown(path, 1234, 2345)
    write_whole(path, put(b"x"))
    assert (path.stat().st_uid, path.stat().st_gid, path.read_bytes()) == (1234, 2345, b"x")


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path):
    path = tmp_path / ("x" * 251 + ".png")
    save(path, put(b"x"))
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(EnvironmentFailure, match=f"File name too long.\n{MEND}"):
        save(tmp_path / ("x" * 252 + ".png"), put(b"x"))
    assert list(tmp_path.iterdir()) == [path]


def test_two_that_write_the_same_file_at_once_leave_one_of_both_whole(tmp_path):
    path, contents = tmp_path / "picture.png", [bytes([byte]) * 100_000 for byte in (1, 2)]

    def write(content):
        for _ in range(30):
            save(path, put(content), flushes=False)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if path.exists():
            assert path.read_bytes() in contents
    for thread in threads:
        thread.join()
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    target, folder = tmp_path / "elsewhere" / "picture.png", tmp_path / "here"
    target.parent.mkdir()
    folder.mkdir()
    first, second = folder / "first.png", folder / "second.png"
    first.symlink_to(second)
    second.symlink_to("../elsewhere/picture.png")
    for content in (b"made through a dangling link", b"replaced"):
        save(first, put(content))
        assert target.read_bytes() == content
    assert first.is_symlink()
    assert second.is_symlink()
    assert sorted(tmp_path.rglob("*")) == sorted([folder, first, second, target.parent, target])


def test_a_pipe_is_written_into(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    (tmp_path / "link").symlink_to(path)
    received = []
    for name in ("pipe", "link"):
        reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
        reader.start()
        save(tmp_path / name, put(b"x" * 200_000))
        reader.join()
    assert received == [b"x" * 200_000] * 2
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_pipe_gets_nothing_of_what_fails_half_way(tmp_path):
    reader, writer = os.pipe()

    def fails(file):
        file.write(b"half")
        raise RuntimeError("in the middle")

    with os.fdopen(reader, "rb") as pipe:
        with pytest.raises(RuntimeError, match="in the middle"):
            save(files.Path(f"/dev/fd/{writer}"), fails)
        os.close(writer)
        assert pipe.read() == b""


def test_a_device_is_written_into_and_stays_one(tmp_path):
    path = node(tmp_path / "null", stat.S_IFCHR)
    save(path, put(b"x"))
    full = node(tmp_path / "full", stat.S_IFCHR, 1, 7)
    with pytest.raises(EnvironmentFailure, match=f"{full}: No space left on device"):
        save(full, put(b"x"))
    assert path.is_char_device()
    assert full.is_char_device()
    assert sorted(tmp_path.iterdir()) == [full, path]


def test_an_open_descriptor_is_written_to_where_it_stands(tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.write(b"before ")
        file.flush()
        save(files.Path(f"/dev/fd/{file.fileno()}"), put(b"after"))
    assert (tmp_path / "file").read_bytes() == b"before after"
    with pytest.raises(EnvironmentFailure, match="/dev/fd/987: Bad file descriptor"):
        save(files.Path("/dev/fd/987"), put(b"x"))


def test_no_bytes_go_to_a_terminal():
    controller, terminal = os.openpty()
    try:
        with pytest.raises(UsageError, match="is a terminal.\nSend the bytes to a file or a pipe"):
            save(files.Path(os.ttyname(terminal)), put(b"x"))
    finally:
        os.close(controller)
        os.close(terminal)


def test_what_takes_no_result_is_refused_in_words_and_left_alone(tmp_path):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    disk = node(tmp_path / "disk", stat.S_IFBLK, 259, 12345)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        before = {path: path.lstat() for path in tmp_path.iterdir()}
        for name, words in [
            ("folder.png", "is a folder.\nExpected: a file."),
            ("socket", "is a socket or a disk.\nExpected: a file, a pipe or a character device."),
            ("disk", "is a socket or a disk."),
            ("loop", ": Too many levels of symbolic links."),
            ("nowhere/picture.png", ": No such file or directory."),
            ("socket/picture.png", ": Not a directory."),
        ]:
            with pytest.raises(
                EnvironmentFailure, match=re.escape(f"{tmp_path / name}") + f" ?{words}"
            ) as caught:
                save(tmp_path / name, put(b"x"))
            assert caught.value.mend == MEND
        assert {path: path.lstat() for path in tmp_path.iterdir()} == before
    assert disk.is_block_device()


def test_a_file_without_a_write_permission_is_refused_to_root_too(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"kept")
    path.chmod(0o444)
    (tmp_path / "link").symlink_to(path)
    for name in ("picture.png", "link"):
        with pytest.raises(EnvironmentFailure, match=f"{name} is write-protected.\n.*\n{MEND}"):
            save(tmp_path / name, put(b"x"))
    assert path.read_bytes() == b"kept"


@as_user
def test_a_file_of_somebody_who_gave_no_permission_is_refused(tmp_path):
    path = tmp_path / "picture.png"
    path.touch(0o044)
    with pytest.raises(EnvironmentFailure, match="is write-protected"):
        save(path, put(b"x"))


def test_a_path_is_told_apart_by_what_it_leads_to(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe")
    kinds = {name: place_of(tmp_path / name) for name in ("file", "link", "dangling", "pipe", ".")}
    assert [place.kind for place in kinds.values()] == [
        Kind.FILE, Kind.FILE, Kind.NOTHING, Kind.STREAM, Kind.FOLDER,
    ]  # fmt: skip
    assert kinds["link"].path == tmp_path / "file"
    assert kinds["dangling"].path == tmp_path / "nothing"


def leave_half(folder, *, is_folder=False):
    """Begin a file or folder in another process; return that process."""

    def live(say):
        with Unfinished(folder, is_folder=is_folder) as new:
            (new.path / "half" if is_folder else new.path).write_bytes(b"x" * 1000)
            say("begun")
            signal.pause()

    child = Child(live)
    assert child.lines.readline() == "begun\n"
    return child


@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
def test_what_a_killed_process_left_is_removed_and_what_a_live_one_makes_is_not(tmp_path, is_folder):
    dead, live = (leave_half(tmp_path, is_folder=is_folder) for _ in range(2))
    dead.kill()
    dead.wait()
    assert len(list(tmp_path.iterdir())) == 2
    clear_abandoned(tmp_path)
    (left,) = tmp_path.iterdir()
    assert (left / "half" if is_folder else left).read_bytes() == b"x" * 1000
    live.kill()
    live.wait()
    clear_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_workplace_is_private_and_a_dead_ones_is_removed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def live(say):
        with workplace() as place:
            (place / "half").touch()
            say("begun")
            signal.pause()

    child = Child(live)
    assert child.lines.readline() == "begun\n"
    child.kill()
    child.wait()
    (left,) = tmp_path.iterdir()
    with workplace() as place:
        assert list(tmp_path.iterdir()) == [place] != [left]
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []


def test_only_what_vaecli_made_is_cleared(tmp_path):
    names = [".vaecli-0123.part", ".hidden.part", "x.part", ".vaecli", f".vaecli-{'0' * 8}-{'0' * 12}.parts"]
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    clear_abandoned(tmp_path)
    clear_abandoned(tmp_path / "nowhere")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_what_another_machine_makes_has_to_be_a_day_old(tmp_path):
    ours = Unfinished(tmp_path)
    new, old = (tmp_path / f".vaecli-00000000-{digit * 12}.part" for digit in "01")
    for path in (new, old):
        path.touch()
    os.utime(old, (time.time() - 90_000,) * 2)
    clear_abandoned(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([ours.path, new])
    ours.close()


def test_a_link_under_an_unfinished_name_is_not_followed(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").touch()
    with Unfinished(tmp_path) as unfinished:
        link = unfinished.path
    link.symlink_to(tmp_path / "folder")
    clear_abandoned(tmp_path)
    assert (tmp_path / "folder" / "mine").exists()


def test_makers_and_those_who_clear_do_not_disturb_each_other(tmp_path):
    """Whatever is cleared before it is locked is begun again."""
    done = threading.Event()

    def clear():
        while not done.is_set():
            clear_abandoned(tmp_path)

    cleaner = threading.Thread(target=clear)
    cleaner.start()
    try:
        for number in range(300):
            with Unfinished(tmp_path, is_folder=number % 2 == 0) as new:
                assert new.path.exists()
                new.publish(tmp_path / f"{number}")
    finally:
        done.set()
        cleaner.join()
    assert len(list(tmp_path.iterdir())) == 300
    with pytest.raises(FileNotFoundError, match="No such file"):
        Unfinished(tmp_path / "nowhere")


def test_a_kill_at_every_step_leaves_the_old_file_or_the_new_one(tmp_path):
    """The next one to write there removes what is left."""
    path = tmp_path / "picture.png"

    def dying(number):
        def live(say):
            steps = iter(range(number + 1))

            def step(name, arguments):
                if name in {"open", "os.rename", "os.chmod", "os.chown"} and next(steps) == number:
                    os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(step)
            write_whole(path, put(b"new"))

        return live

    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        path.write_bytes(b"old")
        code, said = Child(dying(number)).wait()
        assert path.read_bytes() in (b"old", b"new")
        assert len(list(tmp_path.iterdir())) <= 2
        clear_abandoned(tmp_path)
        assert list(tmp_path.iterdir()) == [path]
        number += 1
    assert code == 0, said
    assert number > 3
