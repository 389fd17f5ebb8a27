import pytest

from vaecli.data.names import short_name, tidy


def test_a_class_keeps_its_name_but_for_control_characters_and_length():
    assert tidy("Čat 🐈") == "Čat 🐈"
    assert tidy("\x1b[31mred\u202e") == "\ufffd[31mred\ufffd"
    assert len(tidy("x" * 500)) == 60
    assert tidy(" ") == "?"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Кот", "images"),
        ("a" * 99, "a" * 32),
        ("Ünïcode & Co.zip", "unicode-co"),
        ("-x-", "x"),
        ("...", "images"),
    ],
)
def test_a_runs_name_is_short_and_safe(tmp_path, name, short):
    assert short_name(tmp_path / name) == short
