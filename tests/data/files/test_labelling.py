import pytest

from vaecli.data.files.labelling import labelled
from vaecli.data.files.layout import layout
from vaecli.errors import DataError

FILES = layout(["train/a.png", "train/b.png", "train/c.png", "test/d.png"])


def test_a_table_labels_both_splits_and_what_it_leaves_open_is_said(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("id,breed\na,pug\nb,collie\nc,\nz,pug\n")
    found = labelled(FILES, str(table))
    assert [item.label for item in found.train] == ["pug", "collie", "unlabelled"]
    assert [item.label for item in found.heldout] == ["unlabelled"]
    assert found.notes[-3:] == (
        f"Labels are those of breed in {table}.",
        "2 images have no label there: train/c.png, test/d.png.",
        "1 name in it is of no image: z.",
    )


def test_of_several_columns_one_is_named(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("a.png,1,cat\nb.png,2,dog\nc.png,3,cat\n")
    with pytest.raises(DataError, match=r"has 3 columns: 1 to 3\.\nExpected: one of them named\."):
        labelled(FILES, str(table))
    assert labelled(FILES, f"{table}:3").class_names == ("cat", "dog", "unlabelled")
