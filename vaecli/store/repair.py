"""Damaged files moved out of the way, and back into place once they are whole.

Nothing is removed and nothing is changed but names: an epoch that `set_aside` moved into
`damaged/` is the same there to the byte. So whatever was moved too soon can come back, as
can what was mended there or put there from a copy: `restore` reads it first, and moves it
only if it is what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vaecli.errors import EnvironmentFailure
from vaecli.store import durable, formats
from vaecli.store.faults import DamagedFile
from vaecli.store.formats import DAMAGED, RUN_FILE
from vaecli.store.runs import Run
from vaecli.store.verification import Finding, Inspection, verify
from vaecli.store.writer import RunWriter

_ASIDE = re.compile(r"(epochs|checkpoints|stops)-([0-9]+)(\.json)?(?:\.[0-9]+)?")


def set_aside(run: Run) -> list[str]:
    """Move what is damaged into `damaged/` in the run's directory, and return the names moved.

    An epoch or checkpoint is moved as a whole; what does not belong to the run, alone.
    Nothing is removed, and nothing else is changed.

    Raises:
        Busy: If a process trains the run.
        DamagedFile: If a link or a file stands where `damaged/` should; nothing is moved.
        EnvironmentFailure: If something could not be read, and nothing is moved; or if the disk refuses.
    """
    with RunWriter(run.path):
        found = verify(run)
        if unread := [finding for finding in found if not finding.is_damage]:
            raise EnvironmentFailure(
                f"{run.path / unread[0].file} {unread[0].what}.",
                "Expected: every file to be readable; only then is it known what is damaged.",
                "Nothing was moved.",
            )
        sources = sorted({_movable(finding) for finding in found} - {""})
        present = [source for source in sources if durable.is_there(run.path / source)]
        if present or durable.is_there(run.path / DAMAGED):
            folder = _own_damaged(run)
        for source in present:
            _move_aside(run, source, folder)
    return present


@dataclass(frozen=True)
class Restoration:
    """What came back from `damaged/`, and what did not.

    Attributes:
        restored: Where it lies again, within the run's directory.
        left: What stayed in `damaged/`, each with the reason.
    """

    restored: list[str]
    left: list[Finding]


def restore(run: Run) -> Restoration:
    """Move what turns out to be whole in `damaged/` back into place; nothing is overwritten.

    Epochs come first: a checkpoint without its epoch would be removed by the next training.

    Raises:
        Busy: If a process trains the run.
        DamagedArtifact: If `run.json` is damaged, or `damaged/` is not a directory.
        EnvironmentFailure: If `run.json` cannot be read or the disk refuses.
    """
    with RunWriter(run.path):
        outcome = Restoration([], [])
        if not durable.is_there(run.path / DAMAGED):
            return outcome
        _own_damaged(run)
        for name in sorted(durable.names_in(run.path, DAMAGED), key=_epochs_first):
            source, target = f"{DAMAGED}/{name}", _origin(name)
            obstacle = _obstacle(run, source, target)
            if obstacle:
                outcome.left.append(obstacle)
            else:
                durable.own_directory(run.path, target.partition("/")[0])
                durable.move(run.path / source, run.path / target)
                outcome.restored.append(target)
    return outcome


def _movable(finding: Finding) -> str:
    """Return what to move for a damage; nothing for `run.json`, and for what should be `damaged/`."""
    parts = finding.file.split("/")
    if finding.file in (RUN_FILE, DAMAGED):
        return ""
    if finding.kind == "extra" or parts[0] not in ("epochs", "checkpoints"):
        return finding.file
    return "/".join(parts[:2])


def _own_damaged(run: Run) -> Path:
    """Return `damaged/`, made if it is missing; what is moved there must not leave the run."""
    try:
        return durable.own_directory(run.path, DAMAGED)
    except DamagedFile as error:
        raise DamagedFile(
            run.path / DAMAGED,
            error.why,
            "Expected: a directory, for what is damaged.",
            "Remove it or give it another name, then try again; nothing was moved.",
        ) from error


def _move_aside(run: Run, source: str, folder: Path) -> None:
    name, number = source.replace("/", "-"), 1
    while True:
        with suppress(FileExistsError):
            durable.move(run.path / source, folder / (name if number == 1 else f"{name}.{number}"))
            return
        number += 1


def _epochs_first(name: str) -> tuple[bool, str]:
    return (not name.startswith("epochs-"), name)


def _origin(name: str) -> str:
    """Return where something in `damaged/` came from, or nothing if it cannot be part of a run.

    >>> _origin("epochs-0001"), _origin("checkpoints-0002.3"), _origin("stops-0003.json"), _origin("notes")
    ('epochs/0001', 'checkpoints/0002', 'stops/0003.json', '')
    """
    match = _ASIDE.fullmatch(name)
    if not match or formats.epoch_of(match[2]) is None or bool(match[3]) != (match[1] == "stops"):
        return ""
    return f"{match[1]}/{match[2]}{match[3] or ''}"


def _obstacle(run: Run, source: str, target: str) -> Finding | None:
    """Return why something cannot be moved back, if so."""
    if not target:
        return Finding(source, "extra", "does not belong to a run")
    kind, _, number = target.partition("/")
    epoch = int(number.removesuffix(".json"))
    if durable.is_there(run.path / target):
        return Finding(source, "extra", f"{target} already exists")
    inspection = Inspection(run)
    look: dict[str, Callable[[int, str], None]] = {
        "epochs": inspection.epoch,
        "checkpoints": inspection.checkpoint,
        "stops": inspection.stop,
    }
    look[kind](epoch, source)
    if not inspection.found and kind == "checkpoints" and epoch not in run.epochs():
        return Finding(source, "extra", f"there is no epoch {epoch} for it")
    return inspection.found[0] if inspection.found else None
