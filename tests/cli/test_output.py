"""`-o` writes to what stands under its path, and destroys nothing."""

import fcntl
import os
import signal
import stat
import time

import pytest

EXPORT = ("runs", "export", "toy-1")


@pytest.fixture
def archive(vaecli, fabricate):
    """Return the bytes of an archive of the one run that there is."""
    fabricate(1)
    return vaecli(*EXPORT, "-o", "-", text=False).stdout


def test_a_link_stays_a_link_to_the_new_file(vaecli, archive):
    (vaecli.folder / "link.zip").symlink_to("run.zip")
    for _ in range(2):
        result = vaecli(*EXPORT, "-o", "link.zip")
        assert (result.returncode, result.stdout) == (0, "link.zip\n")
        assert (vaecli.folder / "run.zip").read_bytes() == archive
    assert sorted(path.name for path in vaecli.folder.iterdir()) == ["link.zip", "run.zip"]
    assert (vaecli.folder / "link.zip").is_symlink()


def test_a_pipe_gets_the_bytes_and_stays_a_pipe(vaecli, archive):
    os.mkfifo(vaecli.folder / "pipe")
    process = vaecli.start(*EXPORT, "-o", "pipe")
    assert (vaecli.folder / "pipe").read_bytes() == archive
    assert process.communicate() == ("pipe\n", "")
    assert stat.S_ISFIFO((vaecli.folder / "pipe").stat().st_mode)


def test_a_device_stays_a_device(vaecli, archive):
    device = vaecli.folder / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    for arguments in (EXPORT, ("encode", "toy-1"), ("grid", "toy-1")):
        result = vaecli(*arguments, "-q", "-o", "null")
        assert (result.returncode, result.stdout, result.stderr) == (0, "null\n", "")
        assert device.is_char_device()
    assert list(vaecli.folder.iterdir()) == [device]


def test_dev_stdout_is_stdout_wherever_that_goes(vaecli, archive):
    assert vaecli(*EXPORT, "-o", "/dev/stdout", text=False).stdout == archive
    with (vaecli.folder / "log").open("wb") as log:
        log.write(b"before ")
        log.flush()
        assert vaecli.start(*EXPORT, "-o", "/dev/fd/1", stdout=log, stderr=None).wait() == 0
    assert (vaecli.folder / "log").read_bytes() == b"before " + archive


def test_an_open_descriptor_is_written_to(vaecli, archive):
    reader, writer = os.pipe()
    process = vaecli.start(*EXPORT, "-o", f"/dev/fd/{writer}", pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == archive
    assert process.communicate() == (f"/dev/fd/{writer}\n", "")


def test_what_takes_no_file_is_exit_7_and_left_as_it_is(vaecli, archive):
    (vaecli.folder / "kept.zip").write_bytes(b"kept")
    (vaecli.folder / "kept.zip").chmod(0o444)
    (vaecli.folder / "folder.zip").mkdir()
    for output, words in [
        ("kept.zip", "kept.zip is write-protected.\nExpected: a file that may be written.\n"),
        ("folder.zip", "folder.zip is a folder.\nExpected: a file.\n"),
        ("new/", "new/ is a folder.\nExpected: a file.\n"),
        ("nowhere/run.zip", "nowhere/run.zip: No such file or directory.\n"),
    ]:
        result = vaecli(*EXPORT, "-o", output)
        assert (result.returncode, result.stdout) == (7, "")
        assert result.stderr == f"{words}Choose another place with -o.\n"
    assert (vaecli.folder / "kept.zip").read_bytes() == b"kept"
    assert sorted(path.name for path in vaecli.folder.rglob("*")) == ["folder.zip", "kept.zip"]


def test_two_commands_at_once_leave_a_whole_file(vaecli, archive):
    processes = [vaecli.start(*EXPORT, "-o", "run.zip") for _ in range(3)]
    assert [process.communicate() for process in processes] == [("run.zip\n", "")] * 3
    assert (vaecli.folder / "run.zip").read_bytes() == archive
    assert len(list(vaecli.folder.iterdir())) == 1


def test_what_a_killed_command_left_is_removed_by_the_next_one(vaecli, fabricate):
    """A kill while it draws leaves an unfinished file; another one that draws is not disturbed."""
    fabricate(30)

    def begin(name):
        process = vaecli.start("latent-plot", "toy-1", "--epochs-gif", "-o", name)
        before = set(vaecli.folder.glob(".vaecli-*.part"))
        while not (new := set(vaecli.folder.glob(".vaecli-*.part")) - before):
            assert process.poll() is None
            time.sleep(0.005)
        own = new.pop()
        while not is_locked(own):  # from then on it is known to be somebody's
            time.sleep(0.005)
        return process, own

    def is_locked(file):
        with file.open("rb") as opened:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    killed, left = begin("picture.gif")
    killed.kill()
    killed.communicate()
    drawing, own = begin("another.gif")
    assert not left.exists()  # cleared before anything new was begun
    drawing.send_signal(signal.SIGSTOP)
    try:
        assert vaecli(*EXPORT, "-q").returncode == 0
        assert own.exists()
    finally:
        drawing.send_signal(signal.SIGCONT)
    assert drawing.communicate()[0] == "another.gif\n"
    assert sorted(path.name for path in vaecli.folder.iterdir()) == ["another.gif", "toy-1.zip"]
