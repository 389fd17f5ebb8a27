"""Training and resuming from Python: where dataset, network and store meet."""

import numpy as np
import pytest
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data import Dataset
from vaecli.data.files.folders import load_folder
from vaecli.errors import DataError, EnvironmentFailure, RunNotFound, UsageError
from vaecli.inference import decode
from vaecli.network import pipeline
from vaecli.observers import Silent
from vaecli.training import followed_positions, resume, train


def tensors_of(run, epoch):
    epochs = f"epochs/{epoch:04d}"
    names = (f"checkpoints/{epoch:04d}/tensors.h5", f"{epochs}/snapshot.h5", f"{epochs}/weights.h5")
    return [(run.path / name).read_bytes() for name in names]


def test_a_stopped_and_resumed_training_gives_the_same_bytes(dataset, whole_run, store):
    run = train(dataset, whole_run.config, store, should_stop=lambda: 2 in store.resolve().epochs())
    assert (run.state, run.epochs()) == ("interrupted", (0, 1, 2))
    assert resume(run, dataset).state == "finished"
    for epoch in range(5):
        assert tensors_of(run, epoch) == tensors_of(whole_run, epoch)


def test_a_training_ends_with_its_patience_and_resuming_it_says_what_to_do(dataset, store):
    config = TrainConfig(
        architecture="dense", epochs=60, batch_size=16, early_stop=2, schedule="constant", learning_rate=0.01
    )
    run = train(dataset, config, store, name="patient")
    best, last = run.stopped_early(), run.epochs()[-1]
    values = run.negative_elbos(run.epochs())
    assert (run.state, last, run.total_epochs) == ("finished", best + 2, 60)
    assert values[best] == min(values.values())
    assert run.checkpoints() == (best, last)
    with pytest.raises(UsageError) as caught:
        resume(run, dataset, epochs=90)
    what, _, mend = str(caught.value).splitlines()
    assert what == f"Run patient stopped early, at epoch {last}: none after {best} was better."
    assert mend == "Train anew with more patience: --early-stop 4"
    stopped = train(dataset, config, store, should_stop=lambda: best in store.resolve().epochs())
    assert stopped.state == "interrupted"
    assert resume(stopped, dataset).epochs() == run.epochs()
    assert tensors_of(stopped, last) == tensors_of(run, last)


def test_before_a_cosine_is_cut_short_somebody_is_told_what_that_means(dataset, store):
    class Listener(Silent):
        def says(self, line):
            said.append(line)

    said = []
    config = TrainConfig(architecture="dense", epochs=1, early_stop=5)
    train(dataset, config, store, observer=Listener())
    assert said[0].startswith(
        "The learning rate falls to zero over all 1 epochs: where the training stops early"
    )


def test_where_all_weights_would_take_over_a_gigabyte_fewer_epochs_keep_theirs(dataset, store):
    class Listener(Silent):
        def says(self, line):
            said.append(line)

    said = []
    config = TrainConfig(architecture="dense", epochs=100_000, batch_size=60)
    run = train(
        dataset,
        config,
        store,
        observer=Listener(),
        should_stop=lambda: 2 in store.resolve().epochs(),
    )
    parameters = run.facts.parameters
    every, count = 100_001 * 2 * parameters / 1e9, 1024**3 // (2 * parameters)
    assert said[-1] == (
        f"The weights of all 100,001 epochs would take {every:,.1f} GB; {count:,} epochs keep theirs,"
        " evenly spread, with the first and the last."
    )
    assert [run.keeps_weights(epoch) for epoch in (0, 1, 2)] == [True, False, True]  # 2 has its checkpoint
    with pytest.raises(
        RunNotFound, match="keeps no weights of epoch 1.\nThe nearest epochs with weights: 0 and 2"
    ):
        decode(run, [0.0, 0.0], epoch=1)


def test_streamed_images_train_the_same_network_and_one_that_goes_missing_stops_it(
    store, tmp_path, monkeypatch
):
    monkeypatch.setattr(pipeline, "MOST_HELD", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    random = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for number in range(60):
        pixels = random.integers(0, 256, (12, 10, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
    config = TrainConfig(architecture="dense", epochs=4, batch_size=16)
    in_memory = load_folder(tmp_path / "photos", TrainConfig())
    whole = train(in_memory, config, store, name="whole")
    lost = tmp_path / "photos" / "7.png"

    class LosesAnImage(Silent):
        def saved(self, result, total):
            if result.epoch == 2:
                lost.rename(tmp_path / "7.png")

    streamed = load_folder(tmp_path / "photos", TrainConfig(), stream=True, in_memory=0)
    with pytest.raises(DataError, match=r"photos: 7\.png: No such file or directory"):
        train(streamed, config, store, name="streamed", observer=LosesAnImage())
    run = store.resolve("streamed")
    assert (run.state, run.epochs()) == ("failed", (0, 1, 2))
    (tmp_path / "7.png").rename(lost)
    resume(run, load_folder(tmp_path / "photos", TrainConfig(), stream=True, in_memory=0))
    assert (run.state, tensors_of(run, 4)) == ("finished", tensors_of(whole, 4))


def test_another_seed_gives_other_bytes(dataset, whole_run, store):
    config = TrainConfig.from_dict({**whole_run.config.to_dict(), "seed": 1, "epochs": 1})
    assert tensors_of(train(dataset, config, store), 1) != tensors_of(whole_run, 1)


def test_a_finished_run_goes_on_when_more_epochs_are_asked_for(dataset, store):
    run = train(dataset, TrainConfig(architecture="dense", epochs=1, batch_size=16), store)
    with pytest.raises(UsageError, match="has 1 of 1 epochs: nothing is left.*\nAsk for more.* --epochs 2"):
        resume(run, dataset)
    resume(run, dataset, epochs=2)
    assert (run.state, run.epochs(), run.total_epochs) == ("finished", (0, 1, 2), 2)


def test_another_dataset_is_refused(dataset, store):
    run = train(dataset, TrainConfig(architecture="dense", epochs=1, batch_size=16), store)
    other = Dataset.from_arrays("noise", dataset.train.images[::-1], heldout_images=dataset.heldout.images)
    with pytest.raises(DataError, match="is not the one that run noise-1 was trained on"):
        resume(run, other, epochs=2)


def test_other_limits_than_the_runs_are_refused(dataset, store):
    config = TrainConfig(architecture="dense", epochs=1, batch_size=16, limit=30, heldout_limit=10)
    run = train(dataset.limited(30, 10), config, store)
    with pytest.raises(
        DataError, match=r"has 30 images to train on and 20 held out.\nExpected: 30 and 10, as"
    ):
        resume(run, dataset.limited(30), epochs=2)
    assert resume(run, dataset.limited(30, 10), epochs=2).state == "finished"


def test_another_machine_is_said_and_can_be_allowed(dataset, store, monkeypatch):
    run = train(dataset, TrainConfig(architecture="dense", epochs=1, batch_size=16), store)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: range(99))
    with pytest.raises(EnvironmentFailure, match="cores was .*, is 99.\nAdd --allow-inexact"):
        resume(run, dataset, epochs=2)
    assert resume(run, dataset, epochs=2, allow_inexact=True).state == "finished"


def test_a_run_of_a_gpu_is_not_resumed_on_a_processor_as_exact(dataset, store, monkeypatch):
    config = TrainConfig(architecture="dense", epochs=1, batch_size=16)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("vaecli.network.accelerator", lambda: "NVIDIA H100")
        run = train(dataset, config, store)
    assert run.document["machine"]["accelerator"] == "NVIDIA H100"
    with pytest.raises(EnvironmentFailure, match="accelerator was NVIDIA H100, is none"):
        resume(run, dataset, epochs=2)


def test_the_followed_images_show_every_class_in_turn():
    labels = np.array([2, 2, 0, 1, 0, 1, 2, 0])
    found = followed_positions(labels, per_class=2)
    assert labels[found[:3]].tolist() == [0, 1, 2]
    assert len(set(found.tolist())) == len(found) == 8


def test_the_record_names_the_dataset_that_was_trained_on_whatever_the_config_says(whole_run, dataset):
    assert (whole_run.config.dataset, whole_run.dataset.name) == (dataset.word, "noise")
