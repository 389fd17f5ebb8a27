"""Which epochs are drawn, and that each is read once."""

import numpy as np
import pytest

from vaecli.errors import RunNotFound, UsageError
from vaecli.figures import epochs
from vaecli.figures.epochs import Snapshots, caption_of, decoded_epochs, drawn_epochs
from vaecli.store import Run


@pytest.mark.parametrize(
    ("wanted", "drawn"),
    [(None, [3]), (1, [1]), ("all", [0, 1, 2, 3]), ([2, 0, 2], [0, 2]), (np.array([3, 1]), [1, 3])],
)
def test_the_epochs_to_draw(fabricate, wanted, drawn):
    assert drawn_epochs(fabricate(3), wanted) == drawn


def test_epochs_without_weights_are_left_out_of_all_that_are_decoded_and_this_is_said(fabricate):
    run, whole = fabricate(3, weights_of=(0, 2, 3)), fabricate(3)
    said = []
    assert decoded_epochs(run, "all", said.append) == [0, 2, 3]
    assert said == ["3 of 4 epochs keep their weights; the others are left out."]
    assert decoded_epochs(run, [1, 2], said.append) == [1, 2]  # asked for: whoever opens it is told
    assert decoded_epochs(run, None, said.append) == [3]
    assert decoded_epochs(whole, "all", said.append) == [0, 1, 2, 3]
    assert len(said) == 1


@pytest.mark.parametrize(("wanted", "message"), [("last", "epochs is 'last'"), ([], "epochs is empty")])
def test_what_is_no_epochs_is_refused(fabricate, wanted, message):
    with pytest.raises(UsageError, match=message):
        drawn_epochs(fabricate(1), wanted)


def test_a_run_without_epochs_has_nothing_to_draw(tmp_path):
    (tmp_path / "epochs").mkdir()
    with pytest.raises(RunNotFound, match="has no finished epoch"):
        drawn_epochs(Run(tmp_path), "all")


def test_the_caption_names_epoch_and_elbo(fabricate):
    assert caption_of(fabricate(2), 2) == "epoch 2  ·  −ELBO 289.0"


def test_a_snapshot_is_read_once_as_long_as_there_is_room(fabricate, monkeypatch):
    run, read = fabricate(2), []
    monkeypatch.setattr(
        Run, "snapshot", lambda self, epoch, real=Run.snapshot: read.append(epoch) or real(self, epoch)
    )
    snapshots = Snapshots(run)
    assert snapshots[1] is snapshots[1]
    monkeypatch.setattr(epochs, "_ROOM", 0)
    cramped = Snapshots(run)
    assert cramped[2].mean.tolist() == cramped[2].mean.tolist()
    assert read == [1, 2, 2]
