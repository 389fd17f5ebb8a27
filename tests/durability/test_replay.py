"""Power loss: whatever the disk kept of what was not flushed, nothing acknowledged is lost.

All that a run does to the disk is recorded as operations on inodes and names. A crash keeps
every operation that a later flush of its file or folder covers, and of the others any subset,
in the order in which they came: harsher than what journaling file systems leave.
"""

import os
import random
from dataclasses import dataclass
from pathlib import Path

from tests.durability import stub
from tests.durability.conftest import count
from tests.durability.filelayer import FileLayer

EPOCHS = 3


@dataclass(frozen=True)
class Operation:
    """A change of an inode: of a file's bytes, or of the names in a folder.

    Attributes:
        inode: What is changed, and what a flush must be of to keep it.
        names: Name → inode, or None for a name that goes.
        data: Bytes that are appended.
    """

    inode: int
    names: tuple = ()
    data: bytes = b""


class Recorder(FileLayer):
    """Records operations, flushes and acknowledgements while the store works."""

    def __init__(self, root):
        super().__init__(flushes=False)
        self.log, self.next = [], 1
        self.inodes, self.descriptors = {str(root): 0}, {}
        self.folders = {0}

    def after(self, name, arguments, result):
        getattr(self, f"_{name}")(arguments, result)

    def acknowledge(self, epoch):
        self.log.append(("acknowledged", epoch))

    def _new(self, path, *, folder):
        self.inodes[str(path)] = self.next
        if folder:
            self.folders.add(self.next)
        self.next += 1
        self._named(path, self.inodes[str(path)])

    def _named(self, path, inode):
        folder, _, name = str(path).rpartition("/")
        self.log.append(Operation(self.inodes[folder], ((name, inode),)))

    def _open(self, arguments, descriptor):
        path = str(arguments[0])
        if path not in self.inodes and arguments[1] & os.O_CREAT:
            self._new(path, folder=False)
        self.descriptors[descriptor] = self.inodes.get(path)

    def _write(self, arguments, written):
        self.log.append(Operation(self.descriptors[arguments[0]], data=bytes(arguments[1][:written])))

    def _ftruncate(self, arguments, result):
        """Locks are truncated; what stands in them is for messages only."""

    def _fsync(self, arguments, result):
        path = Path(f"/proc/self/fd/{arguments[0]}").readlink()
        self.log.append(("flushed", self.inodes[str(path)]))

    def _mkdir(self, arguments, result):
        self._new(arguments[0], folder=True)

    def _rename(self, arguments, result):
        source, target = map(str, arguments)
        (folder, _, old), new = source.rpartition("/"), target.rpartition("/")[2]
        assert folder == target.rpartition("/")[0]
        moved = self.inodes[source]
        self.log.append(Operation(self.inodes[folder], ((old, None), (new, moved))))
        for path in [path for path in self.inodes if path == source or path.startswith(f"{source}/")]:
            self.inodes[target + path.removeprefix(source)] = self.inodes.pop(path)

    def _unlink(self, arguments, result):
        self._named(arguments[0], None)
        del self.inodes[str(arguments[0])]

    _rmdir = _unlink


def is_note(entry, kind):
    return not isinstance(entry, Operation) and entry[0] == kind


def record(root):
    """Return what two processes did to the disk: a run, and its resumption."""
    root.mkdir()
    recorder = Recorder(root)
    with recorder:
        stub.train(root / "store", EPOCHS - 1, recorder.acknowledge)
        (run,) = stub.Store(root / "store").runs()
        stub.go_on(stub.RunWriter(run.path), EPOCHS, recorder.acknowledge)
    return recorder


def after_a_crash(log, folders, keep):
    """Return folder → {name: inode} and file → bytes of the disk after a crash at the log's end.

    Args:
        log: What was done.
        folders: The inodes that are folders.
        keep: Called with an operation that was not flushed; what it returns is kept of it.
    """
    flushed, kept = set(), []
    for entry in reversed(log):
        if isinstance(entry, Operation):
            kept.append(entry if entry.inode in flushed else keep(entry))
        elif is_note(entry, "flushed"):
            flushed.add(entry[1])
    names, data = {folder: {} for folder in folders}, {}
    for operation in filter(None, reversed(kept)):
        for name, inode in operation.names:
            if inode is None:
                names[operation.inode].pop(name, None)
            else:
                names[operation.inode][name] = inode
        if operation.data:
            data[operation.inode] = data.get(operation.inode, b"") + operation.data
    return names, data


def lay_out(path, names, data, inode=0):
    """Make the disk of a crash in a real folder."""
    path.mkdir()
    for name, child in names[inode].items():
        if child in names:
            lay_out(path / name, names, data, child)
        else:
            (path / name).write_bytes(data.get(child, b""))


def key_of(names, data):
    return repr(sorted((folder, sorted(entries.items())) for folder, entries in names.items())), repr(
        sorted((inode, hash(content)) for inode, content in data.items())
    )


def test_every_prefix_and_any_subset_of_what_was_not_flushed(tmp_path, report):
    recorder = record(tmp_path / "live")
    log, chance = recorder.log, random.Random(0)

    def some(operation):
        draw = chance.random()
        if draw < 0.45:
            return operation
        if draw < 0.6 and operation.data:  # torn
            return Operation(operation.inode, data=operation.data[: chance.randrange(len(operation.data))])
        return None

    ends = range(len(log) + 1)
    crashes = [(end, keep) for end in ends for keep in (lambda operation: operation, lambda operation: None)]
    crashes += [(chance.choice(ends), some) for _ in range(count(1000, 20_000))]
    seen, states = set(), 0
    for number, (end, keep) in enumerate(crashes):
        names, data = after_a_crash(log[:end], recorder.folders, keep)
        acknowledged = {entry[1] for entry in log[:end] if is_note(entry, "acknowledged")}
        if (key := (key_of(names, data), len(acknowledged))) in seen:
            continue
        seen.add(key)
        states += 1
        lay_out(tmp_path / f"{number}", names, data)
        resume = EPOCHS + 1 if number % 10 == 0 else None
        stub.check(tmp_path / f"{number}" / "store", acknowledged, resume=resume)
    report(
        f"power loss: {len(log)} operations, {len(crashes)} crashes (every prefix, 1,000 and more random "
        f"subsets), {states} different disks: 0 acknowledged epochs lost, 0 unreadable stores"
    )


def test_the_model_notices_a_store_that_forgets_to_flush(tmp_path):
    """The negative control: without the flushes, a crash does lose epochs."""
    recorder = record(tmp_path / "live")
    log = [entry for entry in recorder.log if not is_note(entry, "flushed")]
    names, data = after_a_crash(log, recorder.folders, lambda operation: None)
    lay_out(tmp_path / "crashed", names, data)
    assert not stub.Store(tmp_path / "crashed" / "store").runs()
