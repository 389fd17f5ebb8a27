"""Write docs/reference.md, the reference of all commands, from what `--help` says; with --check, compare."""

import os
import subprocess
import sys
from pathlib import Path

REFERENCE = Path(__file__).with_name("reference.md")
INTRODUCTION = """\
# The commands of vaecli

Each page as `--help` prints it. This file is generated: `make docs` writes it, and `make check` compares it.
"""


def help_of(*words: str) -> str:
    """Return the help page of a command, in 80 columns."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VAECLI_")}
    command = [sys.executable, "-m", "vaecli", *words, "--help"]
    result = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**environment, "COLUMNS": "80"}
    )
    return result.stdout


def pages(*words: str) -> list[str]:
    """Return the reference of a command and of those below it."""
    text = help_of(*words)
    title = " ".join(("vaecli", *words))
    found = [f"## {title}\n\n```text\n{text.rstrip()}\n```\n"]
    for name in command_names(text):
        found += pages(*words, name)
    return found


def command_names(text: str) -> list[str]:
    """Return the names under `Commands:` in a help page."""
    _, _, after = text.partition("\nCommands:\n")
    block = after.split("\n\n")[0]
    return [line.split()[0] for line in block.splitlines() if line.startswith("  ") and line[2] != " "]


def main() -> int:
    """Write or check the reference; return the exit code."""
    text = "\n".join((INTRODUCTION, *pages()))
    if "--check" not in sys.argv:
        REFERENCE.write_text(text, encoding="utf-8")
        return 0
    if REFERENCE.is_file() and REFERENCE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("docs/reference.md is not what --help says: run `make docs`.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
