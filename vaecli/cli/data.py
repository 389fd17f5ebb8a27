"""`vaecli data`: the named datasets, and where their files are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vaecli.cli.datasets import Access, arrival, open_dataset, read_dataset
from vaecli.cli.help import Group, page
from vaecli.cli.options import (
    AsJson,
    DataDir,
    Offline,
    Output,
    Quiet,
    Stream,
    complete_dataset,
    knob_options,
    number_option,
)
from vaecli.cli.pictures import draw
from vaecli.cli.streams import Streams
from vaecli.cli.tables import table
from vaecli.config import TrainConfig, image_knobs
from vaecli.data import CATALOGUE, NamedSet, canonical_name, locate
from vaecli.errors import DataError

if TYPE_CHECKING:
    from vaecli.data.libraries.elsewhere import Elsewhere

app = typer.Typer(
    help="List, fetch and inspect datasets.",
    **page("vaecli data list", "vaecli data fetch fashion", "vaecli data show ./photos --size 64", cls=Group),
)

_Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help=f"The dataset: {', '.join(CATALOGUE)}; or keras:…, tfds:… or hf:….",
        autocompletion=complete_dataset,
    ),
]


_Dataset = Annotated[
    str,
    typer.Argument(
        metavar="DATASET",
        help=f"A named set ({', '.join(CATALOGUE)}; keras:…, tfds:…, hf:…), or the path of your own images.",
        autocompletion=complete_dataset,
    ),
]


@app.command("list", **page("vaecli data list", "vaecli data list --json"))
def list_sets(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the datasets: images, shape, and where their files are."""
    facts = [_facts(named, data_dir) for named in CATALOGUE.values()]
    rows = [["name", "images", "shape", "found"], *map(_row, facts)]
    Streams(as_json=as_json).result(table(rows), facts)


@app.command(**page("vaecli data fetch fashion", "vaecli data fetch mnist --json"))
def fetch(
    name: _Name,
    data_dir: DataDir = None,
    offline: Offline = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Download a dataset unless it is here already; print its folder."""
    from vaecli.data import fetch_elsewhere, find, find_resources

    streams = Streams(quiet=quiet, as_json=as_json)
    if wanted := _elsewhere(name):
        with arrival(streams) as progress:
            folder = fetch_elsewhere(wanted, offline=offline, progress=progress)
        streams.say(f"{wanted.word}: kept in {folder}. For its licence, see where it comes from.")
        streams.result(str(folder), {"name": wanted.word, "path": str(folder), "source": str(folder)})
        return
    named = _with_files(name)
    with arrival(streams) as progress:
        how: dict[str, Any] = {"data_dir": data_dir, "offline": offline, "progress": progress}
        if named.resources:
            place = find_resources(named, **how)
            folder, source = place.path, str(place)
        else:
            found = find(named, **how)
            folder, source = found.path, found.source
    streams.say(f"{named.name}: {source}. Licence: {named.licence}.")
    streams.result(str(folder), {"name": named.name, "path": str(folder), "source": source})


@app.command(**page("vaecli data path fashion", 'ls -l "$(vaecli data path fashion)"'))
def path(name: _Name, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print the folder of a dataset on this machine."""
    if ":" in name and (wanted := _elsewhere(name)):
        if not wanted.folder.exists():
            raise DataError(
                f"{wanted.word} is not in the cache yet.", mend=f"Fetch it: vaecli data fetch {wanted.word}"
            )
        facts = {"name": wanted.word, "path": str(wanted.folder), "source": str(wanted.folder)}
        Streams(as_json=as_json).result(str(wanted.folder), facts)
        return
    named = _with_files(name)
    place = locate(named, data_dir)
    if place is None:
        raise DataError(
            f"{named.name} is not on this machine yet.", mend=f"Fetch it: vaecli data fetch {named.name}"
        )
    facts = {"name": named.name, "path": str(place.path), "source": str(place)}
    Streams(as_json=as_json).result(str(place.path), facts)


@app.command(
    **page(
        "vaecli data info fashion",
        "vaecli data info ./photos --size 64 --json",
        "vaecli data info fashion --pca 2",
    )
)
@knob_options(image_knobs())
def info(
    dataset: _Dataset,
    pca: Annotated[
        int | None,
        number_option(
            int, "--pca", least=1, help="Also give the held-out squared error of N principal components."
        ),
    ] = None,
    data_dir: DataDir = None,
    offline: Offline = False,
    stream: Stream = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    **knobs: Any,
) -> None:
    """Say what is in a dataset: count, size, range, classes, and what was left out."""
    from vaecli.data import describe, facts_of, pca_error

    config = TrainConfig(dataset=dataset, **knobs)
    streams = Streams(quiet=quiet, as_json=as_json)
    images = read_dataset(streams, config, Access(data_dir, offline, stream))
    lines, facts = describe(images), facts_of(images)
    if pca is not None:
        error = pca_error(images, pca)
        facts["pca"] = {"components": pca, "squared_error": error}
        lines.append(f"PCA with {pca} components: held-out squared error {error:.6f} per pixel and channel.")
    streams.result("\n".join([*lines, f"Found: {images.source}."]), facts)


@app.command(
    **page(
        "vaecli data show fashion --split test",
        "vaecli data show shapes --channels 3 --size 48 -o shapes.png",
        "vaecli data show ./photos --size 64 -o - > sheet.png",
    )
)
@knob_options(image_knobs())
def show(
    dataset: _Dataset,
    output: Output = None,
    columns: Annotated[
        int, number_option(int, "--columns", least=1, most=100, help="Images per class.")
    ] = 12,
    split: Annotated[
        str, typer.Option("--split", metavar="train|test", help="Draw training images, or held-out ones.")
    ] = "train",
    data_dir: DataDir = None,
    offline: Offline = False,
    stream: Stream = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    **knobs: Any,
) -> None:
    """Draw a sheet of images, a row per class."""
    from vaecli.figures.sheet import dataset_sheet

    config = TrainConfig(dataset=dataset, **knobs)
    access = Access(data_dir, offline, stream)
    draw(
        lambda desk: dataset_sheet(open_dataset(desk.streams, config, access), columns, split),
        output=output,
        as_json=as_json,
        quiet=quiet,
    )


def _elsewhere(name: str) -> Elsewhere | None:
    """Return the set of another library that a word names, if it names one."""
    from vaecli.data import parse_elsewhere

    return parse_elsewhere(name)


def _with_files(name: str) -> NamedSet:
    """Return the set with a name, if it consists of files."""
    named = CATALOGUE[canonical_name(name)]
    if not named.names:
        raise DataError(
            f"{named.name} has no files: it is generated.",
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
        "found": str(place) if place else None if named.names else "generated",
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
