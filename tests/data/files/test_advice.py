import pytest

from vaecli.data.files.advice import advice_on


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (["cifar-10-batches-bin/data_batch_1.bin"], "--dataset keras:cifar10"),
        (["cifar-10-python.tar.gz"], "--dataset keras:cifar10"),
        (["stl10_binary/train_X.bin"], "--dataset tfds:stl10"),
        (["train_32x32.mat"], "--dataset tfds:svhn_cropped"),
        (["train.zip", "test1.zip", "a.csv"], "Unpack train.zip"),
        (["a.HEIC", "b.HEIC"], "convert them to JPEG first"),
        (["train.csv"], "np.loadtxt"),
        (["a.pkl"], "Pickles are never read"),
        (["part.parquet"], "hf:OWNER/NAME"),
        (["a.xyz"], ""),
    ],
)
def test_what_is_not_read_has_a_way_out(names, advice):
    found = advice_on(names)
    assert advice in found
    assert bool(found) == bool(advice)


def test_what_is_in_a_zip_is_unpacked_first():
    assert advice_on(["data/shapes.npz"], is_zip=True) == "Unpack it, and name what it holds: data/shapes.npz"
