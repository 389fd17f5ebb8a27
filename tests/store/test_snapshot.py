"""A snapshot is whole and fits together, or it is refused."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.conftest import snapshot_of
from vaecli.config import TrainConfig
from vaecli.errors import DamagedArtifact
from vaecli.store import DatasetRecord, Snapshot
from vaecli.store.formats import Facts


def facts(latent_dim=2, **changes):
    record = {"shape": (12, 10, 1), "class_names": ("a", "b", "c"), "train_count": 600, "heldout_count": 60}
    dataset = DatasetRecord(name="toy", fingerprint="", source="", **{**record, **changes})
    return Facts(TrainConfig(latent_dim=latent_dim), dataset, datetime.now(UTC), 30)


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_a_snapshot_survives_its_arrays(latent_dim):
    snapshot = snapshot_of(2, latent_dim)
    again = Snapshot.from_arrays(snapshot.to_arrays(), facts(latent_dim), "s.h5")
    for name, array in snapshot.to_arrays().items():
        np.testing.assert_array_equal(getattr(again, name), array)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mean": np.zeros((60, 2))}, "mean is not 2-dimensional float32"),
        ({"mean": np.zeros((59, 2), np.float32)}, "do not fit"),
        ({"labels": np.zeros(3, np.int32)}, "do not fit"),
        ({"grid": np.zeros((4, 4, 3, 3, 1), np.uint8)}, "do not fit"),
        ({"grid_dims": np.array([0, 2], np.int32)}, "do not fit"),
        ({"surplus": np.zeros(1)}, "does not hold the arrays of a snapshot"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(DamagedArtifact, match=message):
        Snapshot.from_arrays({**snapshot_of(1).to_arrays(), **changes}, facts(), "s.h5")


@pytest.mark.parametrize(
    "changes", [{"heldout_count": 61}, {"shape": (12, 10, 3)}, {"class_names": ("a", "b")}], ids=str
)
def test_a_snapshot_that_does_not_fit_its_run_is_refused(changes):
    with pytest.raises(DamagedArtifact, match="do not fit one another or the run"):
        Snapshot.from_arrays(snapshot_of(1).to_arrays(), facts(**changes), "s.h5")
