"""Help pages: plain text in 80 columns, under headings, with the most used options first.

They look the same on a terminal and in a pipe, and need nothing but Typer, so that they
open fast. Every page ends with commands that can be run as they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from vaecli.cli.streams import Streams
from vaecli.errors import UsageError

#: What many options stand under; `rich_help_panel` says which an option's is, by default the first.
HEADINGS = ("Options", "Model", "Objective", "Training", "Data", "Output")

_FEW = 20  # so many options need no headings

_WIDEST = 27  # columns for an option's names; the help of a longer one begins on the next line


class Command(TyperCommand):
    """A command with such a page."""

    allow_extra_args = True  # they are refused here, in our own words

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse a command line.

        Raises:
            UsageError: If it has more arguments than the command takes.
        """
        extra = _in_context(super().parse_args, ctx, args)
        if extra and not ctx.resilient_parsing:
            raise UsageError(f"Unexpected: {' '.join(extra)}.", mend=f"See {ctx.command_path} --help.")
        return extra

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words that stand after the command's name in its usage."""
        return _usage(self, ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options under their headings."""
        _write_parameters(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(self, formatter)


class Group(TyperGroup):
    """A group of commands with such a page."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse a command line up to the command's name; without one, show the page.

        Raises:
            typer.Exit: If there is no command.
        """
        if not (args or self.invoke_without_command or ctx.resilient_parsing):
            Streams().complain(*ctx.get_help().splitlines())
            raise typer.Exit(UsageError.exit_code)
        return _in_context(super().parse_args, ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the words that stand after the group's name in its usage."""
        return [*_usage(self, ctx), "COMMAND", "[ARGS]…"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the options of the group itself."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(command)) for name, command in self.commands.items()])
        _write_parameters(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(self, formatter)


def page(*examples: str, cls: type[TyperCommand | TyperGroup] = Command) -> dict[str, Any]:
    """Return what Typer needs to know of a command for such a page.

    Args:
        examples: Commands that can be run as they stand.
        cls: The command's class, a `Command` or a `Group`.
    """
    return {"cls": cls, "epilog": "\n".join(examples)}


def _in_context(parse: Callable[[Any, list[str]], list[str]], ctx: Any, args: list[str]) -> list[str]:
    """Parse a command line, so that an error knows to which command it belongs."""
    try:
        return parse(ctx, args)
    except Exception as error:
        if getattr(error, "ctx", ctx) is None:
            error.ctx = ctx  # type: ignore[attr-defined]
        raise


def _usage(command: Any, ctx: Any) -> list[str]:
    arguments = [each for each in command.get_params(ctx) if each.param_type_name == "argument"]
    return ["[OPTIONS]", *(each.metavar if each.required else f"[{each.metavar}]" for each in arguments)]


def _summary(command: Any) -> str:
    """Return the first sentence of a command's help, without its full stop."""
    first: str = (command.help or "").partition("\n\n")[0]
    return " ".join(first.split()).removesuffix(".")


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    """Write arguments and options, all of them with their help in the same column."""
    rows: dict[str, list[tuple[str, str]]] = {heading: [] for heading in ("Arguments", *HEADINGS)}
    for parameter in command.get_params(ctx):
        if parameter.param_type_name == "argument":
            default = (
                f"  [default: {parameter.show_default}]" if isinstance(parameter.show_default, str) else ""
            )
            rows["Arguments"].append((parameter.metavar, f"{parameter.help}{default}"))
        elif record := parameter.get_help_record(ctx):
            heading = (len(command.params) > _FEW and parameter.rich_help_panel) or HEADINGS[0]
            rows[heading].append(record)
    names = [name for section in rows.values() for name, _ in section]
    width = max(len(name) for name in names if len(name) <= _WIDEST)
    for heading, section in rows.items():
        if section:
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), words) for name, words in section], width)


def _write_examples(command: Any, formatter: Any) -> None:
    """Write the examples, each on a line of its own however long it is."""
    with formatter.section("Examples"):
        for example in command.epilog.splitlines():
            formatter.write(f"  {example}\n")
