"""`vaecli evaluate`: numbers about runs, with their standard errors."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vaecli import chatter
from vaecli.cli.datasets import Access, read_dataset
from vaecli.cli.options import (
    DEFAULT_ARTIFACTS,
    Artifacts,
    AsJson,
    DataDir,
    Epoch,
    Offline,
    Output,
    Quiet,
    Stream,
    complete_run,
    number_option,
    open_run,
)
from vaecli.cli.output import deliver
from vaecli.cli.streams import Streams
from vaecli.cli.tables import table
from vaecli.errors import UsageError

if TYPE_CHECKING:
    from vaecli.assessment import Difference, Estimate, Evaluation
    from vaecli.assessment.evaluation import Protocol
    from vaecli.assessment.numbers import Number
    from vaecli.data import Dataset
    from vaecli.store import Run

EXAMPLES = (
    "vaecli evaluate",
    "vaecli evaluate fashion-1 fashion-2",
    "vaecli evaluate fashion-1 --split train --images 10000 --json",
    "vaecli evaluate fashion-1 --importance-samples 100 --exact",
    "vaecli evaluate fashion-1 --aggregate",
    "vaecli evaluate fashion-1 --sampler gaussian-mixture",
    "vaecli evaluate mnist-1 --binarise 0 --importance-samples 1000",
    "vaecli evaluate fashion-1 --all --json",
    "vaecli evaluate fashion-1 --per-image -o errors.csv",
)


def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN…",
            help="Runs, as other commands take one. Of several, each is compared with the first, image by "
            "image.",
            autocompletion=complete_run,
            show_default="latest",
        ),
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            "--split", metavar="heldout|train", help="The images to evaluate: held-out or training images."
        ),
    ] = "heldout",
    images: Annotated[
        int | None,
        number_option(int, "--images", least=1, help="Evaluate N images, spread evenly over the classes."),
    ] = None,
    epoch: Epoch = None,
    seed: Annotated[
        int | None,
        number_option(
            int,
            "--seed",
            least=0,
            most=2**31 - 1,
            help="Whatever is drawn follows from it; by default the run's own.",
        ),
    ] = None,
    importance_samples: Annotated[
        int | None,
        number_option(
            int,
            "--importance-samples",
            least=1,
            most=1_000_000,
            metavar="K",
            help="Also −log p(x), importance-weighted with K latents each, of 1,000 images or --images.",
        ),
    ] = None,
    exact: Annotated[
        bool,
        typer.Option(
            "--exact",
            help="Also −log p(x) by quadrature and the inference gap, for one or two latents, likewise.",
        ),
    ] = False,
    neighbours: Annotated[
        bool,
        typer.Option(
            "--neighbours",
            help="Also the accuracy of a vote of the 20 nearest training images, by the means and by PCA.",
        ),
    ] = False,
    aggregate: Annotated[
        bool,
        typer.Option(
            "--aggregate",
            help="Also bounds of KL(q(z) ‖ p(z)), the posteriors of all images together against the prior, "
            "and the share of the prior that none covers.",
        ),
    ] = False,
    sampler: Annotated[
        str | None,
        typer.Option(
            "--sampler",
            metavar="prior|gaussian-mixture",
            help="Also how near images decoded from draws are to held-out ones, in the features of a "
            "classifier of the training images: drawn from the prior, or from a mixture of Gaussians that "
            "is fitted to latents of training images.",
        ),
    ] = None,
    binarise: Annotated[
        int | None,
        number_option(
            int,
            "--binarise",
            least=0,
            most=2**31 - 1,
            metavar="SEED",
            help="−ELBO and log p(x) of images drawn in black and white, a pixel's grey being its "
            "probability of white; only for the likelihood bernoulli.",
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="All of these numbers that apply to the run, some minutes of work."),
    ] = False,
    per_image: Annotated[
        bool, typer.Option("--per-image", help="Write the figures of every image of one run, as CSV.")
    ] = False,
    output: Output = None,
    data_dir: DataDir = None,
    offline: Offline = False,
    stream: Stream = False,
    artifacts: Artifacts = DEFAULT_ARTIFACTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Evaluate runs on images that they did not train on: −ELBO, its parts, and squared errors.

    Each number is a mean over images ± its standard error.
    """
    from vaecli.assessment import compare, evaluate

    streams = Streams(quiet=quiet, as_json=as_json)
    found = [open_run(artifacts, reference) for reference in runs or ["latest"]]
    if per_image and len(found) > 1:
        raise UsageError("--per-image takes one run.", f"Given: {', '.join(run.name for run in found)}.")
    if output is not None and not per_image:
        raise UsageError("-o is for --per-image.", mend="For numbers in a file: --json > numbers.json")
    datasets = _Datasets(streams, Access(data_dir, offline, stream))
    with chatter.aside():
        evaluations = [
            evaluate(
                run,
                datasets.of(run),
                split=split,
                images=images,
                epoch=epoch,
                seed=seed,
                importance_samples=importance_samples,
                exact=exact,
                neighbours=neighbours,
                aggregate=aggregate,
                sampler=sampler,
                binarise=binarise,
                everything=everything,
                say=streams.say,
            )
            for run in found
        ]
    if per_image:
        _deliver_per_image(streams, output, evaluations[0])
        return
    differences = [compare(each, evaluations[0]) for each in evaluations[1:]]
    facts = {
        "evaluations": [each.to_dict() for each in evaluations],
        "differences": [each.to_dict() for each in differences],
    }
    streams.result(_table(evaluations, differences), facts)
    streams.say(*(each.obstacle for each in differences if each.obstacle))


class _Datasets:
    """The datasets of runs; runs that follow one another on the same images share them."""

    def __init__(self, streams: Streams, access: Access) -> None:
        self._streams, self._access = streams, access
        self._kept: tuple[object, Dataset] | None = None

    def of(self, run: Run) -> Dataset:
        """Return the dataset that a run was trained on."""
        config = run.config
        key = (config.dataset, config.limit, config.heldout_limit, config.image_settings())
        if self._kept is None or self._kept[0] != key:
            self._kept = key, read_dataset(self._streams, config, self._access)
        return self._kept[1]


def _deliver_per_image(streams: Streams, output: str | None, evaluation: Evaluation) -> None:
    rows, facts = evaluation.per_image, evaluation.protocol.to_dict()
    deliver(
        streams,
        output,
        f"{evaluation.run}-errors.csv",
        lambda file, ending: file.write(_csv(rows.columns(), rows.rows())),
        {"run": evaluation.run, "protocol": facts},
    )


def _csv(head: Any, rows: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _table(evaluations: list[Evaluation], differences: list[Difference]) -> str:
    """Return protocol and numbers as a column per run, and one per difference."""
    from vaecli.assessment.numbers import NUMBERS

    paired = [each for each in differences if not each.obstacle]
    blank = [""] * len(paired)
    rows = [["", *(each.run for each in evaluations), *(f"{each.run} − {each.against}" for each in paired)]]
    rows += [[title, *cells, *blank] for title, cells in _protocol_rows(evaluations)]
    for name, number in NUMBERS.items():
        own = [each.estimates.get(name) for each in evaluations]
        if any(own):
            cells = [_cell(number, *each) for each in zip(own, evaluations, strict=True)]
            more = [each.estimates.get(name) for each in paired]
            cells += [number.cell(each.value, each.error, signed=True) if each else "" for each in more]
            rows.append([number.title, *cells])
        if name == "kl":
            rows.append(["KL of each latent", *map(_of_each_latent, evaluations), *blank])
    return table(rows)


def _cell(number: Number, estimate: Estimate | None, evaluation: Evaluation) -> str:
    """Return a number as a table writes it, with the count of images where it is of fewer."""
    if estimate is None:
        return ""
    count = estimate.how.get("images", evaluation.protocol.images)
    fewer = f" ({count:,} images)" if count < evaluation.protocol.images else ""
    return number.cell(estimate.value, estimate.error) + fewer


def _of_each_latent(evaluation: Evaluation) -> str:
    """Return the KL of each latent, the largest first and no more than fit."""
    values = sorted((each.value for each in evaluation.kl_per_latent), reverse=True)
    return ", ".join(f"{value:.2f}" for value in values[:_FEW]) + ", …" * (len(values) > _FEW)


def _protocol_rows(evaluations: list[Evaluation]) -> list[tuple[str, list[str]]]:
    """Return how the numbers were made, a row for each fact."""
    how = [each.protocol for each in evaluations]
    return [
        ("epoch", [_epoch_cell(each) for each in how]),
        ("dataset", [f"{each.dataset} {each.fingerprint[:8]}" for each in how]),
        ("images", [f"{each.images:,} of {each.of:,} {_SPLITS[each.split]}" for each in how]),
        ("likelihood", [each.likelihood for each in how]),
        ("seed", [f"{each.seed}" for each in how]),
        *_classifier_row(evaluations),
        *[("binarised", [f"seed {each.binarised}" for each in how])] * (how[0].binarised is not None),
    ]


def _epoch_cell(protocol: Protocol) -> str:
    """Return the epoch that was evaluated, and that its weights are rounded ones if they are."""
    return f"{protocol.epoch}" + " (weights rounded to float16)" * (protocol.weights == "rounded")


def _classifier_row(evaluations: list[Evaluation]) -> list[tuple[str, list[str]]]:
    """Return what the classifier is whose features draws are compared in, if there is one."""
    found = [each.estimates.get("frechet_distance") for each in evaluations]
    cells = [
        f"{each.how['classifier'][:8]}, accuracy {each.how['classifier_accuracy']:.4f}" if each else ""
        for each in found
    ]
    return [("classifier", cells)] if any(cells) else []


_FEW = 5  # latents whose KL a table shows
_SPLITS = {"heldout": "held out", "train": "trained on"}
