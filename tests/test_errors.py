"""Errors carry their exit code and at most three lines."""

from vaecli import errors


def test_each_leaf_has_its_own_exit_code():
    codes = {leaf.__name__: leaf.exit_code for leaf in errors.VaecliError.__subclasses__()}
    codes.pop("Interrupted")
    assert sorted(codes.values()) == [2, 3, 4, 5, 6, 7, 8, 9]


def test_an_interruption_exits_with_128_plus_the_signal():
    assert errors.Interrupted(15, "Stopped.").exit_code == 143


def test_an_error_speaks_in_three_lines_and_skips_empty_ones():
    assert str(errors.DataError("a", mend="c")) == "a\nc"
    assert str(errors.DataError("a", "b", "c")).count("\n") == 2
