"""What a document says must be possible."""

import pytest

from vaecli.errors import DamagedArtifact
from vaecli.store import formats


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("created", "2026-01-01T00:00:00", "created has no time zone"),
        ("created", "yesterday", "Invalid isoformat string"),
        ("config", {"epochs": 0}, "epochs is 0"),
        ("config", {"latent_dim": 3 * 10**9}, "latent-dim is 3000000000"),
        ("config", {"colour": 1}, "Unknown setting 'colour'"),
        ("dataset.shape", [28, 28], "its image shape is impossible"),
        ("dataset.shape", [28, 28, 4], "its image shape is impossible"),
        ("dataset.shape", [10**9, 10**9, 1], "its image shape is impossible"),
        ("dataset.class_names", [], "it has no classes"),
        ("dataset.heldout_count", 0, "it counts no images"),
        ("dataset.train_count", 10**12, "it counts no images"),
        ("parameters.total", 31, "its parameter counts are impossible"),
        (
            "parameters",
            {"encoder": 10**12, "decoder": 0, "total": 10**12},
            "its parameter counts are impossible",
        ),
    ],
)
def test_a_run_that_cannot_be_is_refused(fabricate, place, value, message):
    document = dict(fabricate(0).document)
    *folders, key = place.split(".")
    inner = document
    for folder in folders:
        inner[folder] = dict(inner[folder])
        inner = inner[folder]
    inner[key] = value
    with pytest.raises(DamagedArtifact, match=f"run.json is damaged: {message}"):
        formats.facts_of(document, "run.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 2}, "it says that it is of epoch 2"),
        ({"run": "0" * 64}, "it belongs to another run"),
        ({"epochs": 0}, "its total of epochs is impossible"),
        ({"files": {}}, "it lists other files than an epoch has"),
    ],
)
def test_an_epoch_that_cannot_be_is_refused(fabricate, changes, message):
    run = fabricate(1)
    document = {**run.epoch_document(1), **changes}
    with pytest.raises(DamagedArtifact, match=message):
        formats.check_epoch(document, 1, run.digest, 2, "epoch.json")


def test_a_limit_without_one_of_the_held_out_images_holds_for_both_as_it_once_did(fabricate):
    document = dict(fabricate(1, limit=5).document)
    assert formats.facts_of(document, "run.json").config.heldout_limit is None
    document["config"] = {key: value for key, value in document["config"].items() if key != "heldout_limit"}
    assert formats.facts_of(document, "run.json").config.heldout_limit == 5


@pytest.mark.parametrize("knob", ["kl_warmup", "ema", "weight_decay"])
def test_a_run_from_before_there_was_a_knob_trained_without_it(knob, fabricate):
    document = fabricate().document
    document["config"] = {key: value for key, value in document["config"].items() if key != knob}
    assert getattr(formats.facts_of(document, "run.json").config.resolved(images=600), knob) == 0


def test_an_early_run_keeps_the_split_that_it_was_trained_with(fabricate):
    document = fabricate().document
    assert formats.facts_of(document, "run.json").config.rounding == "set"
    document["config"] = {key: value for key, value in document["config"].items() if key != "rounding"}
    assert formats.facts_of(document, "run.json").config.rounding == "class"


@pytest.mark.parametrize(
    ("written", "second", "first"),
    [("conv", "conv-v2", "conv-v1"), ("dense", "dense-v2", "dense-v1"), ("post", "post", "post")],
)
def test_an_early_run_keeps_the_network_that_it_was_trained_with(written, second, first, fabricate):
    document = fabricate().document
    document["config"] |= {"architecture": written}
    assert formats.facts_of(document, "run.json").config.architecture == written
    del document["config"]["free_bits"]
    assert formats.facts_of(document, "run.json").config.architecture == second
    del document["config"]["ema"]
    assert formats.facts_of(document, "run.json").config.architecture == first


def test_sizes_follow_from_the_config(fabricate):
    small, large = fabricate(1).facts, fabricate(1, latent_dim=50).facts
    assert formats.largest_snapshot(large) - formats.largest_snapshot(small) > 60 * 8 * 48
    plain, averaged = fabricate(1, ema=0.0).facts, fabricate(1, ema=0.9).facts
    assert formats.largest_checkpoint(plain) == 3 * 4 * 30 + 1024 * 1024
    assert formats.largest_checkpoint(averaged) == 4 * 4 * 30 + 1024 * 1024
