"""Frames to bytes: GIF, PNG (still or animated), WebP and MP4; stills also to JPEG, PDF and SVG.

A GIF is written frame by frame with one palette for all of them, chosen from a few frames
that include the first and the last. There is no dither, which shimmers. A pixel that already
shows a colour near enough stays as it is, so that only what moves is written; the last
frame, which rests, is exact to the palette. Delays are whole hundredths of a second that
add up to the right time.
"""

from __future__ import annotations

import importlib.util
import itertools
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from vaecli.errors import EnvironmentFailure, UsageError
from vaecli.files import workplace
from vaecli.render.frames import Frame, Frames
from vaecli.render.vector import as_frames, write_vector

FORMATS = ("gif", "png", "webp", "mp4", "jpg", "pdf", "svg")

#: Those of them that do not move.
STILL_FORMATS = ("jpg", "pdf", "svg")

#: Other endings of the same formats.
_ALIASES = {"jpeg": "jpg"}

_OFTEN = 3e-5  # share of the pixels; what is rarer is the soft edge of something
_TINT = 12  # levels between the channels of a colour that is not a grey
_UNEVEN = 0.01  # share of the pixels that may be a tint which the palette lacks
_MOST_COLOURS = 255  # one more means "unchanged"
_GIF_FASTEST = 50  # browsers slow down anything faster


@dataclass(frozen=True)
class _Finish:
    """How exact colours are.

    Attributes:
        far: No colour that occurs often is further than this from the palette.
        still_enough: A shown pixel this near to its new colour, of 255 levels, is left alone.
    """

    far: float
    still_enough: int


_COARSE = _Finish(far=20.0, still_enough=15)
_FINE = _Finish(far=8.0, still_enough=4)


@dataclass(frozen=True)
class Timing:
    """How fast an animation runs.

    Attributes:
        fps: Frames per second.
        hold: Seconds that the last frame stays.
    """

    fps: float = 2.0
    hold: float = 2.0

    def __post_init__(self) -> None:
        if not 0 < self.fps <= 120:
            raise UsageError(f"fps is {self.fps:g}.", "Expected: more than 0 and at most 120.")
        if not 0 <= self.hold <= 600:
            raise UsageError(f"hold is {self.hold:g}.", "Expected: 0 to 600 seconds.")

    def centiseconds(self, count: int) -> list[int]:
        """Return the delay of each of `count` frames in hundredths of a second.

        >>> Timing(fps=30, hold=1.0).centiseconds(4)
        [3, 4, 3, 100]
        """
        ends = [round(100 * frame / self.fps) for frame in range(count)]
        delays = [max(end - start, 1) for start, end in itertools.pairwise(ends)]
        return [*delays, max(round(100 * self.hold), round(100 / self.fps))]


def format_of(name: str | Path) -> str:
    """Return the format that a file's ending asks for.

    Raises:
        UsageError: If the ending is none of those that can be written.

    >>> format_of("learning.GIF")
    'gif'
    """
    ending = Path(name).suffix.lower().removeprefix(".")
    ending = _ALIASES.get(ending, ending)
    if ending not in FORMATS:
        raise UsageError(
            f"{name} does not say which format to write.",
            f"Expected one of these endings: {', '.join('.' + known for known in FORMATS)}.",
        )
    return ending


def encode(
    frames: Sequence[Frame],
    file: BinaryIO,
    kind: str = "gif",
    timing: Timing | None = None,
    dpi: float = 100.0,
) -> None:
    """Write frames as bytes of one format to an open binary file, which need not be seekable.

    Args:
        frames: `(height, width, 3)` uint8 each, all of one size; drawn one at a time.
        file: Where to write.
        kind: One of `FORMATS`.
        timing: Speed, for more than one frame.
        dpi: Device pixels per inch of paper, which stills note; a page knows its own.

    Raises:
        UsageError: If kind is unknown or does not move, or a GIF is to run faster than 50 frames per second.
        EnvironmentFailure: If `.mp4` is asked for and its package is not installed.
        TypeError: If a frame is not uint8 `(height, width, 3)`.
    """
    kind = _ALIASES.get(kind, kind)
    if kind not in FORMATS:
        raise UsageError(f"Unknown picture format {kind!r}.", f"Expected one of: {', '.join(FORMATS)}.")
    if not len(frames):
        raise UsageError("There is nothing to draw.", "Expected: at least one frame.")
    if len(frames) == 1 or kind in STILL_FORMATS:
        _write_still(frames, file, kind, timing or Timing(), dpi)
        return
    writers = {"gif": _write_gif, "png": _write_png, "webp": _write_webp, "mp4": _write_mp4}
    writers[kind](frames, file, timing or Timing())


def _write_still(frames: Sequence[Frame], file: BinaryIO, kind: str, timing: Timing, dpi: float) -> None:
    """Write the only frame, as `encode` does."""
    if len(frames) > 1:
        raise UsageError(
            f"An animation cannot be written as .{kind}.",
            "Expected one of these endings: .gif, .webp, .mp4, .png.",
        )
    _check(frames[0])
    if kind in {"pdf", "svg"}:
        write_vector(frames if isinstance(frames, Frames) else as_frames(frames[0]), file, kind)
        return
    page = frames.page if isinstance(frames, Frames) else None
    density = (page.look.density * page.scale if page else dpi,) * 2
    if kind == "png":
        Image.fromarray(_check(frames[0])).save(file, "PNG", compress_level=9, dpi=density)
    elif kind == "jpg":
        options = {"quality": 92, "subsampling": 0, "optimize": True, "dpi": density}
        Image.fromarray(_check(frames[0])).save(file, "JPEG", **options)
    elif kind == "webp":
        Image.fromarray(_check(frames[0])).save(file, "WEBP", lossless=True)
    else:
        {"gif": _write_gif, "mp4": _write_mp4}[kind](frames, file, timing)


def _checked(frames: Sequence[Frame]) -> Iterator[Frame]:
    """Yield the frames, each after a look at its type: a float frame would come out black."""
    for frame in frames:
        yield _check(frame)


def _check(frame: Frame) -> Frame:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
        raise TypeError(f"A frame is {frame.dtype} {frame.shape}, expected uint8 (height, width, 3).")
    return frame


def _write_gif(frames: Sequence[Frame], file: BinaryIO, timing: Timing) -> None:
    """Write a GIF, holding no more than a few frames at a time."""
    if len(frames) > 1 and timing.fps > _GIF_FASTEST:
        raise UsageError(
            f"A GIF cannot run at {timing.fps:g} frames per second.",
            f"Expected: at most {_GIF_FASTEST}.",
            "Write .webp, .png or .mp4, or choose a lower --fps.",
        )
    palette = _palette_of(frames, _COARSE)
    unchanged = len(palette)
    height, width = frames[0].shape[:2]
    file.write(_gif_header(width, height, palette, looping=len(frames) > 1))
    delays = timing.centiseconds(len(frames))
    for patch, delay in zip(_patches(frames, palette, _COARSE), delays, strict=True):
        parts = (_gif_block(part, patch.offset, unchanged, delay) for part in patch.ways(unchanged))
        file.write(min(parts, key=len))
    file.write(b";")


@dataclass(frozen=True)
class _Patch:
    """The rectangle in which a frame differs from the one before, as palette indices.

    Attributes:
        colours: `(height, width)`, all of its pixels.
        moved: `(height, width)`, which of them changed.
        offset: x and y of its top left corner.
    """

    colours: NDArray[np.uint8]
    moved: NDArray[np.bool_]
    offset: tuple[int, int]

    def ways(self, unchanged: int) -> list[NDArray[np.uint8]]:
        """Return the ways to write it: whole, or see-through where nothing changed."""
        see_through = np.where(self.moved, self.colours, np.uint8(unchanged))
        return [see_through] if self.moved.all() else [self.colours, see_through]


def _patches(frames: Sequence[Frame], palette: NDArray[np.uint8], finish: _Finish) -> Iterator[_Patch]:
    """Yield what each frame changes; at least one pixel, so that no frame is lost."""
    before: NDArray[np.uint8] | None = None
    for colours in _indexed(frames, palette, finish):
        moved = np.ones(colours.shape, np.bool_) if before is None else colours != before
        before = colours
        rows, columns = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
        top, bottom = (rows[0], rows[-1] + 1) if len(rows) else (0, 1)
        left, right = (columns[0], columns[-1] + 1) if len(columns) else (0, 1)
        crop = np.s_[top:bottom, left:right]
        yield _Patch(colours[crop], moved[crop], (int(left), int(top)))


def _indexed(
    frames: Sequence[Frame], palette: NDArray[np.uint8], finish: _Finish
) -> Iterator[NDArray[np.uint8]]:
    """Yield `(height, width)` palette indices per frame; the last is not held still."""
    shown: NDArray[np.uint8] | None = None
    nearest = _Nearest(palette)
    for number, frame in enumerate(_checked(frames), start=1):
        colours = nearest(frame)
        if shown is not None and number < len(frames):
            differ = np.nonzero(colours != shown)
            kept = shown[differ]
            distance = np.abs(palette[kept] - frame[differ].astype(np.int16))
            colours[differ] = np.where((distance <= finish.still_enough).all(axis=1), kept, colours[differ])
        yield colours
        shown = colours


def _palette_of(frames: Sequence[Frame], finish: _Finish) -> NDArray[np.uint8]:
    """Choose the palette of an animation from a few of its frames."""
    sample = [_check(frames[index]) for index in sorted(_sample(len(frames)))]
    return shared_palette(sample, finish.far)


def _sample(count: int) -> set[int]:
    """Return the frames that choose the palette.

    >>> sorted(_sample(20)), sorted(_sample(1))
    ([0, 6, 13, 19], [0])
    """
    return {0, count // 3, 2 * count // 3, count - 1}


def shared_palette(frames: Sequence[Frame], far: float = 20.0) -> NDArray[np.uint8]:
    """Choose up to 255 colours that serve all pixels of some frames well.

    Each next colour is the one that those chosen serve worst: its distance to the nearest,
    weighted by the root of how often it occurs. So what covers much is met exactly, and a
    rare colour still gets its place. It ends when all that occur often are well served, and almost
    all of the tinted pixels twice as well: each shade of a photograph is rare, and flat steps
    between shades are seen sooner in colour than in grey.

    Args:
        frames: `(height, width, 3)` each.
        far: No colour that occurs often is further than this from the nearest chosen.

    Returns:
        `(colours, 3)`.

    >>> shared_palette([np.array([[[0, 0, 0], [255, 0, 0], [0, 0, 0]]], np.uint8)]).tolist()
    [[0, 0, 0], [255, 0, 0]]
    """
    pixels = np.concatenate([frame.reshape(-1, 3) for frame in frames]).astype(np.uint32)
    packed, counts = np.unique(pixels @ np.array([65536, 256, 1], np.uint32), return_counts=True)
    known = np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.float64)
    often = counts >= _OFTEN * counts.sum()
    chosen = [int(counts.argmax())]
    distance = np.linalg.norm(known - known[chosen[0]], axis=1)
    tinted = np.where(np.ptp(known, axis=1) > _TINT, counts, 0)
    while len(chosen) < min(_MOST_COLOURS, len(known)):
        uneven = tinted[distance > far / 2].sum() > _UNEVEN * counts.sum()
        if not uneven and not (often & (distance > far)).any():
            break
        chosen.append(int((np.sqrt(counts) * distance).argmax()))
        distance = np.minimum(distance, np.linalg.norm(known - known[chosen[-1]], axis=1))
    return known[chosen].astype(np.uint8)


class _Nearest:
    """Finds the palette's nearest colour, by a table over the upper six bits of each channel.

    A colour of the palette itself is always met exactly: black stays black, paper white.
    """

    def __init__(self, palette: NDArray[np.uint8]) -> None:
        levels = np.arange(64)
        levels = (levels << 2 | levels >> 4).astype(np.float32)  # 0 to 255
        colours = palette.astype(np.float32)
        self._table = np.empty((64, 64, 64), np.uint8)
        for red, plane in zip(levels, self._table, strict=True):
            cells = np.stack(np.broadcast_arrays(red, levels[:, None], levels[None, :]), axis=-1)
            plane[:] = ((colours**2).sum(axis=1) - 2 * cells @ colours.T).argmin(axis=-1)
        for index, cell in reversed(list(enumerate(palette >> 2))):
            self._table[tuple(cell)] = index

    def __call__(self, frame: Frame) -> NDArray[np.uint8]:
        """Return `(height, width)` palette indices of a frame."""
        red, green, blue = np.moveaxis((frame >> 2).astype(np.int32), -1, 0)
        return np.asarray(self._table.take(red << 12 | green << 6 | blue))


def _carrier(colours: NDArray[np.uint8], palette: NDArray[np.uint8] | None = None) -> Image.Image:
    """Return an image of palette indices."""
    image = Image.frombytes("P", colours.shape[::-1], np.ascontiguousarray(colours).tobytes())
    if palette is not None:
        image.putpalette(palette.tobytes())
    return image


def _gif_header(width: int, height: int, palette: NDArray[np.uint8], *, looping: bool) -> bytes:
    """Return everything before the first frame (GIF89a, sections 17 to 19 and 26)."""
    bits = max(1, len(palette).bit_length())  # room for one more colour, "unchanged"
    table = palette.tobytes().ljust(3 << bits, b"\0")
    screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0xF0 | (bits - 1), 0, 0)
    forever = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if looping else b""
    return screen + table + forever


def _gif_block(colours: NDArray[np.uint8], offset: tuple[int, int], unchanged: int, delay: int) -> bytes:
    """Return one compressed rectangle that stays on the screen after its delay."""
    options = {"duration": 10 * delay, "disposal": 1, "transparency": unchanged}
    return b"".join(GifImagePlugin.getdata(_carrier(colours), offset, **options))


def _write_png(frames: Sequence[Frame], file: BinaryIO, timing: Timing) -> None:
    """Write an animated PNG with a shared palette."""
    palette = _palette_of(frames, _FINE)
    height, width = frames[0].shape[:2]
    file.write(_png_header(width, height, palette, len(frames)))
    number = 0
    delays = timing.centiseconds(len(frames))
    for patch, delay in zip(_patches(frames, palette, _FINE), delays, strict=True):
        part = min((_png_pixels(part) for part in patch.ways(len(palette))), key=len)
        down, across = patch.colours.shape
        control = struct.pack(">IIIIIHHBB", number, across, down, *patch.offset, delay, 100, 0, 1)
        file.write(_png_chunk(b"fcTL", control))
        first = number == 0
        file.write(
            _png_chunk(b"IDAT", part) if first else _png_chunk(b"fdAT", struct.pack(">I", number + 1) + part)
        )
        number += 1 if first else 2
    file.write(_png_chunk(b"IEND", b""))


def _png_header(width: int, height: int, palette: NDArray[np.uint8], count: int) -> bytes:
    """Return everything before the first frame (PNG 3rd edition, sections 11.2, 11.3.1 and 11.3.6)."""
    opaque = b"\xff" * len(palette) + b"\0"  # the colour after the palette is see-through
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"acTL": struct.pack(">II", count, 0),
        b"PLTE": palette.tobytes() + b"\0\0\0",
        b"tRNS": opaque,
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, body) for name, body in chunks.items())


def _png_pixels(colours: NDArray[np.uint8]) -> bytes:
    """Return compressed rows of palette indices, unfiltered."""
    return zlib.compress(np.pad(colours, ((0, 0), (1, 0))).tobytes(), 6)


def _png_chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _write_webp(frames: Sequence[Frame], file: BinaryIO, timing: Timing) -> None:
    """Write an animated WebP with a shared palette, which is held in memory."""
    palette = _palette_of(frames, _FINE)
    first, *rest = (_carrier(colours, palette) for colours in _indexed(frames, palette, _FINE))
    durations = [10 * delay for delay in timing.centiseconds(len(frames))]
    options = {"append_images": rest, "duration": durations, "loop": 0, "lossless": True, "quality": 60}
    first.save(file, "WEBP", save_all=True, **options)


def _write_mp4(frames: Sequence[Frame], file: BinaryIO, timing: Timing) -> None:
    """Write H.264 in the pixel format that every player reads; the last frame is repeated to hold."""
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        raise EnvironmentFailure(
            "Writing .mp4 needs a package that is not installed.",
            "Expected: imageio-ffmpeg.",
            "Install it with: pip install 'vaecli[mp4]'",
        )
    import imageio.v2

    options = {"fps": timing.fps, "codec": "libx264", "quality": None, "macro_block_size": 2}
    options["output_params"] = ["-crf", "20", "-preset", "medium", "-movflags", "+faststart"]
    with workplace() as folder:
        film = folder / "film.mp4"
        with imageio.v2.get_writer(film, format="FFMPEG", mode="I", **options) as writer:
            for frame in _checked(frames):
                writer.append_data(frame)
            for _ in range(max(round(timing.hold * timing.fps) - 1, 0)):
                writer.append_data(frame)
        file.write(film.read_bytes())
