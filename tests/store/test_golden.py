"""Runs that older versions wrote stay readable: a golden run of each version of the format.

The files in `golden/` were written once by the vaecli that introduced the version (`golden_run.py`), and
are never written again.
"""

import numpy as np
import pytest

from tests.store.golden_run import GOLDEN
from vaecli.errors import DamagedArtifact, RunNotFound
from vaecli.store import Run, documents, formats, verify

#: What the networks are called now that were called `dense` when the run was written.
ARCHITECTURES = {"version-1": "dense-v1", "version-2": "dense-v1", "version-3": "dense-v2"}


def test_there_is_a_golden_run_of_the_present_version():
    assert (GOLDEN / f"version-{formats.VERSION}").is_dir()


@pytest.mark.parametrize("path", sorted(GOLDEN.iterdir()), ids=lambda path: path.name)
def test_a_golden_run_reads_as_it_was_written(path):
    run = Run(path)
    assert verify(run) == []
    assert (run.state, run.epochs(), run.checkpoints(), run.total_epochs) == ("diverged", (0, 1, 2), (2,), 3)
    assert run.stop()["message"] == "The loss of epoch 3 is nan."
    assert (run.config.architecture, run.config.checkpoints) == (ARCHITECTURES[path.name], "best")
    assert run.dataset.class_names == ("left", "right ünd <b>")
    assert run.dataset.shape == (4, 3, 1)
    assert run.created.tzinfo is not None
    assert [run.metrics(epoch).negative_elbo for epoch in run.epochs()] == [103.0, 94.0, 85.0]
    assert run.config.likelihood == ("bernoulli" if path.name == "version-1" else "gaussian")
    errors = [run.metrics(epoch).squared_error for epoch in run.epochs()]
    assert errors == ([None] * 3 if path.name == "version-1" else [0.05, 0.025, 0.05 / 3])
    snapshot = run.snapshot(2)
    np.testing.assert_array_equal(snapshot.mean, 2 * np.arange(12).reshape(6, 2))
    np.testing.assert_array_equal(snapshot.index, np.arange(6) * 10)
    np.testing.assert_array_equal(snapshot.grid, np.full((2, 2, 4, 3, 1), 100))
    checkpoint = run.checkpoint()
    np.testing.assert_array_equal(checkpoint.weights["decoder/dense_0/bias"], [2, 3, 4, 5])
    assert set(checkpoint.optimizer) == {f"{name}/first_moment" for name in checkpoint.weights}


def test_a_golden_run_of_version_3_keeps_weights_to_draw_with():
    run = Run(GOLDEN / "version-3")
    assert [run.keeps_weights(epoch) for epoch in run.epochs()] == [True, False, True]
    weights = run.weights(0)
    np.testing.assert_array_equal(weights["decoder/dense_0/bias"], [0, 1, 2, 3])
    np.testing.assert_array_equal(weights["decoder/dense_0/kernel"], np.float32([0.1, 1e5]))
    np.testing.assert_array_equal(run.read_weights(2)["decoder/dense_0/bias"], [2, 3, 4, 5])


@pytest.mark.parametrize("version", [1, 2])
def test_epochs_of_older_versions_keep_no_weights_and_the_error_names_one_that_does(version):
    run = Run(GOLDEN / f"version-{version}")
    np.testing.assert_array_equal(run.weights(2)["decoder/dense_0/bias"], [2, 3, 4, 5])  # its checkpoint
    with pytest.raises(RunNotFound) as caught:
        run.weights(1)
    assert str(caught.value).splitlines() == [
        f"Run version-{version} keeps no weights of epoch 1.",
        "The nearest epochs with weights: 2.",
    ]


def test_a_run_of_a_newer_version_is_refused_in_words(fabricate):
    run = fabricate(1)
    content = {key: value for key, value in run.document.items() if key != "sha256"}
    newer = documents.encode(formats.RUN_FORMAT, formats.VERSION + 1, formats.RUN_SCHEMA, content)
    (run.path / "run.json").write_bytes(newer)
    with pytest.raises(DamagedArtifact) as caught:
        _ = Run(run.path).config
    assert str(caught.value).splitlines() == [
        f"{run.path}/run.json has format version {formats.VERSION + 1}.",
        f"This vaecli reads versions up to {formats.VERSION}.",
        "Use the vaecli that wrote the run, or a newer one.",
    ]
