"""The one class that every knob comes from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaecli.config import TrainConfig
from vaecli.errors import UsageError
from vaecli.registry import ARCHITECTURES


def test_the_defaults_are_the_tutorials():
    config = TrainConfig(architecture="post").resolved()
    assert (config.learning_rate, config.batch_size, config.epochs, config.latent_dim) == (5e-4, 128, 20, 2)
    assert config.schedule == "constant"


def test_a_config_survives_its_plain_form():
    config = TrainConfig(dataset="mnist", beta=0.0, limit=100, learning_rate=0.01).resolved()
    assert TrainConfig.from_dict(config.to_dict()) == config


def test_a_capacity_rises_over_half_of_the_epochs_unless_they_are_said():
    config = TrainConfig(capacity="25", epochs=30).resolved()
    assert (config.capacity, config.gamma, config.kl_warmup) == ("25:15", 10.0, 0.0)
    assert TrainConfig(capacity="25:3", epochs=30, gamma=7.0).resolved().capacity == "25:3"
    assert config.resolved() == config


def test_the_importance_weighted_bound_takes_five_latents_unless_told():
    assert TrainConfig(objective="iwae").resolved().importance_samples == 5
    assert TrainConfig(objective="iwae", importance_samples=8).draws == 8
    assert TrainConfig().resolved().importance_samples is None


def test_only_a_loss_that_is_the_elbo_can_be_compared_with_it():
    assert TrainConfig().minimises_elbo
    others = {"beta": 2.0}, {"objective": "iwae"}, {"free_bits": 0.5}, {"capacity": "25"}
    assert not any(TrainConfig(**knobs).minimises_elbo for knobs in others)


def test_every_architecture_has_a_recipe():
    for architecture in ARCHITECTURES:
        assert TrainConfig(architecture=architecture).resolved().learning_rate > 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"latent_dim": 0}, "latent-dim is 0.\nExpected: a whole number from 1 to 4096."),
        ({"epochs": -1}, "epochs is -1"),
        ({"learning_rate": float("nan")}, "learning-rate is nan.\nExpected: a number above 0, at most 10."),
        ({"learning_rate": 0.0}, "learning-rate is 0.\nExpected: a number above 0, at most 10."),
        ({"beta": -0.5}, "beta is -0.5.\nExpected: a number from 0 to 1000000."),
        (
            {"architecture": "cnov"},
            "Expected one of: conv, dense, post, residual.\nDid you mean 'conv'?",
        ),
        ({"channels": 2}, "Expected one of: 1, 3"),
        ({"batch_size": "many"}, "Expected: a whole number"),
        ({"batch_size": True}, "Expected: a whole number"),
        ({"beta": "much"}, "beta is 'much'.\nExpected: a number"),
        ({"dataset": 3}, "dataset is 3.\nExpected: text"),
        ({"size": "big"}, "size is 'big'.\nExpected: a side or height × width from 4 to 1024"),
        ({"fit": "squeeze"}, "fit is 'squeeze'.\nExpected one of: cover, contain, stretch."),
        ({"range": "5,1"}, "range is '5,1'.\nExpected: two numbers, black and white, for example 0,4095."),
        ({"bands": "0"}, "bands is '0'.\nExpected: one channel or three, counted from 1, as 4,3,2."),
        ({"train": "a"}, "--train is given without --test.\nExpected: both, a folder each."),
        ({"test_fraction": 1.0}, "test-fraction is 1.\nExpected: a number above 0, at most 0.99."),
        ({"free_bits": -1.0}, "free-bits is -1.\nExpected: a number from 0"),
        (
            {"capacity": "much"},
            "capacity is 'much'.\nExpected: nats, and after a colon epochs, for example 25",
        ),
        ({"objective": "ewae"}, "Did you mean 'iwae'?"),
        (
            {"objective": "tc"},
            "beta is 1, with which tc is the same as elbo.\nExpected: --beta as the weight",
        ),
        ({"importance_samples": 3}, "importance-samples is 3, but the objective is elbo."),
        ({"objective": "iwae", "free_bits": 1.0}, "free-bits is given with the objective iwae."),
        ({"objective": "tc", "beta": 2.0, "capacity": "5"}, "capacity is given with the objective tc."),
        ({"gamma": 5.0}, "gamma is 5, but there is no capacity."),
        ({"capacity": "25", "beta": 4.0}, "Expected: --gamma as the weight of the distance from --capacity."),
        ({"capacity": "25", "free_bits": 1.0}, "free-bits and capacity are given together."),
        ({"origin": " "}, "from is ' '.\nExpected: a run, and after a colon perhaps an epoch."),
        ({"ephocs": 3}, "Did you mean 'epochs'?"),
        ({"zzz": 3}, "Known settings: dataset"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(values, message):
    with pytest.raises(UsageError) as caught:
        TrainConfig.from_dict(values)
    assert message in str(caught.value)


def test_the_warm_up_of_the_kl_is_in_epochs_unless_it_follows_from_all_of_them():
    assert TrainConfig(kl_warmup=3.0).resolved().kl_warmup == 3.0
    assert TrainConfig(kl_warmup=0.0).resolved().kl_warmup == 0.0
    fraction = ARCHITECTURES["conv"].kl_warmup
    assert TrainConfig(epochs=50).resolved().kl_warmup == 50 * fraction


def test_batches_and_epochs_follow_from_the_number_of_images_unless_they_are_chosen():
    large, small = TrainConfig().resolved(images=60_000), TrainConfig().resolved(images=648)
    assert (large.batch_size, large.epochs) == (128, 20)
    assert (small.batch_size, small.epochs) == (16, 37)
    assert TrainConfig(epochs=50).resolved(images=648).kl_warmup == 12.5
    assert (large.weight_decay, small.weight_decay) == (0, pytest.approx(0.463, abs=1e-3))
    assert TrainConfig(architecture="post").resolved(images=648).weight_decay == 0
    assert TrainConfig(weight_decay=0).resolved(images=648).weight_decay == 0
    chosen = TrainConfig(epochs=3, batch_size=100).resolved(images=648)
    assert (chosen.batch_size, chosen.epochs) == (100, 3)


@given(st.integers(1, 10**7))
def test_by_default_there_are_enough_steps_and_never_very_many_epochs(images):
    config = TrainConfig().resolved(images=images)
    assert config.epochs * -(-images // config.batch_size) >= 1500 or config.epochs == 200


def test_the_likelihood_follows_from_the_channels_unless_it_is_chosen():
    assert TrainConfig().resolved(1).likelihood == "bernoulli"
    assert TrainConfig().resolved(3).likelihood == "gaussian"
    assert TrainConfig(likelihood="logistic").resolved(3).likelihood == "logistic"


@pytest.mark.parametrize("likelihood", [None, "bernoulli", "logistic"])
def test_a_sigma_without_gaussian_pixels_is_refused(likelihood):
    with pytest.raises(
        UsageError, match=r"sigma is 0.5, but the likelihood is .*\nExpected: --likelihood gauss"
    ):
        TrainConfig(sigma=0.5, likelihood=likelihood)


@pytest.mark.parametrize(
    ("size", "sides"), [("64", (64, 64)), ("8x256", (8, 256)), (" 64X48 ", (64, 48)), ("9×10", (9, 10))]
)
def test_a_size_is_a_side_or_height_by_width(size, sides):
    assert TrainConfig(size=size).sides == sides


@pytest.mark.parametrize("classes", [None, "", " , "])
def test_no_classes_are_all_classes(classes):
    assert TrainConfig(classes=classes).class_words == ()


def test_the_knobs_of_images_are_told_from_the_others():
    assert "size" in TrainConfig().image_settings()
    assert "epochs" not in TrainConfig().image_settings()
    assert TrainConfig.of_images({"size": "64", "seed": 3}) == TrainConfig(size="64", seed=3)
    with pytest.raises(UsageError, match="Unknown setting 'epochs'"):
        TrainConfig.of_images({"epochs": 3})


def test_the_path_of_a_table_is_made_absolute_for_the_record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert TrainConfig(group="meta.csv:patient").anchored().group == f"{tmp_path}/meta.csv:patient"
    assert TrainConfig(group="(p.)_").anchored().group == "(p.)_"
