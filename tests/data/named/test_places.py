import dataclasses
import zipfile

import numpy as np
import pytest

from vaecli.data.cache import cache_folder
from vaecli.data.idx import decode
from vaecli.data.named.places import locate, places, read_file
from vaecli.errors import DataError


def keras_archive(path, contents, **changes):
    """Write the set as Keras does: one compressed NPZ."""
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = {key: decode(content, key) for key, content in zip(names, contents.values(), strict=True)}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **(arrays | changes))
    return path


@pytest.fixture
def at_keras(tiny):
    return dataclasses.replace(tiny, keras="datasets/tiny.npz")


def test_places_come_in_the_order_of_trust(tmp_path, tiny):
    everywhere = dataclasses.replace(tiny, keras="datasets/tiny", system="/usr/share/datasets/tiny")
    words = [place.words for place in places(everywhere, tmp_path)]
    assert words == ["the data folder", "the cache", "Keras' cache", "the system"]


def test_a_set_that_is_nowhere_is_not_located(tiny):
    assert locate(tiny) is None


def test_a_set_without_files_is_nowhere(tiny):
    assert locate(dataclasses.replace(tiny, files=())) is None


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("below", [".", "tiny", "tiny-set"])
def test_a_data_folder_may_hold_the_files_in_any_usual_way(
    tmp_path, tiny, contents, lay_out, zipped, dotted, below
):
    root = tmp_path / "my data"
    lay_out(root / below, zipped=zipped, dotted=dotted)
    place = locate(tiny, root)
    assert place.chosen
    assert str(place) == f"the data folder ({root / below})"
    assert {file.name: read_file(place.files[file.name], file) for file in tiny.files} == contents


def test_the_environment_names_the_data_folder_where_the_caller_does_not(
    tmp_path, tiny, lay_out, monkeypatch
):
    lay_out(tmp_path / "named")
    lay_out(tmp_path / "given")
    monkeypatch.setenv("VAECLI_DATA", str(tmp_path / "named"))
    assert locate(tiny).path == tmp_path / "named"
    assert locate(tiny, tmp_path / "given").path == tmp_path / "given"


def test_a_home_in_the_data_folder_is_expanded(own_home, tiny, lay_out):
    lay_out(own_home / "sets")
    assert locate(tiny, "~/sets").path == own_home / "sets"


def test_a_subfolder_of_the_sets_name_comes_before_the_folder_itself(tmp_path, tiny, lay_out):
    lay_out(tmp_path)
    lay_out(tmp_path / "tiny")
    assert locate(tiny, tmp_path).path == tmp_path / "tiny"


def test_plain_files_come_before_gzipped_ones(tmp_path, tiny, lay_out):
    lay_out(tmp_path, zipped=True)
    lay_out(tmp_path)
    assert all(not path.suffix for path in locate(tiny, tmp_path).files.values())


def test_a_data_folder_without_the_set_gives_way_to_the_cache(tmp_path, tiny, lay_out):
    lay_out(cache_folder(tiny.name))
    assert locate(tiny, tmp_path).words == "the cache"


def test_a_data_folder_that_does_not_exist_is_an_error(tmp_path, tiny):
    with pytest.raises(DataError, match="no-such: not a folder that can be read") as caught:
        locate(tiny, tmp_path / "no-such")
    assert "--data-dir or VAECLI_DATA" in caught.value.expected


def test_a_data_folder_that_is_a_file_is_an_error(tmp_path, tiny):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file: not a folder that can be read"):
        locate(tiny, tmp_path / "file")


def test_a_data_folder_with_a_part_of_the_set_is_an_error_that_names_the_rest(tmp_path, tiny, lay_out):
    lay_out(tmp_path, but=("t10k-labels-idx1-ubyte",))
    with pytest.raises(DataError, match="holds only a part of tiny") as caught:
        locate(tiny, tmp_path)
    assert caught.value.expected.endswith(": t10k-labels-idx1-ubyte.")


def test_a_cache_with_a_part_of_the_set_does_not_hold_it(tiny, lay_out):
    lay_out(cache_folder(tiny.name), but=("t10k-labels-idx1-ubyte",))
    (cache,) = places(tiny)
    assert len(cache.files) == 3
    assert not cache.holds(tiny)


def test_the_system_folder_is_found(tmp_path, tiny, lay_out):
    lay_out(tmp_path / "usr", zipped=True)
    assert locate(dataclasses.replace(tiny, system=str(tmp_path / "usr"))).words == "the system"


@pytest.mark.parametrize("moved", [False, True])
def test_keras_folder_is_found_where_keras_keeps_it(own_home, tmp_path, tiny, lay_out, monkeypatch, moved):
    home = own_home / ".keras"
    if moved:
        home = tmp_path / "elsewhere"
        monkeypatch.setenv("KERAS_HOME", str(home))
    lay_out(home / "datasets" / "tiny", zipped=True)
    place = locate(dataclasses.replace(tiny, keras="datasets/tiny"))
    assert str(place) == f"Keras' cache ({home / 'datasets' / 'tiny'})"


def test_keras_archive_gives_the_same_bytes_as_the_files(own_home, at_keras, contents):
    path = keras_archive(own_home / ".keras" / "datasets" / "tiny.npz", contents)
    place = locate(at_keras)
    assert place.path == path
    assert {file.name: read_file(place.files[file.name], file) for file in at_keras.files} == contents


def test_an_archive_of_other_values_is_refused(own_home, at_keras, contents):
    changed = np.zeros((12, 5, 4), np.uint8)
    path = keras_archive(own_home / "tiny.npz", contents, x_train=changed)
    with pytest.raises(DataError, match=r"tiny\.npz: its content is damaged or unknown"):
        read_file(path, at_keras.files[0])


def test_an_archive_of_another_type_is_refused_by_its_size(own_home, at_keras, contents):
    path = keras_archive(own_home / "tiny.npz", contents, x_train=np.zeros(10_000, np.int64))
    with pytest.raises(
        DataError, match=r"tiny\.npz: cannot be read: x_train\.npy holds 80,128 bytes, not 240"
    ):
        read_file(path, at_keras.files[0])


def test_an_archive_without_the_array_is_refused(own_home, at_keras):
    path = own_home / "tiny.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.npy", b"")
    with pytest.raises(DataError, match=r"tiny\.npz: cannot be read: .*x_train\.npy"):
        read_file(path, at_keras.files[0])


def test_a_pickle_in_an_archive_is_never_loaded(own_home, at_keras, contents):
    path = keras_archive(own_home / "tiny.npz", contents, x_train=np.array([{}] * 30, object))
    with pytest.raises(DataError, match=r"tiny\.npz: "):
        read_file(path, at_keras.files[0])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"<html>"])
def test_a_file_that_is_no_archive_is_refused(own_home, at_keras, content):
    path = own_home / "tiny.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"tiny\.npz: cannot be read: File is not a zip file"):
        read_file(path, at_keras.files[0])


def test_a_damaged_archive_is_refused(own_home, at_keras, contents):
    path = keras_archive(own_home / "tiny.npz", contents)
    damaged = bytearray(path.read_bytes())
    damaged[80:120] = bytes(40)
    path.write_bytes(damaged)
    with pytest.raises(DataError, match=r"tiny\.npz: cannot be read"):
        read_file(path, at_keras.files[0])


def test_a_file_that_is_gone_is_an_error_that_says_so(tmp_path, tiny):
    with pytest.raises(DataError, match=r"gone: cannot be read: No such file or directory\."):
        read_file(tmp_path / "gone", tiny.files[0])


def test_a_huge_file_is_read_no_further_than_needed(tmp_path, tiny):
    path = tmp_path / "huge"
    with path.open("wb") as stream:
        stream.write(tiny.files[0].header)
        stream.truncate(1 << 40)  # sparse
    with pytest.raises(DataError, match="huge: longer than its header declares"):
        read_file(path, tiny.files[0])
