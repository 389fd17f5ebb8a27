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
    assert found == {"train/1.jpg": "pug", "train/2.jpg": "collie"}


@pytest.mark.parametrize(
    ("text", "word", "message"),
    [
        (None, "a.csv", "no such file"),
        ("one\n1\n", "a.csv", "not a table of two columns or more"),
        ("id,breed\n1,pug\n", "a.csv:race", r"has no column 'race'\.\nExpected one of: id, breed\."),
        ("id,breed\n7,pug\n", "a.csv", "its column 'id' names none of the 1 image files"),
    ],
)
def test_a_table_that_says_nothing_of_the_files_is_an_error(tmp_path, monkeypatch, text, word, message):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        read_column(word, ["1.png"], ("breed",))
