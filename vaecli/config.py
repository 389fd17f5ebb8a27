"""Every knob of a training once, with its default, its range and its meaning.

Everything else reads this one class: the command line builds its options from the
fields, `run.json` stores all of them, the network is built from them, and datasets are
cropped, scaled and split by those that shape images. A new knob is a new field here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from vaecli.errors import UsageError
from vaecli.registry import ARCHITECTURES, LIKELIHOODS, NAMED_SETS, ArchitectureEntry, LikelihoodEntry
from vaecli.values import (
    check,
    parse_bands,
    parse_capacity,
    parse_frames,
    parse_range,
    parse_size,
    parse_table,
    plain,
    refuse_unknown,
)

SCHEDULES = ("constant", "cosine")
FITS = ("cover", "contain", "stretch")
OBJECTIVES = ("elbo", "iwae", "tc")
#: What decides which network there is, apart from the images.
NETWORK_KNOBS = ("architecture", "latent_dim", "likelihood", "sigma")
CHECKPOINTS = ("last", "best", "all")
ROUNDINGS = ("set", "class")

#: What follows from the number of images unless it is said: a small set has smaller batches and more epochs.
EPOCHS, MOST_EPOCHS, LEAST_STEPS = 20, 200, 1500
SMALLEST_BATCH, LARGEST_BATCH, STEPS_PER_EPOCH = 16, 128, 60
#: What the images of a small set times its weight decay are.
DECAY_TIMES_IMAGES = 300
#: Of images that come without a split of their own, this fraction is held out.
TEST_FRACTION = 0.1
#: Latents of each image that the importance-weighted bound is estimated with, if nothing is said.
IMPORTANCE_SAMPLES = 5
#: What holds the KL at its capacity, if nothing is said.
GAMMA = 10.0


#: The architectures that help lists.
_OFFERED = {name: entry for name, entry in ARCHITECTURES.items() if entry.is_offered}


def _named(entries: Mapping[str, ArchitectureEntry] | Mapping[str, LikelihoodEntry]) -> str:
    """Return names, each with its summary."""
    return ", ".join(f"{name} ({entry.summary})" for name, entry in entries.items())


def _default_likelihood(channels: int) -> str:
    """Return the name of the likelihood of images with so many channels when nothing is said."""
    return next(name for name, entry in LIKELIHOODS.items() if channels in entry.default_for)


def _recipes(knob: str) -> str:
    """Return what architectures train with unless told otherwise, the most common value first."""
    values = {name: getattr(entry, knob) for name, entry in _OFFERED.items()}
    common, *others = (value for value, _ in Counter(values.values()).most_common())
    rest = (
        f"{', '.join(name for name in values if values[name] == value)} {plain(value)}" for value in others
    )
    return f"default {'; '.join((plain(common), *rest))}"


def _knob(
    default: Any,
    meaning: str,
    *,
    group: str = "",
    short: str = "",
    metavar: str = "",
    option: str = "",
    shapes_images: bool = False,
    hidden: bool = False,
    **limits: Any,
) -> Any:
    """Declare a field whose `metadata` says all that the command line and the checks need.

    Args:
        default: Its value unless another is given.
        meaning: One line of help.
        group: The heading of the help page that it stands under; the commonly used knobs have none.
        short: The short form of its option.
        metavar: What its value is called in help; by default its choices, or its type.
        option: Its option, if that is not named after the field.
        shapes_images: Whether it decides what the images of a dataset look like, or which are held out.
        hidden: Whether help leaves it out: it is there for runs from before it.
        limits: `choices`, `minimum`, `maximum`, or `above`, an exclusive minimum; `offered`, the choices
            that an error names, if not all; `auto`, whether the word auto stands for None.
    """
    shown = {
        "group": group,
        "short": short,
        "metavar": metavar,
        "option": option,
        "shapes_images": shapes_images,
        "hidden": hidden,
    }
    return field(default=default, metadata={"meaning": meaning, **shown, **limits})


@dataclass(frozen=True)
class TrainConfig:
    """All that decides what a training does: the same config gives the same weights.

    Raises:
        UsageError: If a value is outside its range; the message names the knob.
    """

    dataset: str = _knob(
        "fashion",
        f"Dataset: {', '.join(NAMED_SETS)}; keras:NAME, tfds:NAME, hf:NAME; or a folder, zip or "
        "file of images.",
        short="-d",
        metavar="NAME|PATH",
    )
    architecture: str = _knob(
        "conv",
        f"Network: {_named(_OFFERED)}.",
        short="-a",
        metavar="|".join(_OFFERED),
        choices=ARCHITECTURES,
        offered=_OFFERED,
    )
    latent_dim: int = _knob(2, "Latent dimensions.", short="-z", minimum=1, maximum=4096)
    epochs: int | None = _knob(
        None,
        f"Epochs in total; by default {EPOCHS}, or as many as make {LEAST_STEPS:,} steps.",
        short="-e",
        minimum=1,
        maximum=100_000,
    )
    batch_size: int | None = _knob(
        None,
        f"Images per batch; by default {LARGEST_BATCH}, fewer where there are few images.",
        group="Training",
        short="-b",
        minimum=1,
        maximum=65_536,
    )
    learning_rate: float | None = _knob(
        None,
        f"Adam's; {_recipes('learning_rate')}.",
        group="Training",
        above=0.0,
        maximum=10.0,
    )
    schedule: str | None = _knob(
        None,
        f"Learning rate: constant, or cosine to zero; {_recipes('schedule')}.",
        group="Training",
        choices=SCHEDULES,
    )
    beta: float = _knob(
        1.0, "Weight of the KL term in the loss; 0 switches it off.", minimum=0.0, maximum=1e6
    )
    objective: str = _knob(
        "elbo",
        "elbo; iwae, of several latents; tc, beta weighs the total correlation.",
        group="Objective",
        choices=OBJECTIVES,
    )
    importance_samples: int | None = _knob(
        None,
        f"Latents per image of iwae; default {IMPORTANCE_SAMPLES}.",
        group="Objective",
        minimum=1,
        maximum=1000,
    )
    kl_warmup: float | None = _knob(
        None,
        f"Epochs of KL warm-up; as a fraction of all: {_recipes('kl_warmup')}.",
        group="Objective",
        minimum=0.0,
        maximum=1e6,
    )
    free_bits: float = _knob(
        0.0,
        "KL that each latent has free.",
        group="Objective",
        minimum=0.0,
        maximum=1e6,
    )
    capacity: str | None = _knob(
        None,
        "KL to hold, reached within EPOCHS: half of all.",
        group="Objective",
        metavar="NATS[:EPOCHS]",
    )
    gamma: float | None = _knob(
        None,
        f"Weight of the distance from it; default {GAMMA:g}.",
        group="Objective",
        above=0.0,
        maximum=1e6,
    )
    ema: float | None = _knob(
        None,
        f"Decay of the moving average of the weights that epochs show; {_recipes('ema')}.",
        group="Training",
        minimum=0.0,
        maximum=0.99999,
    )
    clip: float | None = _knob(
        None,
        f"Shorten gradients beyond so many times their usual length; {_recipes('clip')}.",
        group="Training",
        minimum=0.0,
        maximum=1e6,
    )
    weight_decay: float | None = _knob(
        None,
        "AdamW's; by default 0, more for small sets.",
        group="Training",
        minimum=0.0,
        maximum=1e3,
    )
    likelihood: str | None = _knob(
        None,
        f"Distribution of pixels around the decoder's output: {_named(LIKELIHOODS)}; by default "
        f"{_default_likelihood(1)} for grey images and {_default_likelihood(3)} for colour.",
        group="Model",
        choices=LIKELIHOODS,
    )
    sigma: float | None = _knob(
        None,
        "Standard deviation of gaussian pixels, in units of the range 0–1; by default the optimal one.",
        group="Model",
        above=0.0,
        maximum=100.0,
    )
    origin: str | None = _knob(
        None,
        "Start with the weights of a run of equal shape.",
        group="Training",
        metavar="RUN[:EPOCH]",
        option="--from",
    )
    early_stop: int | None = _knob(
        None,
        "Stop when so many epochs bring no better one.",
        group="Training",
        minimum=1,
        maximum=100_000,
    )
    seed: int = _knob(
        0,
        "Seed of everything random.",
        group="Training",
        short="-s",
        shapes_images=True,
        minimum=0,
        maximum=2**31 - 1,
    )
    limit: int | None = _knob(
        None,
        "Train on at most N images, evenly by class.",
        short="-n",
        minimum=1,
        maximum=10**9,
    )
    size: str | None = _knob(
        None,
        "Height × width, for example 64 or 64x48.",
        group="Data",
        metavar="HxW",
        shapes_images=True,
    )
    channels: int | None = _knob(
        None,
        "1 (grey), 3 (colour); auto: 1 if all are grey.",
        group="Data",
        shapes_images=True,
        choices=(1, 3),
        auto=True,
    )
    fit: str = _knob(
        "cover",
        "Other proportions: cover (crop), contain (pad) or stretch.",
        group="Data",
        shapes_images=True,
        choices=FITS,
    )
    background: str = _knob(
        "black",
        "Behind transparent pixels, and of the padding.",
        group="Data",
        metavar="COLOUR",
        shapes_images=True,
    )
    classes: str | None = _knob(
        None,
        "Only these classes: names, or parts of them.",
        group="Data",
        metavar="A,B",
        shapes_images=True,
    )
    test_fraction: float | None = _knob(
        None,
        f"Fraction held out if a set has no split: {TEST_FRACTION}.",
        group="Data",
        shapes_images=True,
        above=0.0,
        maximum=0.99,
    )
    train: str | None = _knob(
        None,
        "Folder of it to train on; with --test.",
        group="Data",
        metavar="DIR",
        shapes_images=True,
    )
    test: str | None = _knob(
        None,
        "Folder of it to hold out; with --train.",
        group="Data",
        metavar="DIR",
        shapes_images=True,
    )
    range: str | None = _knob(
        None,
        "Numbers that are black and white, as 0,4095.",
        group="Data",
        metavar="LOW,HIGH",
        shapes_images=True,
    )
    bands: str | None = _knob(
        None,
        "Channels to keep, one or three, as 3,2,1.",
        group="Data",
        metavar="1,2,3",
        shapes_images=True,
    )
    frames: str | None = _knob(
        None,
        "Of files with several frames: all, or the Nth.",
        group="Data",
        metavar="all|N",
        shapes_images=True,
    )
    labels: str | None = _knob(
        None,
        "Labels of image files, from a table.",
        group="Data",
        metavar="CSV[:COLUMN]",
        shapes_images=True,
    )
    group: str | None = _knob(
        None,
        "Images kept on one side of a split, by names.",
        group="Data",
        metavar="REGEX|CSV",
        shapes_images=True,
    )
    rounding: str = _knob(
        "set",
        "What the held-out fraction is rounded for: the whole set, or each class as in early runs.",
        group="Data",
        shapes_images=True,
        choices=ROUNDINGS,
        hidden=True,
    )
    heldout_limit: int | None = _knob(
        None,
        "Hold out at most N images, whatever --limit is.",
        group="Data",
        minimum=1,
        maximum=10**9,
    )
    checkpoints: str = _knob(
        "last", "Checkpoints kept: last, best (and last) or all.", group="Output", choices=CHECKPOINTS
    )

    def __post_init__(self) -> None:
        for knob in fields(self):
            check(knob.name, getattr(self, knob.name), str(knob.type), knob.metadata)
        if self.size is not None:
            parse_size(self.size)
        if self.range is not None:
            parse_range(self.range)
        if self.bands is not None:
            parse_bands(self.bands)
        if self.frames is not None:
            parse_frames(self.frames)
        if self.labels is not None and parse_table(self.labels) is None:
            raise UsageError(f"labels is {self.labels!r}.", "Expected: a .csv file, or file.csv:COLUMN.")
        if (self.train is None) != (self.test is None):
            given, other = ("train", "test") if self.test is None else ("test", "train")
            raise UsageError(f"--{given} is given without --{other}.", "Expected: both, a folder each.")
        self._check_objective()
        if self.origin is not None and not self.origin.strip(": "):
            raise UsageError(
                f"from is {self.origin!r}.", "Expected: a run, and after a colon perhaps an epoch."
            )
        if self.sigma is not None and self.likelihood != "gaussian":
            raise UsageError(
                f"sigma is {self.sigma:g}, but the likelihood is {self.likelihood or 'not chosen'}.",
                "Expected: --likelihood gaussian as well.",
            )

    def _check_objective(self) -> None:
        """Raise `UsageError` if knobs of the objective contradict each other."""
        if self.capacity is not None:
            parse_capacity(self.capacity)
        is_held, is_free = self.capacity is not None, self.free_bits > 0
        faults = (
            (
                self.objective == "tc" and self.beta == 1.0,
                "beta is 1, with which tc is the same as elbo.",
                "Expected: --beta as the weight of the total correlation, for example 6.",
            ),
            (
                self.importance_samples is not None and self.objective != "iwae",
                f"importance-samples is {self.importance_samples}, but the objective is {self.objective}.",
                "Expected: --objective iwae as well.",
            ),
            (
                self.objective != "elbo" and (is_held or is_free),
                f"{'capacity' if is_held else 'free-bits'} is given with the objective {self.objective}.",
                "Expected: --objective elbo, whose KL term is changed.",
            ),
            (
                self.gamma is not None and not is_held,
                f"gamma is {self.gamma or 0:g}, but there is no capacity.",
                "Expected: both.",
            ),
            (
                self.beta != 1.0 and is_held,
                f"beta is {self.beta:g}, beside a capacity.",
                "Expected: --gamma as the weight of the distance from --capacity.",
            ),
            (
                is_free and is_held,
                "free-bits and capacity are given together.",
                "Expected: one of them, since both say how much KL there shall be.",
            ),
        )
        for is_fault, what, expected in faults:
            if is_fault:
                raise UsageError(what, expected)

    @property
    def draws(self) -> int:
        """How many latents of each image a step of the training takes.

        >>> TrainConfig().draws, TrainConfig(objective="iwae").draws
        (1, 5)
        """
        return (self.importance_samples or IMPORTANCE_SAMPLES) if self.objective == "iwae" else 1

    @property
    def minimises_elbo(self) -> bool:
        """Whether the loss is the −ELBO itself, as it is reported for held-out images.

        >>> TrainConfig().minimises_elbo, TrainConfig(beta=4.0).minimises_elbo
        (True, False)
        """
        changed = self.objective != "elbo", self.beta != 1.0, self.free_bits, self.capacity
        return not any(changed)

    @property
    def objective_words(self) -> str:
        """What is minimised, in the words of a caption.

        >>> TrainConfig(beta=4.0).objective_words, TrainConfig(capacity="25").objective_words
        ('β = 4', 'capacity 25 nats, γ = 10')
        """
        if self.capacity is not None:
            return f"capacity {parse_capacity(self.capacity)[0]:g} nats, γ = {self.gamma or GAMMA:g}"
        name = {"elbo": "", "iwae": f"IWAE with {self.draws} latents, ", "tc": "β-TCVAE, "}[self.objective]
        free = f", {self.free_bits:g} nats free per latent" if self.free_bits else ""
        return f"{name}β = {self.beta:g}{free}"

    @property
    def sides(self) -> tuple[int, int] | None:
        """`(height, width)` that the images shall have; None leaves them as they are.

        >>> TrainConfig(size="64x48").sides
        (64, 48)
        """
        return None if self.size is None else parse_size(self.size)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The numbers that are black and white; None leaves it to the type and the values.

        >>> TrainConfig(range="-1000,2000").ends
        (-1000.0, 2000.0)
        """
        return None if self.range is None else parse_range(self.range)

    @property
    def band_numbers(self) -> tuple[int, ...]:
        """The channels to keep, the first of a file is 1; none keeps what there is.

        >>> TrainConfig(bands="4,3,2").band_numbers
        (4, 3, 2)
        """
        return () if self.bands is None else parse_bands(self.bands)

    @property
    def frame(self) -> int | None:
        """Which frame of a file to read, from 0; None if all of them.

        >>> TrainConfig().frame, TrainConfig(frames="3").frame, TrainConfig(frames="all").frame
        (0, 2, None)
        """
        return parse_frames(self.frames or "1")

    @property
    def class_words(self) -> tuple[str, ...]:
        """The words of `classes`; none keeps all classes.

        >>> TrainConfig(classes="cat, dog").class_words
        ('cat', 'dog')
        """
        return tuple(filter(None, (word.strip() for word in (self.classes or "").split(","))))

    def anchored(self) -> TrainConfig:
        """Return the config with absolute paths of the tables that it names: a run is read from anywhere."""
        anchored: dict[str, Any] = {}
        for knob in ("group", "labels"):
            if table := parse_table(getattr(self, knob) or ""):
                path, column = table
                place = str(Path(path).expanduser().absolute())
                anchored[knob] = f"{place}:{column}" if column else place
        return replace(self, **anchored)

    def image_settings(self) -> dict[str, Any]:
        """Return the knobs that shape a dataset's images, as `load_dataset` takes them.

        >>> TrainConfig(size="64").image_settings()["size"]
        '64'
        """
        return {knob.name: getattr(self, knob.name) for knob in image_knobs()}

    def shaping_key(self) -> str:
        """Return what `image_settings` say, the same however it was typed.

        >>> TrainConfig(size="64").shaping_key() == TrainConfig(size="64x64").shaping_key()
        True
        """
        return repr(sorted({**self.image_settings(), "size": self.sides}.items()))

    def resolved(self, channels: int = 1, images: int = 60_000) -> TrainConfig:
        """Return the config with nothing left open: what follows from images and other knobs is filled in.

        Args:
            channels: Channels of an image, 1 or 3; the default likelihood follows from them.
            images: How many there are to train on; the default batches and epochs follow from them.

        >>> TrainConfig(architecture="post").resolved().learning_rate
        0.0005
        >>> TrainConfig(learning_rate=0.01).resolved().schedule
        'cosine'
        >>> TrainConfig().resolved(3).likelihood
        'gaussian'
        >>> (small := TrainConfig().resolved(images=2000)).batch_size, small.epochs
        (32, 24)
        """
        recipe = ARCHITECTURES[self.architecture]
        batch_size = self.batch_size or default_batch_size(images)
        epochs = self.epochs or default_epochs(images, batch_size)
        return replace(
            self,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=self.learning_rate or recipe.learning_rate,
            schedule=self.schedule or recipe.schedule,
            ema=recipe.ema if self.ema is None else self.ema,
            clip=recipe.clip if self.clip is None else self.clip,
            weight_decay=(
                default_weight_decay(recipe.weight_decay, images)
                if self.weight_decay is None
                else self.weight_decay
            ),
            kl_warmup=self._default_kl_warmup(epochs) if self.kl_warmup is None else self.kl_warmup,
            capacity=None if self.capacity is None else _with_epochs(self.capacity, epochs),
            importance_samples=self.draws if self.objective == "iwae" else None,
            gamma=self.gamma or (None if self.capacity is None else GAMMA),
            likelihood=self.likelihood or _default_likelihood(channels),
            checkpoints="best" if self.early_stop and self.checkpoints == "last" else self.checkpoints,
        )

    def _default_kl_warmup(self, epochs: int) -> float:
        """Return the epochs of the recipe's KL warm-up: none where the capacity rises or latents are used."""
        return 0.0 if self.capacity or self.origin else ARCHITECTURES[self.architecture].kl_warmup * epochs

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
        refuse_unknown(values, [knob.name for knob in fields(cls)])
        return cls(**values)

    @classmethod
    def of_images(cls, settings: Mapping[str, Any]) -> TrainConfig:
        """Build a config from knobs that shape images; the others take their defaults.

        Raises:
            UsageError: If a key is not such a knob, or a value is of the wrong type or range.

        >>> TrainConfig.of_images({"size": "64x48"}).sides
        (64, 48)
        """
        refuse_unknown(settings, [knob.name for knob in image_knobs()])
        return cls(**settings)


def default_batch_size(images: int) -> int:
    """Return the largest power of two that gives an epoch enough steps, within bounds.

    >>> [default_batch_size(images) for images in (60_000, 5000, 2000, 648, 10)]
    [128, 64, 32, 16, 16]
    """
    fitting = 1 << (max(images // STEPS_PER_EPOCH, 1).bit_length() - 1)
    return min(max(fitting, SMALLEST_BATCH), LARGEST_BATCH)


def default_epochs(images: int, batch_size: int) -> int:
    """Return how many epochs give enough steps in total: the usual number at least, never very many.

    >>> [default_epochs(images, default_batch_size(images)) for images in (60_000, 5000, 2000, 648, 10)]
    [20, 20, 24, 37, 200]
    """
    steps = -(-images // batch_size)
    return min(max(EPOCHS, -(-LEAST_STEPS // steps)), MOST_EPOCHS)


def default_weight_decay(most: float, images: int) -> float:
    """Return the weight decay of a set that has smaller batches, the larger the fewer images it has.

    It is in inverse proportion to the images, as a prior of the weights is that counts once for all images.

    Args:
        most: The largest that the architecture takes.
        images: How many there are to train on.

    >>> [default_weight_decay(0.5, images) for images in (60_000, 3000, 600, 10)]
    [0.0, 0.1, 0.5, 0.5]
    """
    return min(most, DECAY_TIMES_IMAGES / images) if images < LARGEST_BATCH * STEPS_PER_EPOCH else 0.0


def option_of(name: str) -> str:
    """Return the option of a field of `TrainConfig`.

    >>> option_of("latent_dim"), option_of("origin")
    ('--latent-dim', '--from')
    """
    (knob,) = (knob for knob in fields(TrainConfig) if knob.name == name)
    return knob.metadata["option"] or f"--{name.replace('_', '-')}"


def image_knobs() -> tuple[Field[Any], ...]:
    """Return the fields of `TrainConfig` that shape a dataset's images, in their order."""
    return tuple(knob for knob in fields(TrainConfig) if knob.metadata["shapes_images"])


def _with_epochs(capacity: str, epochs: int) -> str:
    """Return a capacity that says within how many epochs it rises: by default half of all.

    >>> _with_epochs("25", 20), _with_epochs("25:3", 20)
    ('25:10', '25:3')
    """
    nats, rise = parse_capacity(capacity)
    return f"{nats:g}:{epochs / 2 if rise is None else rise:g}"
