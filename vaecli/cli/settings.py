"""`./vaecli.toml`: defaults of a project, below flags and environment variables.

::

    artifacts = "runs"         # a shared option: for every command that has it

    [train]
    dataset = "mnist"
    epochs = 50

    [latent-plot]
    fps = 8
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vaecli.errors import UsageError

FILE = Path("vaecli.toml")


def default_map(command: Any, path: Path = FILE) -> dict[str, Any]:
    """Return a settings file as the defaults of a command tree.

    Args:
        command: The command group, as Typer builds it.
        path: The file; one that is absent sets nothing.

    Raises:
        UsageError: If the file is not TOML, or has a key that is not an option; near ones are suggested.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "Expected: TOML.") from error
    shared = {key: value for key, value in settings.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in settings.items() if isinstance(value, dict)}
    _refuse_unknown(shared, _all_options(command), f"{path}")
    return _defaults(command, shared, tables, str(path))


def _defaults(
    command: Any, shared: Mapping[str, Any], tables: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Return the defaults of a group: those of its commands, by their names."""
    _refuse_unknown(tables, command.commands, where)
    defaults: dict[str, Any] = {}
    for name, child in command.commands.items():
        table = tables.get(name, {})
        place = f"{where}, [{name}]"
        if not isinstance(table, dict):
            raise UsageError(f"{place} is not a table.")
        options = _options(child)
        if hasattr(child, "commands"):
            own = {key: value for key, value in table.items() if not isinstance(value, dict)}
            inner = {key: value for key, value in table.items() if isinstance(value, dict)}
            defaults[name] = _defaults(child, shared, inner, place)
        else:
            own = dict(table)
            defaults[name] = {}
        _refuse_unknown(own, options, place)
        given = {key: value for key, value in shared.items() if _key(key) in options} | own
        for key, value in given.items():
            parameter = options[_key(key)]
            defaults[name][parameter.name] = _default(key, value, parameter, place)
    return defaults


def _options(command: Any) -> dict[str, Any]:
    """Return long option (without dashes) → parameter."""
    return {
        option.removeprefix("--"): parameter
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option not in ("--help", "--install-completion", "--show-completion")
    }


def _default(key: str, value: Any, parameter: Any, place: str) -> Any:
    """Return what a key sets its option to.

    Raises:
        UsageError: If it is something that the option cannot be.
    """
    if "\0" in str(value):
        raise UsageError(f"{place}: {key} contains a NUL, which no path or word may.")
    if parameter.is_flag and not isinstance(value, bool):
        raise UsageError(f"{place}: {key} is {value!r}.", "Expected: true or false.")
    return [value] if parameter.multiple and not isinstance(value, list) else value


def _all_options(command: Any) -> set[str]:
    found = set(_options(command))
    for child in getattr(command, "commands", {}).values():
        found |= _all_options(child)
    return found


def _refuse_unknown(found: Iterable[str], known: Iterable[str], where: str) -> None:
    names = list(known)
    for key in found:
        if _key(key) not in names:
            near = difflib.get_close_matches(_key(key), names, n=1)
            raise UsageError(
                f"{where}: unknown key {key!r}.",
                mend=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(names))}.",
            )


def _key(key: str) -> str:
    return key.replace("_", "-")
