import threading

import numpy as np
import pytest

from vaecli.data.streamed import Streamed
from vaecli.data.summary import extremes_of
from vaecli.errors import DataError

PIXELS = np.random.default_rng(0).integers(1, 255, (70, 5, 4, 3), dtype=np.uint8)


@pytest.fixture
def streamed():
    return Streamed(PIXELS.__getitem__, PIXELS.shape)


@pytest.mark.parametrize(
    "rows",
    [
        slice(None),
        slice(3, 60, 7),
        slice(70, None),
        5,
        -1,
        [4, 4, 0],
        np.array([69, 2]),
        np.arange(70) % 3 == 0,
        np.array([[1, 2], [3, 4]]),
        np.array([], np.int64),
    ],
)
def test_it_is_indexed_as_an_array_is(streamed, rows):
    taken = streamed[rows]
    assert taken.dtype == np.uint8
    np.testing.assert_array_equal(taken, PIXELS[rows])


def test_it_has_the_size_of_an_array(streamed):
    assert (len(streamed), streamed.shape, streamed.dtype) == (70, PIXELS.shape, PIXELS.dtype)
    assert streamed.nbytes == PIXELS.nbytes
    with pytest.raises(IndexError):
        streamed[70]


def test_some_of_them_are_still_streamed_and_only_they_are_decoded():
    decoded = []

    def decode(number):
        decoded.append(number)
        return PIXELS[number]

    some = Streamed(decode, PIXELS.shape).only(slice(10, 40)).only(np.array([3, 1]))
    assert (some.shape, decoded) == ((2, *PIXELS.shape[1:]), [])
    np.testing.assert_array_equal(some[:], PIXELS[[13, 11]])
    assert sorted(decoded) == [11, 13]


def test_several_threads_decode():
    both = threading.Barrier(2, timeout=20)

    def decode(number):
        if number in (0, 69):
            both.wait()
        return PIXELS[number]

    np.testing.assert_array_equal(Streamed(decode, PIXELS.shape)[:], PIXELS)


def test_an_image_that_cannot_be_decoded_is_the_error_that_it_is():
    def decode(number):
        if number == 33:
            raise DataError("33.png: gone.")
        return PIXELS[number]

    images = Streamed(decode, PIXELS.shape)
    np.testing.assert_array_equal(images[:33], PIXELS[:33])
    with pytest.raises(DataError, match=r"33\.png: gone"):
        images[:]


def test_known_extremes_are_not_looked_for_again(streamed):
    assert extremes_of(streamed) == extremes_of(PIXELS)
    never = Streamed(lambda number: pytest.fail("was decoded"), PIXELS.shape).only(slice(9), (1, 254, 2))
    assert extremes_of(never) == (1, 254, 2)
    assert Streamed(PIXELS.__getitem__, PIXELS.shape, (0, 255, 1)).only(slice(9)).extremes is None
