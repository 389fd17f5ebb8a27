import pytest

from vaecli.data.files.groups import groups_of
from vaecli.errors import DataError, UsageError

NAMES = ["a/p1_1.png", "a/p1_2.png", "b/p2_1.png"]


@pytest.mark.parametrize("word", [r"(p[0-9]+)_", r"p[0-9]+(?=_)"])
def test_a_pattern_finds_the_groups_in_names(word):
    assert groups_of(word, NAMES) == {"a/p1_1.png": "p1", "a/p1_2.png": "p1", "b/p2_1.png": "p2"}


def test_several_parts_of_a_name_may_make_a_group():
    assert groups_of(r"(.)/(p.)", NAMES)["b/p2_1.png"] == "b/p2"


def test_a_table_may_name_the_groups(tmp_path):
    table = tmp_path / "meta.csv"
    table.write_text("age,image_id,Patient\n3,p1_1,anna\n3,p1_2.png,anna\n5,b/p2_1.png,ben\n")
    assert groups_of(str(table), NAMES) == dict(zip(NAMES, ("anna", "anna", "ben"), strict=True))
    assert groups_of(f"{table}:age", NAMES)["b/p2_1.png"] == "5"


def test_a_pattern_that_is_none_or_matches_nothing_is_an_error():
    with pytest.raises(UsageError, match=r"group is '\('"):
        groups_of("(", NAMES)
    with pytest.raises(DataError, match=r"group 'x\+' is in no file's name, for example a/p1_1\.png\."):
        groups_of("x+", NAMES)
