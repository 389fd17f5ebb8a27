import gzip
import hashlib
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from vaecli.data.idx import IdxFile, decode, dimensions, unpack
from vaecli.errors import DataError

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
PLAIN = bytes.fromhex("00000803 00000003 00000004 00000005") + IMAGES.tobytes()
ZIPPED = gzip.compress(PLAIN, mtime=0)
FILE = IdxFile("images", (3, 4, 5), hashlib.sha256(PLAIN).hexdigest())


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)), st.booleans())
def test_what_was_written_is_read_again(array, zipped):
    file = IdxFile("some", array.shape, "")
    content = file.header + array.tobytes()
    plain = unpack(gzip.compress(content, mtime=0) if zipped else content, "some", largest=file.size)
    assert plain == content
    np.testing.assert_array_equal(decode(plain, "some"), array)


def test_a_decoded_array_is_a_read_only_view():
    array = decode(PLAIN, "images")
    assert array.base is not None
    assert not array.flags.writeable


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (PLAIN[:3], "truncated: 3 bytes"),
        (PLAIN[:10], "truncated within its header"),
        (PLAIN[:-1], "truncated: 75 bytes"),
        (PLAIN + b"\0", "longer than its header declares"),
        (b"\n<!DOCTYPE html><html>", "a web page, not an IDX file"),
        (b"\x89PNG\r\n\x1a\n" + PLAIN, "not an IDX file of unsigned bytes: it begins with 89504e47"),
        (b"\0\0\x0d\x03" + PLAIN[4:], "begins with 00000d03"),
        (b"\0\x01\x08\x03" + PLAIN[4:], "begins with 00010803"),
        (b"\0\0\x08\x00" + PLAIN[4:], "begins with 00000800"),
        (b"\0\0\x08\x05" + PLAIN[4:], "begins with 00000805"),
        (ZIPPED[:1], "truncated: 1 bytes"),
        (ZIPPED[:20], "truncated"),
        (ZIPPED[:-9], "truncated"),
        (ZIPPED[:-1], "truncated: its gzip stream does not end"),
        (ZIPPED + b"\0\0", "2 extra bytes after its gzip stream"),
        (ZIPPED + ZIPPED, "extra bytes after its gzip stream"),
        (ZIPPED[:-8] + bytes(8), "damaged gzip"),
        (ZIPPED[:-4] + bytes(4), "damaged gzip"),
        (b"\x1f\x8b" + b"<html>no gzip at all</html>", "damaged gzip"),
        (gzip.compress(b"", mtime=0), "truncated: 0 bytes"),
        (gzip.compress(PLAIN[:-1], mtime=0), "truncated: 75 bytes"),
        (gzip.compress(PLAIN + b"\0", mtime=0), "longer than its header declares"),
        (gzip.compress(b"<html>zipped</html>", mtime=0), "a web page"),
        (gzip.compress(ZIPPED, mtime=0), "begins with 1f8b"),
    ],
)
def test_a_bad_file_is_an_error_that_says_what_is_wrong(content, message):
    with pytest.raises(DataError, match=f"^folder/images: .*{message}"):
        unpack(content, "folder/images", largest=len(PLAIN))


def test_a_header_that_declares_too_much_is_refused_before_unpacking():
    bomb = gzip.compress(bytes.fromhex("00000803 ffffffff ffffffff ffffffff") + bytes(1000))
    with pytest.raises(DataError, match="declares 4,294,967,295 × 4,294,967,295 × 4,294,967,295 bytes"):
        unpack(bomb, "bomb.gz", largest=10**8)


def test_a_bomb_is_not_unpacked_beyond_its_declared_size():
    packer = zlib.compressobj(9, wbits=31)
    chunks = [packer.compress(PLAIN), *(packer.compress(bytes(1 << 20)) for _ in range(64)), packer.flush()]
    with pytest.raises(DataError, match="longer than its header declares: more than 76 bytes"):
        unpack(b"".join(chunks), "bomb.gz", largest=10**9)


def test_the_dimensions_are_those_of_the_header():
    assert dimensions(PLAIN[:16], "images") == (3, 4, 5)


def test_a_file_that_holds_nothing_is_refused_however_large_it_says_it_is():
    header = bytes.fromhex("00000803 00000000 ffffffff ffffffff")
    with pytest.raises(DataError, match="x: is empty: 0 × 4,294,967,295 × 4,294,967,295 bytes"):
        decode(header, "x")
