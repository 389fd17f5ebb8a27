"""Traversals, from Python."""

import numpy as np
import pytest

from vaecli.errors import DataError, UsageError
from vaecli.figures.traverse import _note, _plan, traverse
from vaecli.latents import typical_member


def test_a_traversal_is_a_still_or_goes_there_and_back(lively):
    still, moving = traverse(lively), traverse(lively, moving=True, steps=5)
    assert (still.default_name, len(still.frames)) == ("lively-traversal-0008.png", 1)
    assert (moving.default_name, len(moving.frames)) == ("lively-traversal.gif", 8)
    assert (still.facts["at"], still.facts["latent"]) == ("the prior's mean", [0.0, 0.0, 0.0])
    assert np.shape(still.facts["values"])[1] == 9


def test_latents_are_ordered_by_their_kl_and_moved_over_what_the_encoder_makes_of_images(lively):
    facts = traverse(lively, steps=7).facts
    kl, mean = lively.metrics(8).kl_per_latent, lively.snapshot(8).mean
    active = [dim + 1 for dim in np.argsort(kl)[::-1] if mean[:, dim].var() > 0.01]
    assert facts["dims"] == active
    assert facts["kl"] == [kl[dim - 1] for dim in active]
    for dim, values in zip(facts["dims"], facts["values"], strict=True):
        np.testing.assert_allclose(values[::6], np.quantile(mean[:, dim - 1], [0.01, 0.99]), rtol=1e-5)
        np.testing.assert_allclose(np.diff(values), np.diff(values)[0], rtol=1e-3)
    shares = traverse(lively, steps=3, over="quantiles").facts
    middle = [np.median(mean[:, dim - 1]) for dim in shares["dims"]]
    np.testing.assert_allclose(np.array(shares["values"])[:, 1], middle, rtol=1e-5)


def test_the_others_are_held_at_a_class_an_image_or_a_latent(lively):
    snapshot = lively.snapshot(8)
    member = typical_member(snapshot.mean, snapshot.labels, 2)
    facts = [traverse(lively, at=at, moving=True, steps=2).facts for at in ("square", "#3", [0.5, 1.0, 0.0])]
    np.testing.assert_allclose(facts[0]["latent"], snapshot.mean[member], rtol=1e-6)
    assert [each["index"] for each in facts] == [snapshot.index[member], 3, None]
    assert facts[2]["latent"] == [0.5, 1.0, 0.0]
    assert traverse(lively, at="square", point="mean", moving=True, steps=2).facts["at"] == "square (mean)"


def test_inactive_latents_are_left_out_and_said(fabricate):
    said = []
    plan = _plan(fabricate(2, latent_dim=5, inactive=(1, 3)), 2, 4, "range")
    assert (plan.dims, plan.left_out, plan.values.shape) == ([4, 2, 0], [1, 3], (3, 4))
    assert _note(plan, said.append) == "Left out: z₂, z₄ (2 of 5 latents are inactive)."
    assert said == [_note(plan, print)]


def test_mistakes_are_told(lively, fabricate):
    with pytest.raises(UsageError, match="A traversal of 1 steps leads nowhere"):
        traverse(lively, steps=1)
    with pytest.raises(UsageError, match="cannot be over 'prior'.\\nExpected one of: range, quantiles"):
        traverse(lively, over="prior")
    with pytest.raises(DataError, match="No latent of run toy-1 is active in epoch 0"):
        traverse(fabricate(1, name="toy-1"), epoch=0)
