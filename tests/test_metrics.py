"""The metrics of an epoch: one list for schema, tables, lines and curves."""

import json
from dataclasses import fields, replace

import pytest

from tests.conftest import metrics_of
from vaecli.metrics import METRICS, EpochMetrics, line


def test_every_field_is_a_metric_and_says_what_it_means():
    assert [metric.name for metric in METRICS] == [field.name for field in fields(EpochMetrics)]
    assert all(metric.meaning.endswith(".") for metric in METRICS)


def test_metrics_come_back_from_json_as_they_were():
    metrics = metrics_of(3, latent_dim=4)
    assert EpochMetrics.from_dict(json.loads(json.dumps(metrics.to_dict()))) == metrics


def test_what_an_older_format_lacks_is_none():
    older = {name: value for name, value in metrics_of(1).to_dict().items() if name != "squared_error"}
    assert EpochMetrics.from_dict(older).squared_error is None


def test_a_table_writes_each_metric_in_its_own_form():
    metrics = replace(metrics_of(2), negative_elbo=-3021.456, pixel_scale=0.05)
    cells = {metric.title: metric.cell(metrics) for metric in METRICS if metric.title}
    assert cells == {
        "−ELBO": "−3021.46",
        "reconstruction": "280.00",
        "KL": "9.00",
        "active": "2/2",
        "MSE": "0.016667",
        "scale": "0.0500",
        "bits/dimension": None,
        "training loss": "288.00",
        "images/s": "4,000",
        "seconds": "1.8",
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "−ELBO 289.0 = 280.0 + 9.0 · active 2/2 · 4,000 images/s"),
        ({"pixel_scale": 0.0913}, "−ELBO 289.0 = 280.0 + 9.0 · σ 0.091 · active 2/2 · 4,000 images/s"),
        (
            {"pixel_scale": 0.05, "bits_per_dimension": 4.213},
            "−ELBO 289.0 = 280.0 + 9.0 · 4.21 bits/dimension · active 2/2 · 4,000 images/s",
        ),
        ({"images_per_second": None}, "−ELBO 289.0 = 280.0 + 9.0 · active 2/2 · untrained"),
    ],
)
def test_an_epochs_line_says_what_the_epoch_has(changes, words):
    assert line(replace(metrics_of(2), **changes)) == words
