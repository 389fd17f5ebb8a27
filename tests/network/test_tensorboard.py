from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from vaecli.errors import EnvironmentFailure
from vaecli.images import tiled
from vaecli.metrics import METRICS
from vaecli.network import EpochResult, TensorBoardLog, Trainer, graph_bytes

Trained = tuple[Trainer, list[EpochResult]]


def read_back(directory: Path) -> EventAccumulator:
    """Read the event files of a directory as TensorBoard does."""
    events = EventAccumulator(str(directory), size_guidance={"tensors": 0})
    events.Reload()
    return events


def test_scalars_images_and_graph_come_back_from_the_event_files(trained: Trained, tmp_path: Path) -> None:
    trainer, results = trained
    with TensorBoardLog(str(tmp_path), trainer.fixed) as log:
        log.graph(graph_bytes(trainer.vae))
        for result in results:
            log.epoch(result)
    events = read_back(tmp_path)
    curves = {metric.name for metric in METRICS if metric.curve}
    scalars = {tag for tag in curves if getattr(results[-1].metrics, tag) is not None}
    assert set(events.Tags()["tensors"]) == {*scalars, "reconstructions", "grid"}
    losses = events.Tensors("negative_elbo")
    assert [event.step for event in losses] == [0, 1, 2]
    assert tf.make_ndarray(losses[2].tensor_proto) == pytest.approx(results[2].metrics.negative_elbo)
    assert [event.step for event in events.Tensors("training_loss")] == [1, 2]
    assert any("logits" in node.name for node in events.Graph().node)


def test_images_are_the_stored_ones_tiled_without_seams(trained: Trained, tmp_path: Path) -> None:
    trainer, results = trained
    with TensorBoardLog(str(tmp_path), trainer.fixed) as log:
        log.epoch(results[2])
    events = read_back(tmp_path)

    def image(tag: str) -> np.ndarray:
        return tf.io.decode_png(tf.make_ndarray(events.Tensors(tag)[0].tensor_proto)[2]).numpy()

    np.testing.assert_array_equal(image("grid"), tiled(results[2].grid))
    np.testing.assert_array_equal(image("grid")[12:24, 10:20], results[2].grid[1, 1])
    np.testing.assert_array_equal(image("reconstructions")[:12, :10], trainer.fixed[0])
    np.testing.assert_array_equal(image("reconstructions")[12:, 30:], results[2].reconstructions[3])


def test_a_resumed_run_appends_without_writing_an_epoch_twice(trained: Trained, tmp_path: Path) -> None:
    trainer, results = trained
    for seen in (results[:2], results[1:]):
        with TensorBoardLog(str(tmp_path), trainer.fixed) as log:
            log.graph(graph_bytes(trainer.vae))
            for result in seen:
                log.epoch(result)
    assert [event.step for event in read_back(tmp_path).Tensors("grid")] == [0, 1, 2]


def test_without_tensorboard_the_extra_to_install_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.backend.event_processing.event_file_loader", None)
    with pytest.raises(EnvironmentFailure, match=r"pip install 'vaecli\[tensorboard\]'"):
        TensorBoardLog(str(tmp_path), np.zeros((1, 2, 2, 1), np.uint8))


def test_a_directory_that_is_a_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(EnvironmentFailure, match="cannot be written to"):
        TensorBoardLog(str(tmp_path / "taken" / "logs"), np.zeros((1, 2, 2, 1), np.uint8))


def test_what_is_no_event_file_is_passed_over_and_an_odd_path_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.1").mkdir()
    originals = np.zeros((1, 2, 2, 1), np.uint8)
    TensorBoardLog(str(tmp_path), originals).close()
    with pytest.raises(EnvironmentFailure, match="a path in UTF-8"):
        TensorBoardLog(str(tmp_path / "a\udcff"), originals)
