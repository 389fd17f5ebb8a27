"""The entries that were measured, as a JSON file that is written whole after each."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.scoreboard.measuring import Entry
from benchmarks.scoreboard.rows import ROWS
from benchmarks.scoreboard.trainings import Training
from vaecli.files import save

COMMITTED = Path(__file__).parent / "results.json"


class Results:
    """Entries by row, training and seed.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: dict[tuple[str, str, int], Entry] = {}
        if path.exists():
            for values in json.loads(path.read_text(encoding="utf-8")):
                self._take(Entry.from_dict(values))

    def has(self, row: str, training: Training, seed: int, run: str) -> bool:
        """Tell whether a training was measured already: the same run, asked for the same."""
        entry = self._entries.get((row, training.name, seed))
        return entry is not None and entry.run == run and entry.asked == dict(training.numbers)

    def put(self, entry: Entry) -> None:
        """Add an entry, in place of an older one of the same training and seed, and write the file."""
        self._take(entry)
        order = list(ROWS)
        entries = sorted(
            self._entries.values(),
            key=lambda each: (order.index(each.row) if each.row in order else -1, each.training, each.seed),
        )
        lines = ",\n".join(json.dumps(each.to_dict(), ensure_ascii=False) for each in entries)
        save(self.path, lambda file: file.write(f"[\n{lines}\n]\n".encode()))

    def of(self, row: str, training: str) -> list[Entry]:
        """Return the entries of a training, one for each seed that was measured."""
        found = [entry for key, entry in self._entries.items() if key[:2] == (row, training)]
        return sorted(found, key=lambda entry: entry.seed)

    def all(self) -> list[Entry]:
        """Return all entries."""
        return list(self._entries.values())

    def _take(self, entry: Entry) -> None:
        self._entries[entry.row, entry.training, entry.seed] = entry
