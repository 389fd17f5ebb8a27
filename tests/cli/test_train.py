"""`vaecli train`: a real training in a real process, watched, stopped and resumed."""

import json
import os
import re
import shlex
import signal

import pytest

TINY = (
    *("--dataset", "shapes", "--size", "12x10", "--limit", "96", "--heldout-limit", "96"),
    *("--batch-size", "32", "--architecture", "dense"),
)


def test_a_training_prints_its_name_and_a_line_per_epoch(vaecli, store):
    result = vaecli("train", *TINY, "--epochs", 2, "--latent-dim", 3)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "shapes-1\n"
    found, classes, *lines = result.stderr.splitlines()
    assert found == ("shapes: 192 images of 12 × 10 × 1, 96 to train on and 96 held out; values 0…253.")
    assert classes.startswith("6 classes: ")
    assert lines[0] == "Loading TensorFlow to train …"
    assert re.fullmatch(
        r"epoch 0/2 saved · −ELBO [\d.]+ = [\d.]+ \+ [\d.]+ · active \d/3 · untrained", lines[1]
    )
    for line, epoch in zip(lines[2:4], (1, 2), strict=True):
        assert re.fullmatch(
            rf"epoch {epoch}/2 saved · −ELBO [\d.]+ = [\d.]+ \+ [\d.]+ · active \d/3 · [\d,]+ images/s", line
        )
    assert lines[4:] == [
        "The training was short: 6 steps in 2 epochs. 96 images usually take 200 epochs in batches of 16.",
        "  vaecli train -d shapes -a dense -z 3 -n 96 --size 12x10 --heldout-limit 96",
    ]
    run = store.resolve()
    assert (run.state, run.epochs(), run.checkpoints()) == ("finished", (0, 1, 2), (2,))
    assert run.snapshot(2).mean.shape == (96, 3)
    assert "cuda" in (run.path / "train.log").read_text()


def test_the_commands_that_it_suggests_find_the_run_wherever_it_is(vaecli):
    place = ("--artifacts", vaecli.folder / "of my own")
    result = vaecli(
        "train", *TINY, "--batch-size", 1, "--kl-warmup", 1, "--epochs", 10, "--name", "mine", *place
    )
    suggested = [line.split("vaecli ")[1] for line in result.stderr.splitlines() if "  vaecli" in line]
    assert suggested[0] == f"latent-plot mine --artifacts '{place[1]}' --epochs-gif"
    for line in suggested:
        assert vaecli(*shlex.split(line)).returncode == 0
    result = vaecli("train", "--resume", "./of my own/mine", "--epochs", 11)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (
        2,
        f"If you mean it, name the run and its directory: mine --artifacts {place[1]}",
    )
    result = vaecli("train", "--resume", "./of my own/mine", "--epochs", 11, *place)
    assert (result.returncode, result.stdout) == (0, "mine\n")


def test_a_training_that_stops_early_says_at_which_epoch_and_which_was_best(vaecli, store):
    result = vaecli(
        "train", *TINY, "--early-stop", 1, "--epochs", 99, "--learning-rate", 1, "--name", "early"
    )
    run = store.resolve("early")
    best = run.stopped_early()
    assert (
        f"Stopped early, at epoch {best + 1} of 99: none after {best} was better."
        f" Its checkpoint is kept, too; --epoch {best} draws it."
    ) in result.stderr.splitlines()


def test_a_training_from_another_run_has_its_network_unless_told_otherwise(vaecli, store):
    assert vaecli("train", *TINY, "--epochs", 1, "-z", 3, "--name", "first").returncode == 0
    again = TINY[: TINY.index("--architecture")]
    result = vaecli("train", *again, "--epochs", 1, "--from", "first", "--name", "second", "--seed", 5)
    run = store.resolve("second")
    assert (result.returncode, run.config.architecture, run.config.latent_dim) == (0, "dense", 3)
    assert run.config.origin == f"first:1:{store.resolve('first').digest[:12]}"
    assert run.metrics(0).active_units == store.resolve("first").metrics(1).active_units
    result = vaecli("train", *again, "--from", "first", "-z", 2)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (2, "Type: --latent-dim 3")
    result = vaecli("train", "--from", "nobody")
    assert (result.returncode, "There is no run 'nobody'" in result.stderr) == (4, True)


def test_quiet_and_json(vaecli):
    result = vaecli("train", *TINY, "--epochs", 1, "--quiet", "--json", "--name", "mine")
    facts = json.loads(result.stdout)
    assert result.stderr == ""
    assert (facts["name"], facts["state"], facts["epochs"]) == ("mine", "finished", 1)


@pytest.mark.parametrize("more", [(), ("--stream",)])
def test_ctrl_c_keeps_the_last_finished_epoch_and_says_how_to_go_on(vaecli, store, more):
    with vaecli.start("train", *TINY, "--epochs", 9999, "--name", "long", *more) as training:
        while not training.stderr.readline().startswith("epoch 3/"):
            assert training.poll() is None
        assert store.resolve("long").state == "running"
        training.send_signal(signal.SIGINT)
        output, errors = training.communicate(timeout=60)
    run = store.resolve("long")
    last = run.epochs()[-1]
    assert (training.returncode, output) == (130, "")
    assert "Stopping after this step; interrupt again to quit at once." in errors.splitlines()
    assert errors.splitlines()[-2:] == [
        f"Stopped; epoch {last} is kept.",
        " ".join(("Resume with: vaecli train --resume long", *more)),
    ]
    assert (run.state, run.epochs()) == ("interrupted", tuple(range(last + 1)))


def test_a_training_that_diverges_exits_with_8_and_keeps_what_was_finite(vaecli, store):
    wild = ("--architecture", "conv", "--learning-rate", 10, "--schedule", "constant")
    result = vaecli("train", *TINY, *wild, "--epochs", 50)
    assert result.returncode == 8, result.stderr
    run = store.resolve()
    assert run.state == "diverged"
    assert run.stop()["message"] in result.stderr
    assert "not a finite number" in run.stop()["message"]
    assert len(result.stderr.splitlines()) <= len(run.epochs()) + 6
    assert "Traceback" not in result.stderr


def test_tensorboard_writes_event_files(vaecli, store):
    assert vaecli("train", *TINY, "--epochs", 1, "--tensorboard").returncode == 0
    assert list((store.resolve().path / "tensorboard").glob("events.out.tfevents.*"))


def test_resume_follows_nothing_that_stands_in_the_run_and_says_how_it_can_be_mended(vaecli, store):
    vaecli("train", *TINY, "--epochs", 1)
    run, mine = store.resolve(), vaecli.folder / "mine"
    mine.mkdir()
    (run.path / "train.log").unlink()
    os.mkfifo(run.path / "train.log")
    (run.path / "tensorboard").symlink_to(mine)
    again = ("train", "--resume", "shapes-1", "--epochs", 2, "--tensorboard")
    result = vaecli(*again)
    assert (result.returncode, result.stdout) == (5, "")
    assert result.stderr.splitlines() == [
        f"{run.path}/tensorboard is a symbolic link.",
        "Expected: a directory that vaecli made; nothing was written.",
        "vaecli runs verify shapes-1 --repair moves it aside.",
    ]
    assert vaecli("runs", "verify", "shapes-1", "--repair").stdout.splitlines() == [
        "shapes-1/tensorboard moved to shapes-1/damaged",
        "shapes-1/train.log moved to shapes-1/damaged",
        "shapes-1 is whole: 2 epochs.",
    ]
    assert vaecli(*again).returncode == 0
    assert list(mine.iterdir()) == []


COLOUR = ("train", "-d", "shapes", "--channels", "3", "--size", "12x10", "-n", "60", "-e", "1", "-a", "dense")


def test_colour_images_get_gaussian_pixels_and_the_user_is_told(vaecli, store):
    result = vaecli(*COLOUR)
    assert result.returncode == 0, result.stderr
    assert "likelihood: gaussian, as the images are in colour" in result.stderr
    assert re.search(
        r"epoch 1/1 saved · −ELBO −?[\d.]+ = −?[\d.]+ \+ [\d.]+ · σ 0\.\d{3} · active", result.stderr
    )
    run = store.resolve("shapes-1")
    assert (run.config.likelihood, run.dataset.shape) == ("gaussian", (12, 10, 3))
    assert run.metrics(1).pixel_scale > 0
    assert 0 < run.metrics(1).squared_error < run.metrics(0).squared_error


def test_a_chosen_likelihood_is_taken_without_words_and_bits_are_told(vaecli, store):
    result = vaecli(*COLOUR, "--likelihood", "logistic")
    assert result.returncode == 0, result.stderr
    assert "likelihood:" not in result.stderr
    assert re.search(r"epoch 1/1 saved .* · \d\.\d\d bits/dimension · active", result.stderr)
    shown = vaecli("runs", "show").stdout
    assert "bits/dimension" in shown
    assert "MSE" in shown


def test_a_likelihood_that_is_none_is_refused_with_the_right_ones(vaecli):
    result = vaecli("train", "--likelihood", "gausian")
    assert result.returncode == 2
    assert "Did you mean 'gaussian'?" in result.stderr
