"""Runs by what they are called, from Python."""

import json

import pytest

from vaecli.errors import RunNotFound
from vaecli.runs import Summary, default_store, facts_of, last_epoch, open_run, summary_of, verified
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


def test_a_run_is_summed_up_as_far_as_it_got(fabricate):
    summary = summary_of(fabricate(2, total=5, name="toy-1"))
    assert 0 <= summary.age < 60
    settings = ((12, 10, 1), 2, "conv", 1.0, "bernoulli")
    assert summary == Summary("toy-1", "toy", "interrupted", 2, 5, 289.0, summary.age, *settings)


def test_a_damaged_run_is_summed_up_too(fabricate):
    run = fabricate(1, name="toy-1")
    (run.path / "run.json").write_bytes(b"{}")
    assert summary_of(Run(run.path)) == Summary("toy-1", None, "damaged", None, None, None, None)


def test_the_facts_of_a_run_are_plain_values(fabricate):
    run = fabricate(2)
    facts = facts_of(run, {epoch: run.metrics(epoch) for epoch in run.epochs()})
    assert json.loads(json.dumps(facts)) == facts
    assert [entry["epoch"] for entry in facts["metrics"]] == [0, 1, 2]
    assert (facts["state"], facts["checkpoints"], facts["weights"]) == ("finished", [2], [0, 1, 2])


def test_parameters_are_counted_by_the_blueprint(fabricate):
    run = fabricate(1, architecture="post", shape=(28, 28, 1))
    assert run.document["parameters"]["total"] == 30  # a number made up for the test
    counts = {"encoder": 144_836, "decoder": 3_209_733, "total": 3_354_569}
    assert facts_of(run, {})["parameters"] == counts


def test_a_damaged_epoch_is_found_moved_aside_and_brought_back(fabricate):
    run = fabricate(2)
    snapshot = run.path / "epochs" / "0002" / "snapshot.h5"
    whole = snapshot.read_bytes()
    assert verified(run)["damage"] == []
    snapshot.write_bytes(whole[:-1] + b"!")
    assert [found["file"] for found in verified(run)["damage"]] == ["epochs/0002/snapshot.h5"]
    assert "epochs/0002" in verified(run, repair=True)["moved"]
    assert run.epochs() == (0, 1)
    (aside,) = (run.path / "damaged").rglob("snapshot.h5")
    aside.write_bytes(whole)
    assert "epochs/0002" in verified(run, restore=True)["restored"]
    assert run.epochs() == (0, 1, 2)
