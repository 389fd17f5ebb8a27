"""A page's HTML: template, style, program and data in one file that asks nobody for anything.

A policy in its head allows the two inline blocks by their digests, pictures from `data:` addresses, and
nothing else: a word of a run that tried to be a script would not be run. The data are JSON in a
block of their own, in which no `<` occurs, so that nothing in it can end the block.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

from vaecli.explorer.contents import EpochContent, RunContent, Weights
from vaecli.explorer.packing import in_base64, pack_float16, pack_int8, pack_integers, pack_uint16
from vaecli.explorer.sprites import sheets_of

#: The page's program, file by file, each after those that it uses.
PROGRAM = (
    "network.js",
    "packing.js",
    "run.js",
    "view.js",
    "scatter.js",
    "pictures.js",
    "curve.js",
    "walk.js",
    "panel.js",
    "controls.js",
    "page.js",
)


def page_of(runs: Sequence[RunContent], notes: Sequence[str]) -> bytes:
    """Return the page of one run, or of several side by side, as HTML.

    Args:
        runs: What is shown.
        notes: Sentences on what was left out.
    """
    web = files("vaecli.explorer") / "web"
    style = (web / "page.css").read_text(encoding="utf-8")
    parts = [(web / name).read_text(encoding="utf-8") for name in PROGRAM]
    program = "\n".join(['(function () {\n"use strict";', *parts, "})();"])
    data = {"runs": [_packed(run) for run in runs], "notes": list(notes)}
    policy = (
        f"default-src 'none'; script-src 'sha256-{_digest(program)}'; style-src 'sha256-{_digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    filled = {
        "POLICY": escape(policy, quote=True),
        "TITLE": escape(" and ".join(run.name for run in runs)),
        "STYLE": style,
        "PROGRAM": program,
        "DATA": in_script(data),
    }
    page = (web / "page.html").read_text(encoding="utf-8")
    before, *rest = page.split("{{")
    pieces = [before]
    for piece in rest:
        name, _, after = piece.partition("}}")
        pieces += [filled[name], after]
    return "".join(pieces).encode("utf-8", "replace")


def in_script(data: Any) -> str:
    r"""Return values as JSON that can stand in a script block: with no `<` in it.

    >>> in_script("</script>")
    '"\\u003c/script>"'
    """
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _packed(run: RunContent) -> dict[str, Any]:
    """Return a run as plain values that the program reads."""
    return {
        "name": run.name,
        "facts": [list(fact) for fact in run.facts],
        "command": run.command,
        "description": dict(run.description),
        "imageShape": list(run.image_shape),
        "classNames": list(run.class_names),
        "colours": list(run.colours),
        "labels": pack_integers(run.labels),
        "index": pack_integers(run.index),
        "axes": run.axes.T.tolist(),
        "centre": run.centre.tolist(),
        "axisNames": list(run.axis_names),
        "curve": [{"number": number, "metrics": metrics} for number, metrics in run.curve.items()],
        "epochs": [_packed_epoch(epoch) for epoch in run.epochs],
        "thumbnails": None if run.images is None else _thumbnails(run),
    }


def _thumbnails(run: RunContent) -> dict[str, Any]:
    rows = None if run.pictured is None else run.pictured.tolist()
    return {**sheets_of(np.asarray(run.images)), "rows": rows}


def _packed_epoch(epoch: EpochContent) -> dict[str, Any]:
    weights = epoch.weights
    return {
        "number": epoch.epoch,
        "metrics": dict(epoch.metrics),
        "means": pack_uint16(epoch.mean),
        "weights": None if weights is None else _packed_weights(weights, epoch.bits),
    }


def _packed_weights(weights: Weights, bits: int) -> dict[str, Any]:
    pack = pack_float16 if bits == 16 else pack_int8
    return {"bits": bits, "values": in_base64(pack(weights))}
