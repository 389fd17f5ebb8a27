"""Every knob of a training once, with its default, its range and its meaning.

The command line, the run directory and the network all read this one class: the
command line takes names, defaults and help from its fields, `run.json` stores all of
them, and the network is built from them.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from vaecli.errors import UsageError

ARCHITECTURES = ("conv", "dense", "post", "residual")
LIKELIHOODS = ("bernoulli", "continuous-bernoulli", "gaussian", "logistic")
SCHEDULES = ("constant", "cosine")
FITS = ("cover", "contain", "stretch")
CHECKPOINTS = ("last", "best", "all")

#: What each architecture trains with when nothing is said: (learning rate, schedule).
#: `post` is the tutorial's own Adam 5e-4, constant; the others reach a lower held-out
#: −ELBO in fewer epochs with 1e-3 on a cosine to zero.
RECIPES: Mapping[str, tuple[float, str]] = {
    "conv": (1e-3, "cosine"),
    "dense": (1e-3, "cosine"),
    "post": (5e-4, "constant"),
    "residual": (1e-3, "cosine"),
}


def _knob(default: Any, meaning: str, **limits: Any) -> Any:
    """Declare a field whose `metadata` holds its meaning and its limits."""
    return field(default=default, metadata={"meaning": meaning, **limits})


@dataclass(frozen=True)
class TrainConfig:
    """All that decides what a training does: the same config gives the same weights.

    Raises:
        UsageError: If a value is outside its range; the message names the knob.
    """

    dataset: str = _knob(
        "fashion",
        "Dataset: fashion, mnist, shapes or emoji; keras:NAME, tfds:NAME or hf:NAME; or a folder or zip of "
        "images, or an array file.",
    )
    architecture: str = _knob(
        "conv",
        "Network: conv (the default), dense (fully connected), post (the tutorial's), or residual (for 64 "
        "pixels and more).",
        choices=ARCHITECTURES,
    )
    latent_dim: int = _knob(2, "Latent dimensions.", minimum=1, maximum=4096)
    epochs: int = _knob(20, "Epochs in total.", minimum=1, maximum=100_000)
    batch_size: int = _knob(128, "Images per batch.", minimum=1, maximum=65_536)
    learning_rate: float | None = _knob(
        None,
        "Adam's learning rate; by default 1e-3, or 5e-4 for post.",
        above=0.0,
        maximum=10.0,
    )
    schedule: str | None = _knob(
        None,
        "Learning rate over the epochs: cosine to zero, or constant (the default for post).",
        choices=SCHEDULES,
    )
    beta: float = _knob(
        1.0, "Weight of the KL term in the loss; 0 switches it off.", minimum=0.0, maximum=1e6
    )
    likelihood: str | None = _knob(
        None,
        "How pixels are distributed around the decoder's output; by default bernoulli for grey images and "
        "gaussian for colour.",
        choices=LIKELIHOODS,
    )
    sigma: float | None = _knob(
        None,
        "Standard deviation of gaussian pixels, in units of the range 0–1; by default the optimal one.",
        above=0.0,
        maximum=100.0,
    )
    seed: int = _knob(0, "Everything random follows from it.", minimum=0, maximum=2**31 - 1)
    limit: int | None = _knob(
        None, "Train on at most N images, spread evenly over the classes.", minimum=1, maximum=10**9
    )
    size: str | None = _knob(None, "Height × width of the images, for example 64 or 64x48.")
    channels: int | None = _knob(
        None, "Channels of the images: 1 (grey), 3 (colour), or auto: 1 if all are grey.", choices=(1, 3)
    )
    fit: str = _knob(
        "cover",
        "Images of other proportions: cover (cut off what is over), contain (leave bars) or stretch.",
        choices=FITS,
    )
    background: str = _knob("black", "Colour behind what is transparent and beside what is contained.")
    classes: str | None = _knob(None, "Classes to keep, parted by commas: names, or unique parts of them.")
    test_fraction: float | None = _knob(
        None,
        "Part of the images to hold out where a set has no split of its own; by default 0.1.",
        above=0.0,
        maximum=0.99,
    )
    checkpoints: str = _knob("last", "Checkpoints kept: last, best (and last) or all.", choices=CHECKPOINTS)

    def __post_init__(self) -> None:
        for knob in fields(self):
            _check(knob.name, getattr(self, knob.name), str(knob.type), knob.metadata)
        if self.sigma is not None and self.likelihood != "gaussian":
            raise UsageError(
                f"sigma is {self.sigma:g}, but the likelihood is {self.likelihood or 'not chosen'}.",
                "Expected: --likelihood gaussian with it.",
            )

    def resolved(self, channels: int = 1) -> TrainConfig:
        """Return the config with nothing left open: what follows from other knobs is filled in.

        Args:
            channels: Channels of an image, 1 or 3; the default likelihood follows from them.

        >>> TrainConfig(architecture="post").resolved().learning_rate
        0.0005
        >>> TrainConfig(learning_rate=0.01).resolved().schedule
        'cosine'
        >>> TrainConfig().resolved(3).likelihood
        'gaussian'
        """
        learning_rate, schedule = RECIPES[self.architecture]
        return replace(
            self,
            learning_rate=self.learning_rate or learning_rate,
            schedule=self.schedule or schedule,
            likelihood=self.likelihood or ("bernoulli" if channels == 1 else "gaussian"),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every knob as plain values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainConfig:
        """Build a config from plain values; missing knobs take their defaults.

        Raises:
            UsageError: If a key is unknown or a value is of the wrong type or range.

        >>> TrainConfig.from_dict({"epochs": 3}).epochs
        3
        """
        known = [knob.name for knob in fields(cls)]
        for key in values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                raise UsageError(
                    f"Unknown setting {key!r}.",
                    mend=f"Did you mean {near[0]!r}?" if near else f"Known settings: {', '.join(known)}.",
                )
        return cls(**values)


def _check(name: str, value: Any, annotation: str, limits: Mapping[str, Any]) -> None:
    """Raise `UsageError` unless `value` has the annotated type and respects the limits."""
    option = name.replace("_", "-")
    if value is None and "None" in annotation:
        return
    wanted: tuple[type, ...] = {"int": (int,), "float": (int, float), "str": (str,)}[
        annotation.split(" ", maxsplit=1)[0]
    ]
    if isinstance(value, bool) or not isinstance(value, wanted):
        raise UsageError(f"{option} is {value!r}.", f"Expected: {wanted[-1].__name__}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{option} is {value}.", "Expected: a finite number.")
    if (choices := limits.get("choices")) and value not in choices:
        near = difflib.get_close_matches(str(value), [str(choice) for choice in choices], n=1)
        raise UsageError(
            f"{option} is {value!r}.",
            f"Expected one of: {', '.join(str(choice) for choice in choices)}.",
            f"Did you mean {near[0]!r}?" if near else "",
        )
    if (minimum := limits.get("minimum")) is not None and value < minimum:
        raise UsageError(f"{option} is {value}.", f"Expected: at least {minimum}.")
    if (above := limits.get("above")) is not None and value <= above:
        raise UsageError(f"{option} is {value}.", f"Expected: more than {above:g}.")
    if (maximum := limits.get("maximum")) is not None and value > maximum:
        raise UsageError(f"{option} is {value}.", f"Expected: at most {maximum}.")
