"""`python -m vaecli` is `vaecli`."""

from vaecli.cli.main import main

main()
