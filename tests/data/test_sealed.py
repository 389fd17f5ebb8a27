import hashlib

import pytest

from vaecli.data.sealed import digest_of_file, sealed, unsealed


def test_facts_come_back_as_they_were():
    facts = {"b": [1, 2], "a": {"é": None, "\ud800": 0.1}, "shape": [1, 2, 3]}
    assert unsealed(sealed(facts)) == facts


def test_every_changed_or_missing_letter_is_found():
    text = sealed({"labels": [0, 1], "notes": ["x"]})
    for position in range(len(text)):
        for other in (text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :], text[:position]):
            with pytest.raises(ValueError, match="not what was written|Expecting|Invalid|Unterminated|Extra"):
                unsealed(other)


@pytest.mark.parametrize("text", ["[]", "{}", '{"facts": []}', '{"facts": {}, "sha256": ""}', "null"])
def test_what_was_never_sealed_is_not_believed(text):
    with pytest.raises(ValueError, match="it is not what was written"):
        unsealed(text)


def test_the_digest_of_a_file_is_that_of_all_of_its_bytes(tmp_path):
    for size in (0, 1, (1 << 20) - 1, 1 << 20, (5 << 19) + 3):
        content = bytes(range(256)) * (size // 256 + 1)
        (tmp_path / "file").write_bytes(content[:size])
        told = []
        assert digest_of_file(tmp_path / "file", told.append) == hashlib.sha256(content[:size]).hexdigest()
        assert told == sorted(set(told))
        assert not size or told[-1] == size
