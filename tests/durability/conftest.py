"""The proofs of the promises: `make test-durability`.

They run where `VAECLI_DURABILITY` is set: `ci` for the counts that take minutes, `full` for
those that take longer. Without it nothing here is collected.
"""

import os

import pytest

from tests.cli.conftest import vaecli  # noqa: F401 - a fixture

SIZE = os.environ.get("VAECLI_DURABILITY", "")
collect_ignore_glob = [] if SIZE else ["test_*.py"]


def pytest_configure(config):
    """The command line leaves its copy of stderr to the end of its process; here it has none."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed file:ResourceWarning")


def count(ci, full):
    """Return how often to do something: in CI, or when all is asked for."""
    return full if SIZE == "full" else ci


@pytest.fixture
def report(request):
    """Return a function that keeps the figures of a proof; they are printed at the end.

    They travel with the test's report: it may have run in another process.
    """
    return lambda words: request.node.user_properties.append(("figures", words))


def pytest_terminal_summary(terminalreporter):
    reports = terminalreporter.getreports("passed")
    figures = [words for report in reports for what, words in report.user_properties if what == "figures"]
    if figures:
        terminalreporter.section("figures")
        for words in figures:
            terminalreporter.line(words)
