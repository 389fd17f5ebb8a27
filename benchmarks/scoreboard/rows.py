"""What the scoreboard measures: the rows, as data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.scoreboard.trainings import CIFAR, PEERS, Row, Target, Training

MINUTE = 60.0


def _own(
    name: str, architecture: str = "conv", /, *, seconds: float | None = None, **settings: Any
) -> Training:
    chosen = {} if architecture == "conv" else {"architecture": architecture}
    return Training(name, {**settings, **chosen}, seconds=seconds)


def _asked(training: Training, **numbers: Any) -> Training:
    return replace(training, numbers=numbers)


def _peers(
    *, suffix: str = "", seconds: float | None = None, as_long_as: str = "", **settings: Any
) -> tuple[Training, ...]:
    return tuple(
        Training(
            f"{peer}{suffix}",
            {**settings, **own, "architecture": peer},
            seconds=seconds,
            as_long_as=as_long_as,
            is_peer=True,
        )
        for peer, own in PEERS.items()
    )


_ELBO = "−ELBO of all held-out images at β = 1 with one sampled latent, nats per image"
_SQUARES = (
    "squared error of held-out reconstructions from the mean, over that of as many principal components "
    "of the training images"
)
_TIMES = (15, 30, 60, 150)

_FASHION_2 = _own("conv", dataset="fashion", epochs=20)
_MNIST_2 = _own("conv", dataset="mnist", epochs=20)

_ALL = (
    Row(
        "Q1",
        "Fashion-MNIST, 2 latents, 15 / 30 / 60 / 150 s of training",
        f"{_ELBO}; as many epochs as fit; peers are read at the end of the epoch under way at that time",
        (
            *(_own(f"conv, {time} s", dataset="fashion", latent_dim=2, seconds=time) for time in _TIMES),
            *_peers(dataset="fashion", latent_dim=2, seconds=_TIMES[-1]),
        ),
        tuple(Target(f"conv, {time} s", "negative_elbo", "<", None, 3) for time in _TIMES),
        seeds=3,
    ),
    Row(
        "Q2",
        "Fashion-MNIST, 2 latents, 20 epochs",
        _ELBO,
        (_FASHION_2,),
        (Target("conv", "negative_elbo", "≤", 253.0, 251.0),),
        seeds=3,
    ),
    Row(
        "Q3",
        "Fashion-MNIST, 5 / 10 / 20 latents, 20 epochs",
        f"{_ELBO}; peers train at least as long",
        tuple(
            training
            for latents in (5, 10, 20)
            for training in (
                _own(f"conv, {latents} latents", dataset="fashion", latent_dim=latents, epochs=20),
                *_peers(
                    suffix=f", {latents} latents",
                    as_long_as=f"conv, {latents} latents",
                    dataset="fashion",
                    latent_dim=latents,
                ),
            )
        ),
        tuple(
            target
            for latents, limit, active in ((5, 244, 5), (10, 238, 9), (20, 236, 15))
            for target in (
                Target(f"conv, {latents} latents", "negative_elbo", "≤", limit, limit - 2),
                Target(f"conv, {latents} latents", "negative_elbo", "<", None),
                Target(f"conv, {latents} latents", "active_units", "≥", active),
            )
        ),
    ),
    Row(
        "Q4",
        "MNIST, 2 latents, 20 epochs / 30 minutes",
        f"{_ELBO}; −log p(x) of test images drawn in black and white with seed 0, the network trained on the "
        "grey ones: −ELBO of all of them, less the gap to a quadrature of 1,000 spread over the classes",
        (
            _MNIST_2,
            _asked(
                _own("conv, 30 min", dataset="mnist", latent_dim=2, seconds=30 * MINUTE),
                exact=True,
                binarise=0,
            ),
        ),
        (
            Target("conv", "negative_elbo", "≤", 135.5, 133.5),
            Target("conv, 30 min", "marginal", "≤", 134.5, 132.5),
        ),
        seeds=3,
    ),
    Row(
        "Q5",
        "MNIST, 20 latents, 10 epochs",
        _ELBO,
        (
            _own("conv", dataset="mnist", latent_dim=20, epochs=10),
            _own("dense", "dense", dataset="mnist", latent_dim=20, epochs=10),
            Training(
                "pytorch-400",
                {
                    "dataset": "mnist",
                    "latent_dim": 20,
                    "epochs": 10,
                    "architecture": "pytorch-400",
                    **PEERS["pytorch-400"],
                },
                is_peer=True,
            ),
        ),
        (
            Target("conv", "negative_elbo", "≤", 100, 98),
            Target("conv", "active_units", "≥", 18),
            Target("dense", "negative_elbo", "≤", 103, 98),
            Target("dense", "active_units", "≥", 18),
        ),
        seeds=3,
    ),
    Row(
        "Q6",
        "MNIST, 5 latents, 5 / 20 epochs",
        _ELBO,
        (
            _own("conv, 5 epochs", dataset="mnist", latent_dim=5, epochs=5),
            _own("conv, 20 epochs", dataset="mnist", latent_dim=5, epochs=20),
        ),
        (
            Target("conv, 5 epochs", "negative_elbo", "≤", 122, 118),
            Target("conv, 5 epochs", "active_units", "≥", 5),
            Target("conv, 20 epochs", "negative_elbo", "≤", 110, 108),
            Target("conv, 20 epochs", "active_units", "≥", 5),
        ),
    ),
    Row(
        "Q7",
        "Fashion-MNIST, 2,000 images, all defaults",
        f"{_ELBO}; peers train at least as long",
        (
            _own("conv", dataset="fashion", limit=2000),
            *_peers(as_long_as="conv", dataset="fashion", limit=2000),
        ),
        (
            Target("conv", "negative_elbo", "≤", 278, 272),
            Target("conv", "negative_elbo", "<", None),
        ),
    ),
    Row(
        "Q8",
        "648 images of emoji at 64 × 64, all defaults, 2 / 32 latents",
        f"{_SQUARES}; share of the held-out images' variance that reconstructions explain",
        (
            _own("conv", dataset="emoji", size="64", limit=648),
            _own("conv, 32 latents", dataset="emoji", size="64", limit=648, latent_dim=32),
        ),
        (
            Target("conv", "squared_error_ratio", "<", 1),
            Target("conv", "explained", ">", 0),
            Target("conv, 32 latents", "squared_error_ratio", "<", 1),
            Target("conv, 32 latents", "explained", ">", 0),
        ),
    ),
    Row(
        "Q9",
        "CIFAR subset, 64 latents, 20 epochs; emoji at 64 × 64, 32 latents",
        _SQUARES,
        (
            _own("conv, CIFAR", dataset=CIFAR, latent_dim=64, epochs=20),
            _own("conv, emoji", dataset="emoji", size="64", latent_dim=32),
        ),
        (
            Target("conv, CIFAR", "squared_error_ratio", "≤", 0.9, 0.85),
            Target("conv, emoji", "squared_error_ratio", "≤", 0.9, 0.85),
        ),
    ),
    Row(
        "Q10",
        "MNIST / Fashion-MNIST, 40 latents, 30 minutes",
        "−log p(x) of 2,000 test images drawn in black and white with seed 0, 1,000 importance samples, the "
        "network trained on the grey ones",
        tuple(
            _asked(
                _own(f"conv, {title}", dataset=name, latent_dim=40, seconds=30 * MINUTE),
                importance_samples=1000,
                images=2000,
                binarise=0,
            )
            for name, title in (("mnist", "MNIST"), ("fashion", "Fashion-MNIST"))
        ),
        (
            Target("conv, MNIST", "importance_weighted", "≤", 88.5, 86.8),
            Target("conv, Fashion-MNIST", "importance_weighted", "≤", 232, 229.5),
        ),
    ),
    Row(
        "Q11",
        "MNIST, 25 epochs / Fashion-MNIST, 50 epochs, 8 latents, squared error",
        "Σ squared error + KL with one sampled latent, as DeepOBS has it: −ELBO of normal pixels with "
        "σ² = ½, less its constant",
        tuple(
            _own(
                f"conv, {title}",
                dataset=name,
                latent_dim=8,
                epochs=epochs,
                likelihood="gaussian",
                sigma=0.5**0.5,
            )
            for name, title, epochs in (("mnist", "MNIST", 25), ("fashion", "Fashion-MNIST", 50))
        ),
        (
            Target("conv, MNIST", "squares_and_kl", "≤", 26.3, 25.5),
            Target("conv, Fashion-MNIST", "squares_and_kl", "≤", 21.9, 21.3),
        ),
    ),
    Row(
        "Q12",
        "MNIST / Fashion-MNIST, 2 latents, 20 epochs: neighbours and inference gap",
        "share of test images whose 20 nearest training images by their means have their class; −ELBO less "
        "−log p(x) by quadrature, of 1,000 test images",
        tuple(
            _asked(replace(training, name=f"conv, {title}"), neighbours=True, exact=True)
            for training, title in ((_MNIST_2, "MNIST"), (_FASHION_2, "Fashion-MNIST"))
        ),
        (
            Target("conv, MNIST", "neighbour_accuracy", "≥", 0.80, 0.85),
            Target("conv, MNIST", "inference_gap", "≤", 2, 1),
            Target("conv, Fashion-MNIST", "neighbour_accuracy", "≥", 0.68, 0.72),
            Target("conv, Fashion-MNIST", "inference_gap", "≤", 2, 1),
        ),
    ),
    Row(
        "Q13",
        "Fashion-MNIST, 16 latents, 20 epochs: draws",
        "Fréchet distance of 10,000 draws from the prior in the features of a classifier, over that of draws "
        "from the Gaussian of 16 principal components",
        (_asked(_own("conv", dataset="fashion", latent_dim=16, epochs=20), sampler="prior"),),
        (Target("conv", "frechet_ratio", "≤", 0.5, 0.35),),
    ),
)

#: Every row by its name, in their order.
ROWS = {row.name: row for row in _ALL}
