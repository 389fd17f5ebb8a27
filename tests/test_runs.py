"""Runs by what they are called, from Python."""

import pytest

from vaecli.errors import RunNotFound
from vaecli.runs import default_store, last_epoch, open_run
from vaecli.store import Run


def test_a_word_means_a_run_of_the_store_and_a_run_means_itself(fabricate, store):
    run = fabricate(1, name="toy-1")
    fabricate(1, name="other")
    assert open_run("toy", store).path == run.path
    assert open_run(store=store).name == "other"
    assert open_run(run) is run


def test_the_store_is_the_one_that_the_environment_names(fabricate, store, tmp_path, monkeypatch):
    run = fabricate(1, name="toy-1")
    monkeypatch.setenv("VAECLI_ARTIFACTS", str(store.root))
    assert open_run("latest").path == run.path
    monkeypatch.delenv("VAECLI_ARTIFACTS")
    monkeypatch.chdir(tmp_path)
    assert str(default_store().root) == "artifacts"
    with pytest.raises(RunNotFound, match="There is no run in artifacts"):
        open_run("latest")


def test_the_last_epoch_of_a_run_without_any_is_an_error(fabricate, tmp_path):
    assert last_epoch(fabricate(2)) == 2
    (tmp_path / "epochs").mkdir()
    with pytest.raises(RunNotFound, match="has no finished epoch"):
        last_epoch(Run(tmp_path))
