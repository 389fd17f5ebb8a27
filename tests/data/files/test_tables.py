import pytest

from vaecli.data.files.tables import read_column
from vaecli.errors import DataError


@pytest.mark.parametrize(
    "text",
    [
        "id,breed\n1,pug\n2,collie\n",
        "\ufeffid;breed\n1;pug\n2;collie\n",
        "breed\tid\npug\t1\ncollie\t2\n",
        '"file","breed"\n"train/1.jpg","pug"\n\n"2.jpg","collie"\n',
    ],
)
def test_a_file_is_named_by_its_path_its_name_or_its_stem(tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found = read_column(str(tmp_path / "a.csv"), ["train/1.jpg", "train/2.jpg", "train/3.jpg"], ("breed",))
    assert found.values == {"train/1.jpg": "pug", "train/2.jpg": "collie"}


@pytest.mark.parametrize(
    ("text", "word", "message"),
    [
        (None, "a.csv", "no such file"),
        ("one\n1\n", "a.csv", "not a table of two columns or more"),
        ("id,breed\n1,pug\n", "a.csv:race", r"has no column 'race'\.\nExpected one of: id, breed\."),
        ("id,breed\n7,pug\n", "a.csv", "its column 'id' names none of the 1 image files"),
        ("7,pug\n8,collie\n", "a.csv:3", r"has no column '3'"),
        ("id,breed,age\n1,pug,3\n", "a.csv", r"has 3 columns: id, breed, age\.\n.*\n.*a\.csv:2"),
    ],
)
def test_a_table_that_says_nothing_of_the_files_is_an_error(tmp_path, monkeypatch, text, word, message):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_column(word, ["1.png"], ("race",), guesses=False)


def test_a_table_without_a_heading_and_with_other_files(tmp_path):
    (tmp_path / "a.csv").write_text("1.png,2019,pug\n2.png,2020,collie\n9.png,2021,pug\n")
    found = read_column(f"{tmp_path}/a.csv:3", ["1.png", "2.png"], ())
    assert found.values == {"1.png": "pug", "2.png": "collie"}
    assert (found.unknown, found.title) == (("9.png",), "column 3")
