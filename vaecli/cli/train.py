"""`vaecli train`: a network trained, every epoch kept."""

from __future__ import annotations

import importlib.util
import shlex
import sys
from contextlib import nullcontext
from dataclasses import asdict, fields
from typing import Annotated, Any

import typer

from vaecli import chatter
from vaecli.cli.datasets import Access, open_dataset
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    DataDir,
    Offline,
    Quiet,
    Stream,
    complete_run,
    knob_options,
    open_run,
)
from vaecli.cli.progress import Bars, Lines
from vaecli.cli.signals import GracefulStop
from vaecli.cli.streams import Streams
from vaecli.config import TrainConfig, option_of
from vaecli.diagnosis import diagnose
from vaecli.errors import EnvironmentFailure, Interrupted, UsageError
from vaecli.origins import find_origin
from vaecli.store import Run, Store, check_name, require_own_files, require_writable
from vaecli.training import new_total, resume, train

EXAMPLES = (
    "vaecli train --dataset fashion",
    "vaecli train -d mnist --latent-dim 5 --epochs 10",
    "vaecli train --beta 0 --name without-kl",
    "vaecli train --resume latest --epochs 40",
)

_WHY_GAUSSIAN = (
    "likelihood: gaussian, as the images are in colour: normal pixels around the decoder's output, with the "
    "standard deviation that fits best. --likelihood chooses another."
)


@knob_options(fields(TrainConfig))
def command(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            rich_help_panel="Output",
            help="The run's name; by default DATASET-NUMBER.",
        ),
    ] = None,
    resume_reference: Annotated[
        str | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            rich_help_panel="Training",
            help="Continue a run of the artifact directory; --epochs sets a new total.",
            autocompletion=complete_run,
        ),
    ] = None,
    allow_inexact: Annotated[
        bool,
        typer.Option(
            "--allow-inexact",
            rich_help_panel="Training",
            help="Resume even if versions or the machine differ.",
        ),
    ] = False,
    tensorboard: Annotated[
        bool,
        typer.Option(
            "--tensorboard/--no-tensorboard",
            rich_help_panel="Output",
            show_default=False,
            help="Also write event files for TensorBoard.",
        ),
    ] = False,
    data_dir: DataDir = None,
    offline: Offline = False,
    stream: Stream = False,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
    **knobs: Any,
) -> None:
    """Train a network and keep every epoch; print the run's name.

    Ctrl-C stops after the current step and keeps the last finished epoch.
    """
    streams, access = Streams(quiet=quiet, as_json=as_json), Access(data_dir, offline, stream)
    store = Store(artifacts)
    if tensorboard:
        _require_tensorboard()
    bars = Bars(streams) if streams.is_live else nullcontext()
    with GracefulStop(streams) as stop, bars as live:
        how: dict[str, Any] = {
            "tensorboard": tensorboard,
            "observer": live or Lines(streams),
            "should_stop": stop,
        }
        if resume_reference is not None:
            _only_epochs(ctx)
            found = open_run(artifacts, resume_reference, to_change=True)
            require_writable(found.path)
            require_own_files(found)
            total = new_total(found, knobs["epochs"] if _is_typed(ctx, "epochs") else None)
            images = open_dataset(streams, found.config, access, stop)
            with chatter.aside():
                run = resume(found, images, epochs=total, allow_inexact=allow_inexact, **how)
        else:
            config = TrainConfig(**knobs).anchored()
            if config.origin is not None:
                chosen = [knob for knob in knobs if _is_typed(ctx, knob)]
                config = find_origin(config.origin, store).alike(config, chosen)
            require_writable(artifacts)
            if name is not None and (artifacts / check_name(name)).exists():
                raise UsageError(
                    f"There is a run {name!r} in {artifacts} already.", mend="Choose another --name."
                )
            images = open_dataset(streams, config, access, stop)
            if config.likelihood is None and images.shape[2] == 3:
                streams.say(_WHY_GAUSSIAN)
            with chatter.aside():
                run = train(images, config, store, name=name, argv=sys.argv, **how)
    if stop.signal_number is not None and run.state != "finished":
        raise _stopped(run, _reference(ctx, run), stop.signal_number, stream=stream)
    _conclude(streams, run, _elsewhere(ctx, run))


def _is_typed(ctx: typer.Context, parameter: str) -> bool:
    source = ctx.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"


def _only_epochs(ctx: typer.Context) -> None:
    """Refuse options that a resumed run has fixed already."""
    fixed = {knob.name: option_of(knob.name) for knob in fields(TrainConfig) if knob.name != "epochs"}
    typed = [option for name, option in {**fixed, "name": "--name"}.items() if _is_typed(ctx, name)]
    if typed:
        raise UsageError(
            f"A resumed run keeps its settings: {', '.join(typed)} cannot be changed.",
            "Expected: only --resume RUN and --epochs TOTAL.",
        )


def _reference(ctx: typer.Context, run: Run) -> str:
    """Return how the next command refers to the run: with --artifacts where that was typed."""
    return f"{run.name}{_elsewhere(ctx, run)}"


def _elsewhere(ctx: typer.Context, run: Run) -> str:
    """Return --artifacts as the next command needs it: where it was typed."""
    return f" --artifacts {shlex.quote(str(run.path.parent))}" if _is_typed(ctx, "artifacts") else ""


def _stopped(run: Run, reference: str, signal_number: int, *, stream: bool) -> Interrupted:
    """Say what is left after a signal, and how to resume: with --stream, if it was given."""
    epochs, again = run.epochs(), f"vaecli train --resume {reference}{' --stream' * stream}"
    kept = f"epoch {epochs[-1]} is kept" if epochs else "no epoch was finished"
    return Interrupted(signal_number, f"Stopped; {kept}.", f"Resume with: {again}")


def _conclude(streams: Streams, run: Run, elsewhere: str) -> None:
    """Print the run's name, and how to see what it has learnt, or what is wrong with it."""
    epochs, symptoms = run.epochs(), diagnose(run)
    facts = {
        "name": run.name,
        "path": str(run.path),
        "state": run.state,
        "epochs": epochs[-1],
        "negative_elbo": run.metrics(epochs[-1]).negative_elbo,
        "diagnosis": [asdict(symptom) for symptom in symptoms],
    }
    streams.result(run.name, facts)
    if (best := run.stopped_early()) is not None:
        streams.say(
            f"Stopped early, at epoch {epochs[-1]} of {run.total_epochs}: none after {best} was better."
            f" Its checkpoint is kept, too; --epoch {best} draws it."
        )
    if symptoms:
        for symptom in symptoms:
            streams.say(symptom.what, f"  {symptom.mend}{elsewhere}")
        return
    reference = f"{run.name}{elsewhere}"
    streams.say(
        "To see it learn:",
        f"  vaecli latent-plot {reference} --epochs-gif",
        f"  vaecli grid {reference} --epochs-gif --beside-latent",
        f"  vaecli reconstruct {reference} --epochs all",
    )


def _require_tensorboard() -> None:
    if importlib.util.find_spec("tensorboard") is None:
        raise EnvironmentFailure(
            "--tensorboard needs the package tensorboard, which is not installed.",
            mend="pip install 'vaecli[tensorboard]'",
        )
