"""Options that several commands share, each declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import Field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from vaecli.config import TrainConfig, option_of
from vaecli.errors import UsageError
from vaecli.store import Run, Store
from vaecli.values import parse_value

Callback = TypeVar("Callback", bound=Callable[..., None])

DEFAULT_ARTIFACTS = Path("artifacts")

#: What a number is called in help pages.
NUMBERS: dict[type, str] = {int: "N", float: "X", str: "TEXT"}

#: Words that a flag's environment variable may hold.
_TRUTHS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def number_option(
    kind: type[int | float],
    *flags: str,
    least: float | None = None,
    most: float | None = None,
    metavar: str = "",
    help: str,  # noqa: A002 - as Typer calls it
) -> Any:
    """Return an option that takes a number, and says what it expects where another is given."""
    limits = {"minimum": least, "maximum": most}
    return typer.Option(
        *flags,
        metavar=metavar or NUMBERS[kind],
        help=help,
        parser=partial(parse_value, flags[0].removeprefix("--"), annotation=kind.__name__, limits=limits),
    )


def parse_flag(name: str, word: Any) -> bool:
    """Return whether a flag is set by a word, of an environment variable or a settings file.

    Raises:
        UsageError: If the word says neither.

    >>> parse_flag("offline", "yes"), parse_flag("offline", False)
    (True, False)
    """
    truth = word if isinstance(word, bool) else _TRUTHS.get(str(word).strip().lower())
    if truth is None:
        raise UsageError(f"{name} is {word!r}.", "Expected: true or false.")
    return truth


def complete_run(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the names of the runs to the shell; after a slash, those of the directory before it."""
    folder, slash, beginning = incomplete.rpartition("/")
    root = Path(f"{folder}/") if slash else ctx.params.get("artifacts") or DEFAULT_ARTIFACTS
    return [f"{folder}{slash}{run.name}" for run in Store(root).runs() if run.name.startswith(beginning)]


def complete_dataset(incomplete: str) -> list[str]:
    """Offer the names of the datasets to the shell, and how sets of other libraries begin."""
    from vaecli.data.named.catalogue import CATALOGUE

    return [name for name in (*CATALOGUE, "keras:", "tfds:", "hf:") if name.startswith(incomplete)]


Artifacts = Annotated[
    Path,
    typer.Option(
        "--artifacts",
        envvar="VAECLI_ARTIFACTS",
        metavar="DIR",
        rich_help_panel="Output",
        readable=False,  # the store says it itself, and exits with 7
        help="The artifact directory, where runs are kept.",
    ),
]
RunReference = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run: its name, a unique prefix, latest or @, @~1 for the one before; or a path with a slash.",
        autocompletion=complete_run,
        show_default="latest",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", rich_help_panel="Output", help="Write the result as JSON.")]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", rich_help_panel="Output", help="Write nothing to stderr except errors."),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        rich_help_panel="Output",
        help="Where to write; its ending chooses the format. - is stdout.",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar="VAECLI_DATA",
        metavar="DIR",
        rich_help_panel="Data",
        help="Look here first.",
    ),
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline",
        envvar="VAECLI_OFFLINE",
        parser=partial(parse_flag, "offline (VAECLI_OFFLINE)"),
        rich_help_panel="Data",
        help="Do not connect.",
    ),
]
Stream = Annotated[
    bool,
    typer.Option(
        "--stream/--no-stream",
        envvar="VAECLI_STREAM",
        parser=partial(parse_flag, "stream (VAECLI_STREAM)"),
        rich_help_panel="Data",
        help="Decode a large set whenever needed, not once.",
    ),
]
Epoch = Annotated[
    int | None, number_option(int, "--epoch", least=0, help="The epoch to use; by default the last one.")
]
EpochsGif = Annotated[
    bool,
    typer.Option("--epochs-gif", help="Animate it: a frame per epoch, from the untrained network on."),
]
Compare = Annotated[
    list[str] | None,
    typer.Option(
        "--compare",
        metavar="RUN…",
        help="Draw these runs, too, in the same picture.",
        autocompletion=complete_run,
    ),
]
PointMeaning = Annotated[
    str,
    typer.Option(
        "--point",
        metavar="member|mean",
        help="What a class means: its purest and densest held-out image, or the mean of all of them.",
    ),
]
FramesPerSecond = Annotated[
    float, number_option(float, "--fps", least=0.1, most=50, help="Frames per second.")
]
Hold = Annotated[
    float, number_option(float, "--hold", least=0, most=60, help="Seconds to show the last frame for.")
]


#: What a point of latent space may be called.
POINTS = (
    "a class, a held-out image (#123), an image file, a latent (z:0.5,-1.2), or a sum ('bag - boot + sandal')"
)

#: Where the other latents are held, of a figure that moves some of them.
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="POINT",
        help=f"Where the other latents are held: {POINTS}.  [default: the prior's mean]",
    ),
]


def knob_options(knobs: Iterable[Field[Any]]) -> Callable[[Callback], Callback]:
    """Return a decorator that gives a command an option for each of the config's knobs, before its own.

    The command takes their values as its `**knobs`, by the names of the fields.
    """
    return lambda command: with_options(command, map(_knob_parameter, knobs), first=True)


def with_options(command: Callback, options: Iterable[inspect.Parameter], *, first: bool = False) -> Callback:
    """Give a command more options than it is written with; it takes their values as its `**` argument.

    What Typer reads is its signature: there the options stand in the place of that argument.

    Args:
        command: The command.
        options: Parameters whose annotations say what Typer has to know, as `option` makes them.
        first: Whether help lists them before the command's own options, not after them.
    """
    own = inspect.signature(command, eval_str=True)
    written = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
    required = [each for each in written if each.default is each.empty]
    optional = [each for each in written if each.default is not each.empty]
    parameters = [*required, *options, *optional] if first else [*required, *optional, *options]
    command.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return command


def option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """Return the parameter of a command that stands for an option."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _knob_parameter(knob: Field[Any]) -> inspect.Parameter:
    """Return the parameter of a command that stands for a field of the config."""
    facts, annotation = knob.metadata, get_type_hints(TrainConfig)[knob.name]
    kind = next(each for each in (int, float, str) if str(knob.type).startswith(each.__name__))
    choices = ("auto",) * bool(facts.get("auto")) + tuple(facts.get("choices", ()))
    completion = {"dataset": complete_dataset, "origin": complete_run}.get(knob.name)
    more: dict[str, Any] = {"autocompletion": completion} if completion else {}
    if kind is not str:
        more["parser"] = partial(parse_value, knob.name, annotation=str(knob.type), limits=facts)
    declared = typer.Option(
        option_of(knob.name),
        *filter(None, [facts["short"]]),
        help=facts["meaning"],
        metavar=facts["metavar"] or "|".join(map(str, choices)) or NUMBERS[kind],
        rich_help_panel=facts["group"] or None,
        hidden=facts["hidden"],
        **more,
    )
    return option(knob.name, Annotated[annotation, declared], knob.default)


def open_run(artifacts: Path, reference: str, *, to_change: bool = False) -> Run:
    """Return the run that a reference means.

    Args:
        artifacts: The artifact directory.
        reference: What the user typed, as in `Store.resolve`.
        to_change: Whether the run will be written to or removed: then it must be one of `artifacts`.
    """
    store = Store(artifacts)
    return store.resolve_own(reference) if to_change else store.resolve(reference)
