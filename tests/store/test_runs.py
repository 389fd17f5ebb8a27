"""What readers see of the artifact directory."""

import shutil

import numpy as np
import pytest

from tests.conftest import snapshot_of
from vaecli.errors import DamagedArtifact, RunNotFound, UsageError
from vaecli.store import Run, RunWriter, Store
from vaecli.store.runs import check_name, patience_ended


def test_a_run_gives_back_what_was_committed(fabricate):
    run = fabricate(2, beta=0.5)
    assert run.config.beta == 0.5
    assert run.dataset.class_names == ("class 0", "class 1", "class 2")
    assert run.dataset.shape == (12, 10, 1)
    assert run.epochs() == (0, 1, 2)
    assert run.metrics(2).reconstruction == 280.0
    np.testing.assert_array_equal(run.snapshot(1).mean, snapshot_of(1).mean)
    checkpoint = run.checkpoint()
    assert checkpoint.epoch == 2
    np.testing.assert_array_equal(checkpoint.weights["layer/kernel"], np.full((2, 3), 2, np.float32))
    assert checkpoint.optimizer == {"step": 2}


def test_a_store_that_is_not_there_yet_is_empty(store):
    assert store.runs() == []
    with pytest.raises(RunNotFound, match="There is no run in .*\nTrain one first"):
        store.resolve()


def test_runs_are_numbered_and_listed_newest_first(fabricate, store):
    for dataset in ("toy", "toy", "mnist", "toy"):
        fabricate(0, dataset=dataset)
    assert [run.name for run in store.runs()] == ["toy-3", "mnist-1", "toy-2", "toy-1"]


def test_references_find_the_run_that_they_mean(fabricate, store):
    for name in ("alpha", "beta-one", "beta-two"):
        fabricate(0, name=name)
    for reference, name in [
        ("latest", "beta-two"),
        ("@", "beta-two"),
        ("@~0", "beta-two"),
        ("@~2", "alpha"),
        ("al", "alpha"),
        ("beta-one", "beta-one"),
        (str(store.root / "alpha"), "alpha"),
    ]:
        assert store.resolve(reference).name == name


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("beta", "2 runs begin with 'beta': beta-one, beta-two.\nType more"),
        ("alhpa", "Did you mean 'alpha'?"),
        ("zzzzzz", "vaecli runs lists"),
        ("", "There is no run ''"),
        ("@~3", "There are only 3 runs.\nExpected: at most @~2"),
        ("../alpha", "There is no run '../alpha'.\nExpected: the path of a run's directory."),
        ("./alpha/", "There is no run './alpha/'.\nExpected: the path of a run's directory."),
        ("x/" * 2500, "There is no run 'x/x/"),
        ("alpha\0/", "There is no run 'alpha"),
    ],
)
def test_a_reference_to_no_run_or_to_several_says_so(fabricate, store, reference, message):
    for name in ("alpha", "beta-one", "beta-two"):
        fabricate(0, name=name)
    with pytest.raises(RunNotFound) as caught:
        store.resolve(reference)
    assert message in str(caught.value)


def test_a_bare_word_is_a_run_of_the_store_whatever_lies_in_the_current_directory(
    fabricate, store, monkeypatch
):
    for name in ("alpha", "beta", "latest"):
        fabricate(0, name="x").path.rename(store.root / name)
    own, other = Store(store.root.parent / "own"), store.root
    monkeypatch.chdir(other)
    with pytest.raises(RunNotFound, match="There is no run in .*own"):
        own.resolve("alpha")
    shutil.copytree(other / "beta", own.root / "alpha")
    for reference in ("alpha", "al", "latest", "@"):
        assert own.resolve(reference).path == own.root / "alpha"
    with pytest.raises(RunNotFound, match="There is no run 'beta' in .*own"):
        own.resolve("beta")
    assert own.resolve("./alpha").path == other.resolve() / "alpha"


def test_a_path_means_a_directory_however_it_is_written(fabricate, store, monkeypatch):
    path = fabricate(0, name="alpha").path.resolve()
    monkeypatch.chdir(path)
    elsewhere = Store("nowhere")
    for reference in ("./", "../alpha", "epochs/..", "./.", f"{path}/", f"{path.parent}/./alpha/"):
        assert elsewhere.resolve(reference).path == path
    (path / "run.json").unlink()
    with pytest.raises(DamagedArtifact, match="run.json is missing"):
        _ = elsewhere.resolve("./").config


def test_what_writes_or_removes_takes_only_runs_of_the_store_itself(fabricate, store, monkeypatch):
    inside = fabricate(0, name="inside")
    other = Store(store.root.parent / "other")
    shutil.copytree(inside.path, other.root / "outside")
    (store.root / "link").symlink_to(other.root / "outside")
    (store.root / "alias").symlink_to("inside")
    (store.root.parent / "store").symlink_to(store.root)
    monkeypatch.chdir(store.root)
    for reference in ("inside", "ins", "./inside", "../store/inside", str(inside.path)):
        assert store.resolve_own(reference).path.samefile(inside.path)
        assert Store("../store").resolve_own(reference).path.samefile(inside.path)
    for reference, fault in [
        ("link", "link is a symbolic link."),
        ("./link", "link is a symbolic link."),
        ("./alias", "alias is a symbolic link."),
        ("../other/outside", "outside is not in the artifact directory"),
        (f"{other.root}/outside/", "outside is not in the artifact directory"),
    ]:
        assert store.resolve(reference).epochs() == (0,)
        with pytest.raises(UsageError, match=fault):
            store.resolve_own(reference)
    with pytest.raises(UsageError, match="outside --artifacts .*other$"):
        store.resolve_own("../other/outside")
    with pytest.raises(UsageError, match="is not in the artifact directory nowhere"):
        Store("nowhere").resolve_own("./inside")


@pytest.mark.parametrize(("values", "best"), [({}, None), ({0: 5.0}, None), ({0: 5.0, 1: 6.0, 2: 5.0}, 0)])
def test_patience_ends_where_so_many_epochs_brought_no_better_one(values, best):
    assert patience_ended(values, 2) == best
    assert patience_ended(values, None) is None


def test_a_run_that_improves_to_its_end_never_stopped_early_and_keeps_its_best_checkpoint(fabricate):
    run = fabricate(3, total=9, early_stop=2)
    assert (run.state, run.stopped_early(), run.config.checkpoints) == ("interrupted", None, "best")


def test_the_state_is_derived_from_what_is_on_disk(fabricate):
    assert fabricate(3).state == "finished"
    assert fabricate(3, total=5).state == "interrupted"


def test_a_name_that_could_leave_the_store_is_refused():
    for name in ("", "..", "a/b", "-x", ".hidden", "latest", "a b", "x" * 101, "é"):
        with pytest.raises(UsageError, match="cannot be named"):
            check_name(name)


def test_a_missing_epoch_or_checkpoint_is_named_with_what_there_is(fabricate):
    run = fabricate(3)
    with pytest.raises(RunNotFound, match="has no epoch 9.\nOn disk: 0–3"):
        run.snapshot(9)
    with pytest.raises(
        RunNotFound, match="no checkpoint of epoch 1.\nOn disk: 3.\nTrain with --checkpoints all"
    ):
        run.checkpoint(1)


def test_damage_is_found_before_anything_is_used_and_leaves_the_rest_usable(fabricate, store):
    run = fabricate(2)
    path = run.path / "epochs" / "0001" / "snapshot.h5"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedArtifact, match=r"0001/snapshot.h5 is damaged: its SHA-256"):
        run.snapshot(1)
    path.write_bytes(data + b"x")
    with pytest.raises(DamagedArtifact, match="Expected: at most"):
        run.snapshot(1)
    path.unlink()
    with pytest.raises(DamagedArtifact, match="missing"):
        run.snapshot(1)
    assert run.snapshot(2).mean.shape == (60, 2)


def test_an_epoch_that_was_swapped_for_another_is_damage(fabricate):
    run = fabricate(2)
    shutil.rmtree(run.path / "epochs" / "0002")
    shutil.copytree(run.path / "epochs" / "0001", run.path / "epochs" / "0002")
    with pytest.raises(DamagedArtifact, match="says that it is of epoch 1"):
        run.metrics(2)


def test_a_damaged_run_hides_no_other(fabricate, store):
    fabricate(0, name="good")
    bad = fabricate(0, name="bad")
    (bad.path / "run.json").write_text("{}")
    assert [run.name for run in store.runs()] == ["good", "bad"]
    assert store.resolve().name == "good"
    with pytest.raises(DamagedArtifact, match="run.json"):
        _ = Run(bad.path).config


def test_folders_that_are_no_runs_are_passed_over(fabricate, store):
    fabricate(0, name="good")
    (store.root / "notes").mkdir()
    (store.root / "file").write_text("x")
    assert [run.name for run in Store(store.root).runs()] == ["good"]


def test_an_epoch_of_another_run_is_damage_even_if_both_are_alike(fabricate):
    first, second = fabricate(2), fabricate(2)
    shutil.rmtree(first.path / "epochs" / "0002")
    shutil.copytree(second.path / "epochs" / "0002", first.path / "epochs" / "0002")
    with pytest.raises(DamagedArtifact, match="0002/epoch.json is damaged: it belongs to another run"):
        first.snapshot(2)


def test_an_epoch_behind_a_symbolic_link_is_not_read(fabricate):
    run = fabricate(2)
    (run.path / "epochs" / "0001").rename(run.path.parent / "elsewhere")
    (run.path / "epochs" / "0001").symlink_to(run.path.parent / "elsewhere")
    with pytest.raises(DamagedArtifact, match="a file or a link stands where its folder was"):
        run.metrics(1)
    assert run.metrics(2).active_units == 2


def test_a_run_without_its_document_is_not_overlooked(fabricate, store):
    run = fabricate(1)
    (run.path / "run.json").unlink()
    (found,) = store.runs()
    with pytest.raises(DamagedArtifact, match="run.json is missing"):
        _ = found.config


def test_a_run_whose_epochs_are_gone_is_not_taken_for_one_that_has_none_yet(fabricate, store):
    run = fabricate(2, keep="all")
    shutil.rmtree(run.path / "epochs")
    for read in (run.epochs, lambda: run.state, run.checkpoint):
        with pytest.raises(DamagedArtifact, match="epochs is missing"):
            read()
    with RunWriter(run.path) as writer, pytest.raises(DamagedArtifact, match="epochs is missing"):
        writer.clear()
    assert run.checkpoints() == (0, 1, 2)


def test_a_reference_longer_than_any_name_is_just_unknown(fabricate, store):
    fabricate(0)
    with pytest.raises(RunNotFound, match="There is no run"):
        store.resolve("x" * 5000)
