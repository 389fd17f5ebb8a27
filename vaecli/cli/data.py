"""`vaecli data`: the named datasets, and where their files are."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from vaecli.cli.datasets import arrival
from vaecli.cli.options import AsJson, DataDir, Offline, Output, Quiet, complete_dataset, examples
from vaecli.cli.output import deliver
from vaecli.cli.runs import table
from vaecli.cli.streams import Streams
from vaecli.data import CATALOGUE, NamedSet, canonical_name, locate
from vaecli.errors import DataError

if TYPE_CHECKING:
    from vaecli.data import Dataset

app = typer.Typer(
    help="List the datasets, fetch one, show one.",
    epilog=examples("vaecli data list", "vaecli data fetch fashion", "vaecli data show fashion"),
    no_args_is_help=True,
)

_Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help=f"The dataset: {', '.join(CATALOGUE)}.", autocompletion=complete_dataset
    ),
]


@app.command("list", epilog=examples("vaecli data list", "vaecli data list --json"))
def list_sets(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the datasets: images, shape, and where their files are."""
    facts = [_facts(named, data_dir) for named in CATALOGUE.values()]
    rows = [["name", "images", "shape", "found"], *map(_row, facts)]
    Streams(as_json=as_json).result(table(rows), facts)


@app.command(epilog=examples("vaecli data fetch fashion", "vaecli data fetch mnist --json"))
def fetch(
    name: _Name,
    data_dir: DataDir = None,
    offline: Offline = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fetch a dataset unless it is here; print its folder."""
    streams = Streams(quiet=quiet, as_json=as_json)
    named = _with_files(name)
    from vaecli.data import find

    with arrival(streams) as progress:
        found = find(named, data_dir=data_dir, offline=offline, progress=progress)
    streams.say(f"{named.name}: {found.source}. Licence: {named.licence}.")
    streams.result(str(found.path), {"name": named.name, "path": str(found.path), "source": found.source})


@app.command(epilog=examples("vaecli data path fashion", 'ls -l "$(vaecli data path fashion)"'))
def path(name: _Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print the folder of a dataset that is here."""
    named = _with_files(name)
    place = locate(named, data_dir)
    if place is None:
        raise DataError(
            f"{named.name} is not on this machine yet.", mend=f"Fetch it: vaecli data fetch {named.name}"
        )
    facts = {"name": named.name, "path": str(place.path), "source": str(place)}
    Streams(as_json=as_json).result(str(place.path), facts)


@app.command(
    epilog=examples(
        "vaecli data show fashion",
        "vaecli data show shapes --channels 3 --size 48 -o shapes.png",
        "vaecli data show mnist -o - > mnist.png",
    )
)
def show(
    name: _Name,
    output: Output = None,
    columns: Annotated[int, typer.Option("--columns", min=1, max=100, help="Images per class.")] = 12,
    size: Annotated[
        str | None, typer.Option("--size", metavar="HxW", help="Height × width of the images of shapes.")
    ] = None,
    channels: Annotated[
        int | None, typer.Option("--channels", help="Channels of the images of shapes: 1 or 3.")
    ] = None,
    data_dir: DataDir = None,
    offline: Offline = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw a sheet of training images, a row per class."""
    from vaecli.data import load_dataset

    streams = Streams(quiet=quiet, as_json=as_json)
    with arrival(streams) as progress:
        dataset = load_dataset(
            name, data_dir=data_dir, offline=offline, size=size, channels=channels, progress=progress
        )
    facts = {"name": dataset.name, "columns": columns, "class_names": list(dataset.class_names)}
    deliver(streams, output, f"{dataset.name}.png", partial(_draw, dataset, columns), facts)


def _draw(dataset: Dataset, columns: int, file: BinaryIO, ending: str) -> None:
    """Write the sheet of a set."""
    from vaecli.render.encode import encode
    from vaecli.render.sheet import class_sheet

    height, width, channels = dataset.shape
    title = f"{dataset.name} · {len(dataset.train):,} images of {height} × {width} × {channels}"
    sheet = class_sheet(
        dataset.train.images, dataset.train.labels, dataset.class_names, columns=columns, title=title
    )
    encode([sheet], file, ending.removeprefix("."))


def _with_files(name: str) -> NamedSet:
    """Return the set of a name, if it consists of files."""
    named = CATALOGUE[canonical_name(name)]
    if not named.files:
        raise DataError(
            f"{named.name} has no files: it is made on the spot.",
            mend=f"Use it as it is: vaecli train --dataset {named.name}",
        )
    return named


def _facts(named: NamedSet, data_dir: Path | None) -> dict[str, Any]:
    """Return what is known of a set as plain values."""
    place = locate(named, data_dir)
    return {
        "name": named.name,
        "aliases": list(named.aliases),
        "description": named.description,
        "licence": named.licence,
        "train": named.counts[0],
        "heldout": named.counts[1],
        "shape": list(named.shape),
        "class_names": list(named.class_names),
        "found": str(place) if place else None if named.files else "made on the spot",
        "path": str(place.path) if place else None,
    }


def _row(fact: dict[str, Any]) -> list[str]:
    """Return a set's line of the table."""
    return [
        fact["name"],
        f"{fact['train']:,} + {fact['heldout']:,}",
        " × ".join(map(str, fact["shape"])),
        fact["found"] or f"not here: vaecli data fetch {fact['name']}",
    ]
