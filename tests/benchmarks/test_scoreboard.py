"""The scoreboard: its rows make sense, peers are what their sources say, and results become a page."""

import itertools
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vaecli
from benchmarks.scoreboard import page, plot
from benchmarks.scoreboard.command import measure
from benchmarks.scoreboard.measuring import Entry
from benchmarks.scoreboard.pictures import images_of
from benchmarks.scoreboard.results import COMMITTED, Results
from benchmarks.scoreboard.rows import ROWS
from benchmarks.scoreboard.running import Runner
from benchmarks.scoreboard.trainings import PEERS, Row, Target, Training
from benchmarks.scoreboard.verdicts import best_peer, title_of, verdicts
from vaecli.errors import UsageError

ROOT = Path(__file__).parents[2]

#: 64 images of 8 × 8, so that an epoch takes a moment.
TOY = {
    "dataset": "shapes",
    "size": "8",
    "limit": 64,
    "heldout_limit": 32,
    "architecture": "dense",
    "epochs": 1,
}


def peer(name):
    return import_module(f"benchmarks.scoreboard.peers.{name}").ARCHITECTURE


def parameters(halves):
    shapes = [shape for half in halves for shape in half.tensors().values()]
    return sum(int(np.prod(shape)) for shape in shapes)


def entry(row="Q7", training="conv", seed=0, elbo=270.0, curve=((5.0, 290.0), (10.0, 270.0)), **others):
    values = {
        "run": f"{training}-{seed}",
        "asked": {},
        "parameters": 1000,
        "epochs": len(curve),
        "seconds": curve[-1][0],
        "numbers": {"negative_elbo": (elbo, 1.2), "active_units": (2.0, None)},
        "load": (0.5, 1.5),
        "protocol": {"dataset": "fashion", "latent_dim": 2, "versions": {"tensorflow": "2.21.0"}},
        "processor": "a processor",
        "cores": 2,
        "date": "2026-11-26",
    }
    return Entry(row=row, training=training, seed=seed, curve=curve, **{**values, **others})


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_targets_and_peers_of_a_row_name_what_it_trains_and_what_is_measured(row):
    names = [training.name for training in row.trainings]
    assert len(set(names)) == len(names)
    for target in row.targets:
        assert not row.training(target.training).is_peer
        assert title_of(target.number)
        assert target.limit is not None or row.peers_of(row.training(target.training))
    for training in row.trainings:
        assert not training.as_long_as or row.training(training.as_long_as).settings["dataset"]


PROGRAM = """
import sys
from pathlib import Path
from benchmarks.scoreboard.rows import ROWS
from vaecli import TrainConfig
from vaecli.blueprint.network import of_config
from vaecli.registry import ARCHITECTURES

ARCHITECTURES.look_in(Path("benchmarks/scoreboard/peers").absolute())
for row in ROWS.values():
    for training in row.trainings:
        config = TrainConfig(**training.settings).resolved()
        drawn = of_config(config, (28, 28, 1))
        print(config.architecture, config.schedule if training.is_peer else "", drawn.image_shape)
"""


def test_every_training_is_one_that_vaecli_can_do_once_the_peers_are_named():
    command = [sys.executable, "-c", PROGRAM]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    found = {line.split()[0]: line for line in lines}
    assert {"conv", "dense", *PEERS} == set(found)
    assert all(found[name] == f"{name} constant (28, 28, 1)" for name in PEERS)  # so they can be lengthened


def test_the_command_says_what_was_not_measured(tmp_path):
    command = [sys.executable, "benchmarks/scoreboard", "Q2", "--page"]
    command += ["--split", "validation", "--artifacts", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1].endswith("| ≤ 253 (251) | not measured | – | – |")


@pytest.mark.parametrize(
    ("name", "latents", "count"),
    [
        ("keras_io", 2, 134_165),  # published
        ("plain_conv", 2, 1_265_989),
        ("plain_dense", 2, 1_068_820),
        ("pytorch_400", 20, 652_824),
        ("tensorflow_cvae", 2, 69_989),
    ],
)
def test_a_peer_has_as_many_parameters_as_its_source(name, latents, count):
    assert parameters(peer(name).draw((28, 28, 1), latents)) == count


def test_the_network_of_the_cvae_tutorial_convolves_without_padding():
    import keras

    from vaecli.network.building import build

    encoder = build(peer("tensorflow_cvae").draw((28, 28, 1), 2)[0], seed=0)
    images = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    x = images
    for name, filters in (("conv_0", 32), ("conv_1", 64)):
        layer = keras.layers.Conv2D(filters, 3, 2, padding="valid", activation="relu")
        layer.build(x.shape)
        layer.set_weights(encoder.get_layer(name).get_weights())
        x = np.asarray(layer(x))
    mean, _ = encoder(images)
    expected = encoder.get_layer("mean")(x.reshape(3, -1))
    np.testing.assert_allclose(np.asarray(mean), np.asarray(expected), atol=1e-5)


def test_in_validation_the_test_set_is_not_seen():
    config = vaecli.TrainConfig(dataset="shapes", size="8", limit=50)
    whole = vaecli.load_dataset("shapes", size="8")
    found = images_of(config, "validation")
    assert len(found.heldout) == len(whole.train) // 10
    np.testing.assert_array_equal(found.heldout.images, whole.train.images[9::10])
    assert (found.name, len(found.train)) == ("shapes-validation", 50)
    assert found.fingerprint != whole.fingerprint
    assert len(images_of(config, "test").heldout) == len(whole.heldout)


def test_a_set_that_has_no_name_is_asked_for(tmp_path):
    config = vaecli.TrainConfig(dataset="cifar10-subset.zip")
    with pytest.raises(UsageError, match=r"cifar10-subset\.zip is no named set") as caught:
        images_of(config, "test")
    assert caught.value.mend == "Say where it lies: --images FOLDER"


def toy(**others):
    own = Training("toy", {**TOY, **others})
    return Row("T", "work", "protocol", (own,), (Target("toy", "negative_elbo", "<", 64.0),))


def test_a_finished_training_is_skipped_an_interrupted_one_resumed_and_one_that_fails_said(tmp_path):
    row, said = toy(epochs=2), []
    broken = Training("broken", {**TOY, "dataset": "cifar10-subset.zip"})
    runner = Runner(vaecli.Store(tmp_path), "validation", None, said.append)
    name = runner.name_of(row, row.trainings[0], 0)
    stops = itertools.chain([False, True], itertools.repeat(True))
    config = vaecli.TrainConfig(**row.trainings[0].settings)
    run = vaecli.train(
        images_of(config, "validation"),
        config,
        vaecli.Store(tmp_path),
        name=name,
        should_stop=lambda: next(stops),
    )
    before = run.epochs()
    assert run.state == "interrupted"
    failing = replace(row, trainings=(broken, *row.trainings))
    assert measure([failing], Results(tmp_path / "results.json"), runner, said.append)
    assert said[0].startswith("T, broken, seed 0: cifar10-subset.zip is no named set.")
    assert before < run.epochs() == (0, 1, 2)
    assert [run.name for run in vaecli.Store(tmp_path).runs()] == [name]
    found = Results(tmp_path / "results.json").of("T", "toy")
    assert [each.run for each in found] == [name]
    assert found[0].numbers["negative_elbo"][0] == pytest.approx(run.metrics(2).negative_elbo, rel=1e-5)
    said.clear()
    assert not measure([row], Results(tmp_path / "results.json"), runner, said.append)
    assert said == []


def test_what_is_asked_for_or_trained_otherwise_is_measured_again(tmp_path):
    results = Results(tmp_path / "results.json")
    results.put(entry(run="a-run"))
    training = Training("conv", {})
    assert results.has("Q7", training, 0, "a-run")
    assert not results.has("Q7", training, 0, "another-run")
    assert not results.has("Q7", training, 1, "a-run")
    assert not results.has("Q7", replace(training, numbers={"exact": True}), 0, "a-run")


def test_a_peer_trains_at_least_as_long_as_what_it_is_compared_with(tmp_path):
    rival = Training(
        "rival", {**TOY, "schedule": "constant", "kl_warmup": 0.0}, as_long_as="toy", is_peer=True
    )
    row = toy(epochs=3)
    row = replace(row, trainings=(*row.trainings, rival))
    runner = Runner(vaecli.Store(tmp_path), "validation", None, lambda line: None)
    own, other = (runner.trained(row, training, 0) for training in row.trainings)
    assert other.seconds >= own.seconds
    assert other.run.state == "finished"
    assert runner.trained(row, rival, 0).run.epochs() == other.run.epochs()


def test_results_are_read_as_they_were_written(tmp_path):
    results = Results(tmp_path / "results.json")
    results.put(entry(seed=1))
    results.put(entry(seed=0))
    assert Results(results.path).of("Q7", "conv") == [entry(seed=0), entry(seed=1)]


def test_a_fabricated_result_becomes_a_page_with_verdicts_and_a_plot(tmp_path):
    results = Results(tmp_path / "results.json")
    for seed, elbo in enumerate((271.0, 272.0, 273.0)):
        results.put(entry(seed=seed, elbo=elbo))
    results.put(entry(training="plain-dense", elbo=268.0, curve=((4.0, 280.0), (9.0, 275.0), (12.0, 271.5))))
    results.put(entry(training="post", elbo=300.0, curve=((20.0, 300.0),)))
    page.write(results, tmp_path / "page.md", tmp_path / "plot.png")
    lines = (tmp_path / "page.md").read_text(encoding="utf-8").splitlines()
    assert (
        "| Q7 | Fashion-MNIST, 2,000 images, all defaults | conv: −ELBO | ≤ 278 (272) |"
        " 272.00 ± 1.00 (3 seeds) | yes | yes |"
    ) in lines
    assert (
        "|  |  | conv: −ELBO | < every peer after the same seconds (best measured: plain-dense 271.50) |"
        " 272.00 ± 1.00 (3 seeds) | **no** | – |"
    ) in lines
    assert (
        "| Q2 | Fashion-MNIST, 2 latents, 20 epochs | conv: −ELBO | ≤ 253 (251) | not measured | – | – |"
        in lines
    )
    assert (
        "| post | 300.00 (1 seed, ± 1.20 over images) | 2 (1 seed) | 1 | 20 | 1,000 | 0.5 to 1.5 |" in lines
    )
    assert "    vaecli train --dataset fashion --limit 2000" in lines
    assert "Measured on 2 cores of a processor, 2026-11-26, with tensorflow 2.21.0." in lines
    with Image.open(tmp_path / "plot.png") as image:
        assert image.width > 300


def test_a_peer_is_read_at_the_end_of_the_epoch_under_way(tmp_path):
    results, row = Results(tmp_path / "results.json"), ROWS["Q1"]
    results.put(entry("Q1", "conv, 15 s", curve=((7.0, 280.0), (14.0, 270.0))))
    results.put(entry("Q1", "post", curve=((14.5, 275.0), (29.0, 269.0), (60.0, 260.0))))
    assert best_peer(row, "conv, 15 s", results) == ("post", 269.0)
    assert best_peer(row, "conv, 30 s", results) is None
    verdict = verdicts(row, results)[0]
    assert (verdict.is_met, verdict.is_stretch_met) == (False, False)


def test_without_results_there_is_no_plot(tmp_path):
    assert not plot.draw(Results(tmp_path / "none.json"), tmp_path / "plot.png")
    assert list(tmp_path.iterdir()) == []


def test_seconds_of_a_busy_machine_are_not_drawn(tmp_path):
    results = Results(tmp_path / "results.json")
    for training in ("conv", "post"):
        results.put(entry(training=training, load=(2.0, 9.5)))
    page.write(results, tmp_path / "page.md", tmp_path / "plot.png")
    assert not (tmp_path / "plot.png").exists()
    assert "There is no plot" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_the_page_in_the_documents_is_what_the_results_say():
    expected = page.text(Results(COMMITTED), has_plot=page.PLOT.exists())
    assert page.PAGE.read_text(encoding="utf-8") == expected
