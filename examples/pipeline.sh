#!/bin/sh
# Train, plot, encode and decode in pipes; stdout is always the result, and only the result.
# A minute on the procedural shapes; put another dataset in DATASET.
set -eu

out=${1:-demo}
mkdir -p "$out"
VAECLI_ARTIFACTS=$out/artifacts
export VAECLI_ARTIFACTS

# The run's name goes down the pipe; the GIF comes out of it.
vaecli train -d "${DATASET:-shapes}" --limit 2000 -e 3 -q | xargs -I{} vaecli latent-plot {} --epochs-gif -o - > "$out/learning.gif"

# Encodings of all held-out images as CSV; three of them decoded again.
vaecli encode -q -o - | head -4 | vaecli decode latest - -q -o "$out/three-decoded.png"

# A point of your own, decoded, and encoded again.
printf 'z1,z2\n0.5,-1.2\n' | vaecli decode latest - -q -o - > "$out/point.png"
vaecli encode latest "$out/point.png" -q -o -

# Facts as JSON, for other programs.
vaecli runs --json | python3 -c 'import json, sys; print(*(run["name"] for run in json.load(sys.stdin)))'
