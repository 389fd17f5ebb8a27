"""`vaecli evaluate`: numbers in a table, as JSON, and per image."""

import csv
import io
import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data import load_dataset
from vaecli.store import Store
from vaecli.training import train


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Return a folder of a few dozen images in two classes."""
    folder, random = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for name in ("day", "night"):
        (folder / name).mkdir()
        for number in range(30):
            pixels = random.integers(0, 256, (12, 10), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number} é.png")
    return folder


@pytest.fixture(scope="module")
def trainings(photos, tmp_path_factory):
    """Train three runs on the photos: two on the same images, and one on smaller ones."""
    whole, small = load_dataset(photos), load_dataset(photos, size="8x8")
    store = Store(tmp_path_factory.mktemp("store"))
    config = TrainConfig(architecture="dense", batch_size=64, epochs=1)
    train(whole, config, store, name="first")
    train(whole, replace(config, beta=4.0), store, name="second")
    train(small, replace(config, size="8x8"), store, name="small")
    return store.root


@pytest.fixture
def runs(trainings, store):
    """Return the test's own store with these runs in it."""
    shutil.copytree(trainings, store.root)
    return store


def test_a_table_says_how_each_number_was_made(vaecli, runs):
    result = vaecli("evaluate", "first")
    assert result.returncode == 0, result.stderr
    assert result.stderr == "Loading TensorFlow to evaluate …\n"
    rows = {line[:22].rstrip(): line[22:].strip() for line in result.stdout.splitlines()}
    assert (rows[""], rows["epoch"], rows["likelihood"]) == ("first", "1", "bernoulli")
    assert rows["images"] == "6 of 6 held out"
    for title in ("−ELBO", "reconstruction", "KL", "above the floor", "squared error of PCA"):
        assert " ± " in rows[title]


def test_an_epoch_without_its_checkpoint_is_said_to_have_rounded_weights(vaecli, runs):
    result = vaecli("evaluate", "first", "--epoch", 0, "-q")
    assert (result.returncode, result.stderr) == (0, "")
    rows = {line[:22].rstrip(): line[22:].strip() for line in result.stdout.splitlines()}
    assert rows["epoch"] == "0 (weights rounded to float16)"


def test_json_holds_protocol_numbers_and_paired_differences(vaecli, runs):
    result = vaecli("evaluate", "first", "second", "--json", "-q", "--seed", 3)
    assert (result.returncode, result.stderr) == (0, "")
    facts = json.loads(result.stdout)
    first, second = facts["evaluations"]
    assert first["protocol"]["fingerprint"] == second["protocol"]["fingerprint"]
    assert first["protocol"]["seed"] == 3
    assert {"tensorflow", "numpy", "vaecli"} <= first["protocol"]["versions"].keys()
    values = [each["numbers"]["negative_elbo"]["value"] for each in (first, second)]
    assert facts["differences"][0]["against"] == "first"
    found = facts["differences"][0]["numbers"]["negative_elbo"]
    assert found["value"] == pytest.approx(values[1] - values[0])
    assert found["standard_error"] > 0
    assert len(first["kl_per_latent"]) == 2


def test_images_in_black_and_white_are_said_to_be(vaecli, runs):
    result = vaecli("evaluate", "first", "--binarise", 4, "-q")
    assert (result.returncode, result.stderr) == (0, "")
    rows = {line[:16].rstrip(): line[16:].strip() for line in result.stdout.splitlines()}
    assert (rows["binarised"], rows["floor"]) == ("seed 4", "0.00 ± 0.00")


def test_everything_that_applies_is_computed_when_all_is_asked_for(vaecli, runs):
    cache = {"XDG_CACHE_HOME": str(vaecli.folder / "cache")}
    result = vaecli("evaluate", "first", "--all", "--json", env=cache)
    assert result.returncode == 0, result.stderr
    numbers = json.loads(result.stdout)["evaluations"][0]["numbers"]
    expected = {"importance_weighted", "inference_gap", "neighbour_accuracy", "aggregate_kl", "coverage"}
    assert expected <= numbers.keys()
    assert "Training a classifier" in result.stderr
    result = vaecli("evaluate", "first", "--all", "--split", "train", "--binarise", 0, "--json", "-q")
    assert (result.returncode, result.stderr) == (0, "")
    numbers = json.loads(result.stdout)["evaluations"][0]["numbers"]
    assert {"importance_weighted", "inference_gap"} <= numbers.keys()
    assert not (expected - {"importance_weighted", "inference_gap"}) & numbers.keys()


def test_draws_are_compared_by_a_classifier_that_the_table_identifies(vaecli, runs):
    cache = {"XDG_CACHE_HOME": str(vaecli.folder / "cache")}
    result = vaecli("evaluate", "first", "--sampler", "gaussian-mixture", env=cache)
    assert result.returncode == 0, result.stderr
    rows = {line[:26].rstrip(): line[26:].strip() for line in result.stdout.splitlines()}
    assert re.fullmatch(r"[0-9a-f]{8}, accuracy [01]\.\d{4}", rows["classifier"])
    assert float(rows["Fréchet distance of draws"]) > 0
    (kept,) = (vaecli.folder / "cache" / "vaecli" / "classifiers").iterdir()
    assert kept.suffix == ".npz"


def test_the_figures_of_every_image_are_written_with_the_names_of_files(vaecli, runs):
    result = vaecli("evaluate", "first", "--per-image", "-o", "errors.csv")
    assert (result.returncode, result.stdout) == (0, "errors.csv\n")
    rows = list(csv.DictReader(io.StringIO((vaecli.folder / "errors.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 6
    assert {row["label"] for row in rows} == {"day", "night"}
    assert all(row["file"].startswith(row["label"]) and row["file"].endswith(" é.png") for row in rows)
    for row in rows:
        parts = float(row["reconstruction"]) + float(row["kl"])
        assert float(row["negative_elbo"]) == pytest.approx(parts)


def test_runs_on_different_images_are_shown_beside_each_other_and_it_is_said(vaecli, runs):
    result = vaecli("evaluate", "first", "small")
    assert result.returncode == 0
    assert "small and first are of different images" in result.stderr
    assert "small − first" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--split", "test"], 2, "Expected one of: heldout, train."),
        (["shapes-1", "shapes-1", "--per-image"], 2, "--per-image takes one run."),
        (["-o", "x.csv"], 2, "-o is for --per-image."),
        (["--images", "0"], 2, "images is 0."),
        (["--sampler", "flow"], 2, "Expected one of: prior, gaussian-mixture."),
        (["--binarise", "-1"], 2, "binarise is -1."),
        (["nothing"], 4, "There is no run 'nothing'"),
        (["--epoch", "9"], 4, "has no"),
    ],
)
def test_a_mistake_is_told(vaecli, fabricate, arguments, code, message):
    fabricate(1, dataset="shapes", size="12x10")
    result = vaecli("evaluate", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
