"""Write the command reference into README.md from what `--help` says; with --check, compare."""

import os
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- The reference begins: made from --help by `make docs`. -->\n"
END = "<!-- The reference ends. -->\n"


def help_of(*words: str) -> str:
    """Return the help page of a command, as a pipe sees it."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    environment = {key: value for key, value in environment.items() if not key.startswith("VAECLI_")}
    command = [sys.executable, "-m", "vaecli", *words, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def pages(*words: str) -> list[str]:
    """Return the reference of a command and of those below it."""
    text = help_of(*words)
    title = "vaecli " + " ".join(words)
    found = [f"### {title.strip()}\n\n```text\n{text.rstrip()}\n```\n"]
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
    readme = README.read_text(encoding="utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    reference = "\n".join(pages())
    text = f"{before}{BEGIN}\n{reference}\n{END}{after}"
    if "--check" not in sys.argv:
        README.write_text(text, encoding="utf-8")
        return 0
    if readme == text:
        return 0
    sys.stderr.write("The reference in README.md is not what --help says: run `make docs`.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
