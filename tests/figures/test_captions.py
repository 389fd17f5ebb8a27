"""What a paper would say below a figure."""

import os

from vaecli.figures.captions import paper_caption, title_of
from vaecli.store import lock


def test_a_caption_says_what_is_shown_of_which_data_and_how_it_was_trained(fabricate):
    run = fabricate(2, name="one", beta=0.5)
    assert paper_caption("Latent means.", [run]) == (
        "Latent means. Dataset toy, 600 training and 60 held-out images of 12 × 10 × 1; 2 latents; conv"
        " architecture; β = 0.5; Bernoulli likelihood; epoch 2 of 2; held-out −ELBO 289.0 nats."
    )
    two = paper_caption("Curves.", [run, fabricate(1, name="two", latent_dim=1, likelihood="logistic")], 1)
    assert "one: dataset toy" in two
    assert "two: dataset toy" in two
    assert "1 latent; " in two
    assert "discretised logistic likelihood; epoch 1 of 1" in two


def test_a_caption_names_the_objective(fabricate):
    held, free = fabricate(1, capacity="25:1"), fabricate(1, free_bits=0.5)
    assert "; capacity 25 nats, γ = 10; " in paper_caption("Curves.", [held])
    assert "; β = 1, 0.5 nats free per latent; " in paper_caption("Curves.", [free])


def test_a_run_that_is_being_trained_says_so_in_its_title(fabricate):
    run = fabricate(2, total=8, name="without-kl")
    assert title_of(run) == "without-kl"
    descriptor = lock.acquire(run.path)
    try:
        assert title_of(run) == "without-kl, running, epoch 2 of 8"
    finally:
        os.close(descriptor)
