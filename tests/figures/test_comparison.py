"""What tells runs apart that are drawn together."""

from vaecli.figures.comparison import telling_names


def test_names_tell_in_what_the_runs_differ_and_nothing_else(fabricate):
    one, two = fabricate(1, name="one"), fabricate(1, name="two", beta=0.5)
    other = fabricate(1, name="other", latent_dim=3, beta=0.5, architecture="dense")
    assert telling_names([one]) == ["one"]
    assert telling_names([one, two]) == ["one  ·  β = 1", "two  ·  β = 0.5"]
    assert telling_names([two, other]) == ["two  ·  conv  ·  2 latents", "other  ·  dense  ·  3 latents"]
