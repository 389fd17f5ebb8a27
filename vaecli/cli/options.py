"""Options that several commands share, each declared once."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import Field
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from vaecli.config import TrainConfig, parse_value
from vaecli.store import Run, Store

Callback = TypeVar("Callback", bound=Callable[..., None])

DEFAULT_ARTIFACTS = Path("artifacts")

#: Help in colour and boxes costs a tenth of a second: only where somebody looks.
RICH_HELP = (
    sys.stdout is not None  # it is None where it was closed
    and sys.stdout.isatty()
    and "NO_COLOR" not in os.environ
    and os.environ.get("TERM") != "dumb"
)


def examples(*commands: str) -> str:
    """Return the end of a help page: commands that can be run as they stand."""
    if RICH_HELP:
        return "\n\n".join(["Examples:", *commands])
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


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
AsJson = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Where to write; its ending chooses the format. - is stdout."
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", envvar="VAECLI_DATA", metavar="DIR", help="Look for the dataset's files here first."
    ),
]
Offline = Annotated[bool, typer.Option("--offline", envvar="VAECLI_OFFLINE", help="Never open a connection.")]
Stream = Annotated[
    bool,
    typer.Option(
        "--stream/--no-stream",
        envvar="VAECLI_STREAM",
        help="Decode the images of a large folder or zip each time they are needed, not once into the cache.",
    ),
]
EpochsGif = Annotated[
    bool, typer.Option("--epochs-gif", help="Animate it, one frame an epoch, from the untrained network on.")
]
FramesPerSecond = Annotated[float, typer.Option("--fps", min=0.1, max=50, help="Frames a second.")]
Hold = Annotated[float, typer.Option("--hold", min=0, max=60, help="Seconds that the last frame stays.")]


def knob_options(knobs: Iterable[Field[Any]]) -> Callable[[Callback], Callback]:
    """Return a decorator that gives a command an option for each of the config's knobs.

    The command takes their values as its `**knobs`, by the names of the fields. What Typer
    reads is its signature: there the options stand in the place of `**knobs`.
    """

    def decorate(command: Callback) -> Callback:
        own = inspect.signature(command, eval_str=True)
        written = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
        required = [each for each in written if each.default is each.empty]
        optional = [each for each in written if each.default is not each.empty]
        parameters = [*required, *map(_knob_parameter, knobs), *optional]
        command.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        return command

    return decorate


def _knob_parameter(knob: Field[Any]) -> inspect.Parameter:
    """Return the parameter of a command that stands for a field of the config."""
    facts, annotation = knob.metadata, get_type_hints(TrainConfig)[knob.name]
    choices = ("auto",) * bool(facts.get("auto")) + facts.get("choices", ())
    more: dict[str, Any] = {"autocompletion": complete_dataset} if knob.name == "dataset" else {}
    if not str(knob.type).startswith("str"):
        more["parser"] = lambda word: parse_value(knob.name, word, str(knob.type), facts)
    option = typer.Option(
        f"--{knob.name.replace('_', '-')}",
        *filter(None, [facts["short"]]),
        help=facts["meaning"],
        metavar=facts["metavar"] or "|".join(map(str, choices)) or None,
        rich_help_panel=facts["group"] or None,
        **more,
    )
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(knob.name, kind, default=knob.default, annotation=Annotated[annotation, option])


def open_run(artifacts: Path, reference: str, *, to_change: bool = False) -> Run:
    """Return the run that a reference means.

    Args:
        artifacts: The artifact directory.
        reference: What the user typed, as in `Store.resolve`.
        to_change: Whether the run will be written to or removed: then it must be one of `artifacts`.
    """
    store = Store(artifacts)
    return store.resolve_own(reference) if to_change else store.resolve(reference)
