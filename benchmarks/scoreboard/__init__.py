"""The scoreboard: vaecli's networks and those of others, on the same images, evaluator and clock.

python benchmarks/scoreboard Q3 --seeds 3

rows       what is measured, and against which target
peers/     the networks of others, rebuilt
pictures   the images of a row; in validation a part of the training images is held out
running    a training of a row → an ordinary run in a store of its own
measuring  a run → an entry of the results
results    the entries, as a JSON file
verdicts   entries and targets → what was measured, and whether that is enough
page       the results as docs/scoreboard.md, with a plot
"""
