"""The command tree, and what happens to its errors."""

from __future__ import annotations

import difflib
import os
import re
import signal
import sys
from types import FrameType
from typing import Annotated, Any

import typer

import vaecli
from vaecli.cli import (
    curves,
    data,
    decode,
    encode,
    evaluate,
    explore,
    grid,
    interpolate,
    latent_plot,
    many,
    reconstruct,
    runs,
    settings,
    train,
    traverse,
)
from vaecli.cli.help import Group, page
from vaecli.cli.streams import Streams
from vaecli.errors import EnvironmentFailure, UsageError, VaecliError

app = typer.Typer(
    name="vaecli",
    help="Train variational autoencoders on images and see how they learn.",
    **page(
        "vaecli train --dataset fashion",
        "vaecli latent-plot --epochs-gif",
        "vaecli grid --epochs-gif -o - > grid.gif",
        cls=Group,
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("train", **page(*train.EXAMPLES))(train.command)
app.command("reconstruct", **page(*reconstruct.EXAMPLES, cls=many.Command))(reconstruct.command)
app.command("latent-plot", **page(*latent_plot.EXAMPLES, cls=many.Command))(latent_plot.command)
app.command("grid", **page(*grid.EXAMPLES, cls=many.Command))(grid.command)
app.command(
    "sample-grid",
    help=f"The same as grid.\n\n{grid.command.__doc__}",
    **page(
        *(example.replace("vaecli grid", "vaecli sample-grid") for example in grid.EXAMPLES), cls=many.Command
    ),
)(grid.command)
app.command("interpolate", **page(*interpolate.EXAMPLES))(interpolate.command)
app.command("traverse", **page(*traverse.EXAMPLES))(traverse.command)
app.command("curves", **page(*curves.EXAMPLES))(curves.command)
app.command("encode", **page(*encode.EXAMPLES))(encode.command)
app.command("decode", **page(*decode.EXAMPLES))(decode.command)
app.command("explore", **page(*explore.EXAMPLES))(explore.command)
app.command("evaluate", **page(*evaluate.EXAMPLES))(evaluate.command)
app.add_typer(runs.app, name="runs")
app.add_typer(data.app, name="data")


def _show_version(wanted: bool) -> None:
    if wanted:
        Streams().result(f"vaecli {vaecli.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code; errors are written to stderr.

    Args:
        arguments: The words after the program's name.
    """
    _open_standard_streams()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    streams = Streams()  # made first: whatever happens to stderr later, errors are seen
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)
    try:
        code = _invoke(arguments, streams)
        sys.stdout.flush()
    except VaecliError as error:
        streams.complain(*map(_short, filter(None, (error.what, error.expected, error.mend))))
        return error.exit_code
    except BrokenPipeError:
        _drop_stdout()
        return 128 + 13
    except MemoryError:
        streams.complain("There is not enough memory.", "Ask for less: --size, --limit, or fewer frames.")
        return EnvironmentFailure.exit_code
    except KeyboardInterrupt:
        return 128 + 2
    except OSError as error:
        _drop_stdout()
        streams.complain(_short(f"{error.filename or 'stdout'}: {error.strerror}."))
        return EnvironmentFailure.exit_code
    return code


def _short(line: str) -> str:
    """Leave out the middle of words and lines that are too long to have been typed on purpose.

    >>> len(_short("No run " + "x" * 5000)), _short("No run x")
    (208, 'No run x')
    """
    line = re.sub(r"\S{251,}", lambda match: f"{match[0][:100]}…{match[0][-100:]}", line)
    return line if len(line) <= 1000 else f"{line[:500]} … {line[-400:]}"


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave by an exception, so that unfinished work is tidied up."""
    sys.exit(128 + number)


def _invoke(arguments: list[str], streams: Streams) -> int:
    command = typer.main.get_command(app)
    try:
        result = command.main(
            arguments,
            prog_name="vaecli",
            standalone_mode=False,
            default_map=settings.default_map(command),
        )
    except typer.Abort:
        return 128 + 2
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # Typer treats it as a usage error
            raise error.__context__ from None
        raise
    except typer.TyperException as error:
        streams.complain(*map(_short, _usage_lines(error)))
        return UsageError.exit_code
    return result if isinstance(result, int) else 0


def _usage_lines(error: Any) -> list[str]:
    """Return a mistake on the command line in at most three lines: what, what was meant, where to read on."""
    context = getattr(error, "ctx", None)
    what, meant = " ".join(error.format_message().split()), ""
    if hasattr(error, "possibilities"):  # Typer has no public name for an unknown option
        what = f"There is no option {error.option_name}."
        near = difflib.get_close_matches(error.option_name, error.possibilities or (), n=1)
        meant = f"Did you mean {near[0]}?" if near else ""
    elif hasattr(error, "param_type"):  # nor for an argument, or an option, that is missing
        name = error.param.opts[0] if error.param.param_type_name == "option" else error.param.metavar
        what, meant = f"{name} is missing.", error.param.help
    return [what, *filter(None, [meant]), f"See {context.command_path if context else 'vaecli'} --help."]


def _open_standard_streams() -> None:
    """Replace closed streams: otherwise a file opened later would become one of them."""
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # gets the lowest free number; results to a closed stdout fail
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _drop_stdout() -> None:
    """Keep anything from being written to a closed stdout, even on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
