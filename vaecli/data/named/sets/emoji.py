"""Emoji that are drawn from the font of the system: see `vaecli.data.named.emoji`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vaecli.data.named.catalogue import NamedSet, Package, Resource

if TYPE_CHECKING:
    from vaecli.config import TrainConfig
    from vaecli.data.dataset import Dataset
    from vaecli.data.progress import Progress


def _load(
    named: NamedSet,
    config: TrainConfig,
    *,
    data_dir: Path | str | None,
    offline: bool,
    progress: Progress | None,
) -> Dataset:
    """Load the set, as `Loader` describes."""
    from vaecli.data.named.emoji import load_emoji

    return load_emoji(config, data_dir=data_dir, offline=offline, progress=progress)


SET = NamedSet(
    name="emoji",
    aliases=("noto-emoji",),
    description="Noto Color Emoji, drawn from the system's font, by Unicode group.",
    licence="SIL OFL 1.1 (font), Unicode (names)",
    shape=(32, 32, 3),
    counts=(3_290, 365),
    class_names=(
        "Smileys & Emotion",
        "People & Body",
        "Animals & Nature",
        "Food & Drink",
        "Travel & Places",
        "Activities",
        "Objects",
        "Symbols",
        "Flags",
    ),
    resources=(
        Resource(
            "NotoColorEmoji.ttf",
            (
                "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
                "/usr/share/fonts/noto/NotoColorEmoji.ttf",
                "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
            ),
            Package("fonts-noto-color-emoji", "usr/share/fonts/truetype/noto"),
        ),
        Resource(
            "emoji-test.txt",
            ("/usr/share/unicode/emoji/emoji-test.txt",),
            Package("unicode-data", "usr/share/unicode/emoji"),
        ),
    ),
    load=_load,
    shaped_by=("size", "channels", "test_fraction"),
)
