"""The set of emoji: its list, its font, and where they are found; drawn for real where there is a network."""

import os

import numpy as np
import pytest

from vaecli.data import load_dataset
from vaecli.data.named.catalogue import CATALOGUE
from vaecli.data.named.emoji import _listed
from vaecli.data.named.finding import find_resources
from vaecli.errors import DataError, DownloadFailed

online = pytest.mark.skipif("VAECLI_TEST_NETWORK" not in os.environ, reason="set VAECLI_TEST_NETWORK to run")
absent = pytest.mark.skipif(
    any(os.path.exists(path) for resource in CATALOGUE["emoji"].resources for path in resource.paths),  # noqa: PTH110
    reason="the system has the font",
)

LIST = """\
# group: Smileys & Emotion
1F600                  ; fully-qualified     # 😀 E1.0 grinning face
263A                   ; unqualified         # ☺ E0.6 smiling face
# group: Component
1F3FB                  ; component           # 🏻 E1.0 light skin tone
# group: Flags
1F3F4 200D 2620 FE0F   ; fully-qualified     # 🏴‍☠️ E11.0 pirate flag
"""


def test_the_fully_qualified_of_each_group_are_listed(tmp_path):
    (tmp_path / "list").write_text(LIST, encoding="utf-8")
    assert list(_listed(tmp_path / "list", CATALOGUE["emoji"].class_names)) == [
        ("😀", "Smileys & Emotion"),
        ("🏴\u200d☠\ufe0f", "Flags"),
    ]


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a list and a font that is none."""
    (tmp_path / "emoji-test.txt").write_text(LIST, encoding="utf-8")
    (tmp_path / "NotoColorEmoji.ttf").write_bytes(b"no font")
    return tmp_path


def test_a_folder_of_the_users_comes_first(folder):
    place = find_resources(CATALOGUE["emoji"], data_dir=folder, offline=True)
    assert str(place) == f"the data folder ({folder})"


def test_what_is_no_font_is_an_error(folder):
    with pytest.raises(DataError, match=r"NotoColorEmoji\.ttf: not a font with bitmaps of 109 pixels"):
        load_dataset("emoji", data_dir=folder)


def test_what_is_no_list_is_an_error(folder):
    (folder / "emoji-test.txt").write_text("<html>")
    with pytest.raises(DataError, match=r"emoji-test\.txt: not Unicode's list"):
        load_dataset("emoji", data_dir=folder)


@absent
def test_offline_and_nowhere_is_an_error_with_the_packages(no_tools):
    with pytest.raises(DownloadFailed, match="Dataset emoji was not found") as caught:
        find_resources(CATALOGUE["emoji"], offline=True)
    assert "the system (/usr/share/fonts/truetype/noto): not there" in caught.value.expected
    assert "apt-get install fonts-noto-color-emoji unicode-data" in caught.value.mend


@absent
def test_without_a_package_manager_it_says_so(no_tools):
    with pytest.raises(DownloadFailed) as caught:
        find_resources(CATALOGUE["emoji"])
    assert "apt-get download fonts-noto-color-emoji: apt-get is not installed" in caught.value.expected


@absent
def test_both_packages_are_fetched_into_the_cache(tools, tmp_path):
    tools("apt-get", 'for name; do :; done; touch "${name}_1_all.deb"')
    tools(
        "dpkg-deb",
        'mkdir -p "$3/usr/share/fonts/truetype/noto" "$3/usr/share/unicode/emoji"\n'
        'echo font > "$3/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"\n'
        'echo list > "$3/usr/share/unicode/emoji/emoji-test.txt"',
    )
    place = find_resources(CATALOGUE["emoji"])
    assert str(place).startswith("the cache (")
    assert [place.files[name].read_text() for name in CATALOGUE["emoji"].names] == ["font\n", "list\n"]
    assert find_resources(CATALOGUE["emoji"], offline=True) == place


@online
def test_the_real_set_is_drawn():
    dataset = load_dataset("emoji", size="48", background="white")
    count = len(dataset.train) + len(dataset.heldout)
    assert dataset.shape == (48, 48, 3)
    assert count > 3_000
    assert len(dataset.class_names) == 9
    assert np.bincount(dataset.heldout.labels, minlength=9).min() > 0
    assert (dataset.train.images[:, 0, 0] > 250).mean() > 0.9
    assert (dataset.train.images.std(axis=(1, 2, 3)) > 10).mean() > 0.99
    again = load_dataset("emoji", size="48", background="white", offline=True)
    assert again.fingerprint == dataset.fingerprint
    assert load_dataset("emoji", classes="flag", test_fraction=0.5).class_names == ("Flags",)
