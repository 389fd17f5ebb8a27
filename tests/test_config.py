"""The one class that every knob comes from."""

import pytest

from vaecli.config import RECIPES, TrainConfig
from vaecli.errors import UsageError


def test_the_defaults_are_the_tutorials():
    config = TrainConfig(architecture="post").resolved()
    assert (config.learning_rate, config.batch_size, config.epochs, config.latent_dim) == (5e-4, 128, 20, 2)
    assert config.schedule == "constant"


def test_a_config_survives_its_plain_form():
    config = TrainConfig(dataset="mnist", beta=0.0, limit=100, learning_rate=0.01).resolved()
    assert TrainConfig.from_dict(config.to_dict()) == config


def test_every_architecture_has_a_recipe():
    for architecture in RECIPES:
        assert TrainConfig(architecture=architecture).resolved().learning_rate > 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"latent_dim": 0}, "latent-dim is 0.\nExpected: at least 1."),
        ({"epochs": -1}, "epochs is -1"),
        ({"learning_rate": float("nan")}, "learning-rate is nan.\nExpected: a finite number"),
        ({"learning_rate": 0.0}, "Expected: more than 0"),
        ({"beta": -0.5}, "Expected: at least 0"),
        ({"architecture": "cnov"}, "Did you mean 'conv'?"),
        ({"channels": 2}, "Expected one of: 1, 3"),
        ({"batch_size": "many"}, "Expected: int"),
        ({"batch_size": True}, "Expected: int"),
        ({"ephocs": 3}, "Did you mean 'epochs'?"),
        ({"zzz": 3}, "Known settings: dataset"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(values, message):
    with pytest.raises(UsageError) as caught:
        TrainConfig.from_dict(values)
    assert message in str(caught.value)


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
