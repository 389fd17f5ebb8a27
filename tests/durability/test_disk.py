"""A full or failing disk never harms what was saved."""

import errno
import os
import resource
import signal
import subprocess

import pytest

from tests.durability import stub
from tests.durability.children import Child, run_command
from tests.durability.conftest import count
from tests.durability.filelayer import CODES, FileLayer, refuser
from vaecli.errors import EnvironmentFailure
from vaecli.store import RunWriter, Store, require_writable, verify

EPOCHS = 3


@pytest.mark.parametrize(
    ("code", "for_good"),
    count(
        [(errno.ENOSPC, False), (errno.EIO, True)],
        [(code, for_good) for code in CODES for for_good in (False, True)],
    ),
)
def test_an_operation_that_the_disk_refuses(tmp_path, code, for_good, report):
    number, refusals = 0, 0
    while True:
        root, acknowledged = tmp_path / f"{number}", set()
        with FileLayer(refuser(number, code, for_good=for_good)) as layer:
            refused = refusal_of(lambda: stub.train(root, EPOCHS, acknowledged.add))  # noqa: B023
        if len(layer.operations) <= number:
            break
        refusals += refused is not None
        assert refused is None or os.strerror(code) in refused.what
        runs = Store(root).runs()
        if for_good or layer.operations[number] not in ("unlink", "rmdir"):
            assert [path for path in root.rglob(".tmp-*") if not is_old_checkpoint(path)] == []
        if not runs:
            assert not acknowledged
            assert not root.exists() or list(root.iterdir()) == []
        stub.check(root, acknowledged, resume=EPOCHS)
        number += 1
    assert number > 100
    words = "once" if not for_good else "and all later ones"
    report(
        f"disk: {errno.errorcode[code]} at each of {number} operations {words}: {refusals} exits 7, 0 harmed"
    )


def refusal_of(work):
    try:
        work()
    except EnvironmentFailure as error:
        return error
    return None


def is_old_checkpoint(path):
    """A checkpoint that was being removed stays behind, out of sight, where removing is refused."""
    return path.parent.name == "checkpoints"


def test_a_failed_epoch_is_noted_and_the_command_exits_with_7(tmp_path):
    def live(say):
        stub.stand_in_for_the_network()
        os.environ["VAECLI_ARTIFACTS"] = str(tmp_path / "store")
        with FileLayer(lambda number, name, arguments: refuse_third_epoch(arguments)):
            run_command([*stub.ARGUMENTS, "--epochs", "5"], say)

    def refuse_third_epoch(arguments):
        if "/epochs/.tmp-0003" in str(arguments[0]):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))

    code, said = Child(live).wait()
    assert code == 7, "\n".join(said)
    (run,) = Store(tmp_path / "store").runs()
    assert said[-2:] == [
        f"{run.path}/epochs/0003: No space left on device.",
        "Free some space, then resume; everything saved before is unharmed.",
    ]
    assert (run.state, run.epochs()) == ("failed", (0, 1, 2))
    assert verify(run) == []


@pytest.mark.parametrize("size", [100, 4_000, 8_000, 20_000])
def test_a_limit_on_the_size_of_files(tmp_path, size):
    def live(say):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            stub.train(tmp_path, EPOCHS, say)
        except EnvironmentFailure as error:
            raise SystemExit(error.exit_code) from error

    code, said = Child(live).wait()
    assert code == (7 if size < 20_000 else 0)
    stub.check(tmp_path, {*map(int, said)}, resume=EPOCHS)
    assert not list(tmp_path.rglob(".tmp-*"))


@pytest.fixture
def mounted(tmp_path):
    """Return a function that mounts a tmpfs; where that is not allowed, the test is skipped."""
    folders = []

    def mount(size):
        folder = tmp_path / f"disk{len(folders)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not allowed here")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("size", ["1m", "2m", "4m"])
def test_a_disk_that_is_really_full(mounted, size, report):
    root, acknowledged = mounted(size) / "store", set()
    with pytest.raises(EnvironmentFailure, match="No space left on device.\nFree some space"):
        stub.train(root, 1000, acknowledged.add, keep="all")
    (run,) = stub.check(root, acknowledged)
    assert not list(root.rglob(".tmp-*"))
    with pytest.raises(EnvironmentFailure):
        stub.go_on(RunWriter(run.path), 1000)
    stub.check(root, acknowledged)
    report(
        f"disk: a tmpfs of {size}, full after epoch {max(acknowledged)}: all saved epochs whole and readable"
    )


def test_a_read_only_disk_is_read_and_refused_for_writing(mounted):
    disk = mounted("4m")
    stub.train(disk, EPOCHS)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    (run,) = stub.check(disk, set(range(EPOCHS + 1)))
    assert run.state == "finished"
    for write in (lambda: stub.train(disk, 1), lambda: RunWriter(run.path)):
        with pytest.raises(EnvironmentFailure, match="Read-only file system"):
            write()
    for place in (disk, disk / "new", run.path):
        with pytest.raises(EnvironmentFailure, match=f"^{disk}.* is not writable"):
            require_writable(place)


def test_a_signal_for_a_file_too_large_kills_nobody():
    assert signal.getsignal(signal.SIGXFSZ) == signal.SIG_IGN
