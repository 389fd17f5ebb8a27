import pytest

import vaecli
from vaecli.errors import UsageError


def test_a_run_becomes_a_page_that_is_saved_and_shows_itself(trained, dataset, tmp_path):
    page = vaecli.explore(trained, dataset=dataset)
    path = page.save(tmp_path / "run.html")
    assert path.read_bytes() == page.html
    assert page.default_name == "explore-whole.html"
    assert page.facts == {"runs": ["whole"], "epochs": [0, 1, 2, 3, 4], "images": 20, "bytes": len(page.html)}
    shown = page._repr_html_()
    assert shown.startswith('<iframe sandbox="allow-scripts"')
    assert "<script" not in shown


def test_a_dataset_that_is_not_on_this_machine_is_said(trained):
    said = []
    page = vaecli.explore(trained, say=said.append)
    assert said[0].startswith("The page holds no images: ")
    assert b'"thumbnails":null' in page.html


def test_only_the_images_of_the_runs_dataset_are_embedded(trained, dataset):
    said = []
    vaecli.explore(trained, dataset=dataset.limited(10, 20), say=said.append)
    assert said == []
    vaecli.explore(trained, dataset=dataset.limited(10, 10), say=said.append)
    other = vaecli.Dataset.from_arrays(
        "other", dataset.train.images[:9], heldout_images=dataset.heldout.images[:9]
    )
    vaecli.explore(trained, dataset=other, say=said.append)
    assert said == 2 * ["The page holds no images: arrays has other images than the run."]


def test_runs_on_other_images_do_not_lie_side_by_side(trained, fabricate):
    with pytest.raises(UsageError, match="whole and toy-1 are not of the same images"):
        vaecli.explore(trained, fabricate(1))
