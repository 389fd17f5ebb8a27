"""The artifact directory: the only room that writes inside it, and the owner of h5py."""

from vaecli.store.formats import DatasetRecord
from vaecli.store.runs import Checkpoint, Run, Store, check_name
from vaecli.store.snapshot import Snapshot
from vaecli.store.writer import RunWriter, create_run

__all__ = ["Checkpoint", "DatasetRecord", "Run", "RunWriter", "Snapshot", "Store", "check_name", "create_run"]
