import gzip
import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaecli.data.idx import IdxFile
from vaecli.data.named.catalogue import CATALOGUE
from vaecli.data.named.verifying import verify
from vaecli.errors import DataError

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
PLAIN = bytes.fromhex("00000803 00000003 00000004 00000005") + IMAGES.tobytes()
ZIPPED = gzip.compress(PLAIN, mtime=0)
FILE = IdxFile("images", (3, 4, 5), hashlib.sha256(PLAIN).hexdigest())


@given(st.binary(max_size=200))
def test_any_other_bytes_are_an_error_that_names_the_file(content):
    with pytest.raises(DataError, match=r"^here\.gz: "):
        verify(content, "here.gz", FILE)


@given(st.integers(0, len(ZIPPED) - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_gzip_changes_the_values(position, flip):
    damaged = bytearray(ZIPPED)
    damaged[position] ^= flip
    try:
        assert verify(bytes(damaged), "images.gz", FILE) == PLAIN
    except DataError as error:
        assert error.what.startswith("images.gz: ")  # noqa: PT017 - both ends are right


@pytest.mark.parametrize("content", [PLAIN, ZIPPED, gzip.compress(PLAIN, 1, mtime=0)])
def test_a_verified_file_is_plain_however_it_came(content):
    assert verify(content, "images", FILE) == PLAIN


def test_a_file_of_other_dimensions_is_refused():
    file = IdxFile("images", (4, 4, 4), FILE.sha256)
    with pytest.raises(DataError, match="images: holds 3 × 4 × 5 bytes") as caught:
        verify(PLAIN, "images", file)
    assert caught.value.expected == "Expected: 4 × 4 × 4."


def test_a_file_of_another_digest_is_refused():
    with pytest.raises(DataError, match="images: its content is damaged or unknown") as caught:
        verify(PLAIN[:-1] + b"\0", "images", FILE)
    assert FILE.sha256[:12] in caught.value.expected


def test_a_file_of_another_set_is_called_by_its_name(monkeypatch):
    other = IdxFile("images", (3, 4, 5), "0" * 64)
    mnist = CATALOGUE["mnist"]
    known = type(mnist)(**{**vars(mnist), "files": (FILE,)})
    monkeypatch.setattr("vaecli.data.named.verifying.CATALOGUE", {"mnist": known})
    with pytest.raises(DataError, match="images: its content is that of mnist"):
        verify(PLAIN, "images", other)
