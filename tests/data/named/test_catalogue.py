import math
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from vaecli.data.idx import IdxFile
from vaecli.data.named.catalogue import CATALOGUE, canonical_name
from vaecli.errors import DataError

FILED = [named for named in CATALOGUE.values() if named.files]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("fashion", "fashion"),
        ("fashion-mnist", "fashion"),
        ("fashion_mnist", "fashion"),
        ("Fashion MNIST", "fashion"),
        ("FashionMNIST", "fashion"),
        (" MNIST ", "mnist"),
        ("shapes", "shapes"),
    ],
)
def test_a_set_answers_to_all_of_its_names(word, name):
    assert canonical_name(word) == name


def test_an_unknown_set_is_an_error_with_a_suggestion():
    with pytest.raises(DataError, match="No dataset is called 'fashoin'") as caught:
        canonical_name("fashoin")
    assert "fashion, mnist, shapes" in caught.value.expected
    assert caught.value.mend == "Did you mean 'fashion'?"


def test_a_word_like_no_set_gets_no_suggestion():
    with pytest.raises(DataError) as caught:
        canonical_name("zzzz")
    assert caught.value.mend == ""


def test_each_set_is_called_as_its_file():
    assert all(named.name == name for name, named in CATALOGUE.items())


def test_names_are_unique_among_all_sets():
    names = [name for named in CATALOGUE.values() for name in (named.name, *named.aliases)]
    assert len(names) == len(set(names))
    assert all(canonical_name(name) in CATALOGUE for name in names)


@pytest.mark.parametrize("named", FILED, ids=lambda named: named.name)
def test_files_fit_the_facts_of_their_set(named):
    height, width, _ = named.shape
    train, heldout = named.counts
    assert [file.dims for file in named.files] == [
        (train, height, width),
        (train,),
        (heldout, height, width),
        (heldout,),
    ]
    assert all(len(bytes.fromhex(file.sha256)) == 32 for file in named.files)
    assert len({file.sha256 for file in named.files}) == 4


@pytest.mark.parametrize("named", FILED, ids=lambda named: named.name)
def test_every_file_has_several_https_mirrors(named):
    assert len({urlsplit(mirror).netloc for mirror in named.mirrors}) >= 2
    assert all(mirror.startswith("https://") and not mirror.endswith("/") for mirror in named.mirrors)


@pytest.mark.parametrize("named", CATALOGUE.values(), ids=lambda named: named.name)
def test_every_set_says_what_it_is(named):
    assert named.description.endswith(".")
    assert "\n" not in named.description
    assert named.licence
    assert len(set(named.class_names)) == len(named.class_names)


def test_a_file_knows_its_header_and_size():
    file = IdxFile("train-images-idx3-ubyte", (60_000, 28, 28), "")
    assert file.header == bytes.fromhex("00000803 0000ea60 0000001c 0000001c")
    assert file.size == 16 + math.prod(file.dims)


def test_listing_and_locating_sets_loads_no_numpy():
    code = """
import sys
from vaecli.data import CATALOGUE, locate
for named in CATALOGUE.values():
    locate(named)
print(sorted({"numpy", "PIL", "requests", "tensorflow"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_set_of_another_library_is_named_with_the_word_that_reads_it():
    for word in ("cifar10", "CIFAR-10", "cifar_10"):
        with pytest.raises(DataError, match="is a set of another library") as caught:
            canonical_name(word)
        assert caught.value.mend == "Name it: --dataset keras:cifar10"
