"""The artifact directory: the only room that writes inside it, and the owner of h5py."""

from vaecli.store.archive import read_archive, write_archive
from vaecli.store.durable import require_writable
from vaecli.store.formats import DatasetRecord
from vaecli.store.repair import Restoration, restore, set_aside
from vaecli.store.runs import Checkpoint, Run, Store, check_name, patience_ended
from vaecli.store.snapshot import Snapshot
from vaecli.store.verification import Finding, verify
from vaecli.store.weights import epochs_with_weights, size_of
from vaecli.store.writer import RunWriter, create_run, remove_run, require_own_files

__all__ = [
    "Checkpoint",
    "DatasetRecord",
    "Finding",
    "Restoration",
    "Run",
    "RunWriter",
    "Snapshot",
    "Store",
    "check_name",
    "create_run",
    "epochs_with_weights",
    "patience_ended",
    "read_archive",
    "remove_run",
    "require_own_files",
    "require_writable",
    "restore",
    "set_aside",
    "size_of",
    "verify",
    "write_archive",
]
