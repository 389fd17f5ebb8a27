"""Arrays in the cache: kept whole, and not trusted when they were changed."""

import numpy as np
import pytest

from vaecli.data.computed import digest_of, keep_arrays, kept_arrays
from vaecli.errors import EnvironmentFailure

ARRAYS = {"a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "accuracy": np.array(0.5)}
KEY = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "vaecli" / "things"


def test_what_is_kept_comes_back():
    assert kept_arrays("things", KEY) is None
    keep_arrays("things", KEY, ARRAYS)
    found = kept_arrays("things", KEY)
    assert digest_of(found) == digest_of(ARRAYS)
    assert found["a/kernel"].tolist() == ARRAYS["a/kernel"].tolist()
    assert kept_arrays("things", KEY[::-1]) is None


def test_what_was_damaged_or_changed_is_as_good_as_none(cache):
    keep_arrays("things", KEY, ARRAYS)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], b"", whole[:200] + b"!" + whole[201:]):
        file.write_bytes(content)
        assert kept_arrays("things", KEY) is None
    np.savez(file, **ARRAYS, sha256=np.array("0" * 64))
    assert kept_arrays("things", KEY) is None
    keep_arrays("things", KEY, ARRAYS)
    assert kept_arrays("things", KEY) is not None


def test_nothing_is_unpickled(cache):
    cache.mkdir(parents=True)
    np.savez(cache / f"{KEY[:32]}.npz", allow_pickle=True, a=np.array([{}]), sha256=np.array("0"))
    assert kept_arrays("things", KEY) is None


def test_a_cache_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EnvironmentFailure, match=r"The cache .*things cannot be written"):
        keep_arrays("things", KEY, ARRAYS)
