import numpy as np
import pytest
from PIL import Image

from vaecli.config import TrainConfig
from vaecli.data.files.containers import open_container
from vaecli.data.files.planning import choose_files, plan_of
from vaecli.data.files.reading import Reading
from vaecli.errors import DataError

RANDOM = np.random.default_rng(0)


@pytest.fixture
def lay_out(tmp_path):
    """Return a function that writes images of noise: name → size, or bytes of another file."""

    def write(contents):
        for name, content in contents.items():
            path = tmp_path / "My Pets" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                Image.fromarray(RANDOM.integers(0, 256, (*content, 3), dtype=np.uint8)).save(path)
        return open_container(tmp_path / "My Pets")

    return write


def plan(container, **settings):
    reading = Reading(container, TrainConfig(**settings), lambda *_: None)
    return plan_of(reading, choose_files(container, reading.config)[0])


def test_every_image_has_one_place_those_to_train_on_first(lay_out):
    names = {f"{kind}/{number}.png": (12, 10) for kind in ("cat", "dog") for number in range(10)}
    found = plan(lay_out(names | {"cat/text.png": b"no image"}))
    assert sorted(item.name for item in found.items) == sorted(names)
    assert (found.train, found.shape, found.notes) == (18, (12, 10, 3), ())
    assert [item.label for item in found.items[18:]] == ["cat", "dog"]
    assert found.faults == {"cat/text.png": "not an image that can be read"}


def test_a_split_of_its_own_is_kept(lay_out):
    found = plan(lay_out({"test/b.png": (4, 4), "train/a.png": (4, 4), "train/c.png": (4, 4)}))
    assert [item.name for item in found.items] == ["train/a.png", "train/c.png", "test/b.png"]
    assert found.train == 2


def test_mixed_sizes_are_an_error_that_says_the_most_common_one_and_the_flag(lay_out):
    same = {f"{number}.png": (12, 10) for number in range(30)}
    container = lay_out(same | {f"other {side}.png": (side, 9) for side in (5, 6)})
    with pytest.raises(DataError, match="My Pets: images of 3 sizes") as caught:
        plan(container)
    assert caught.value.expected == "The most common is 12 × 10: 30 of 32 images."
    assert caught.value.mend == "Add --size 12x10, or another size."
    (note,) = plan(container, size="12x10").notes
    assert note == "Scaled from 3 sizes (the most common 12 × 10: 30 of 32), to cover; 2 enlarged."


def test_huge_images_want_a_size(lay_out):
    with pytest.raises(DataError, match="its images are 1 × 2000: too large to train on") as caught:
        plan(lay_out({"1.png": (1, 2000), "2.png": (1, 2000)}))
    assert "--size 64" in caught.value.mend


def test_only_images_of_the_wanted_classes_have_a_place(lay_out):
    container = lay_out({f"{kind}/{number}.png": (5, 5) for kind in ("cat", "dog") for number in range(4)})
    files, names = choose_files(container, TrainConfig(classes="do"))
    assert names == ("dog",)
    assert {item.label for item in files.train} == {"dog"}
