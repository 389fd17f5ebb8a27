"""The face: the only room that parses arguments or prints. Owner of typer and rich."""
