#!/bin/sh
# Fashion-MNIST from nothing: train a 2-D network for 20 epochs, then draw it learning.
# Leaves everything in ./demo and prints what it made. `make demo` runs it.
set -eu

out=${1:-demo}
mkdir -p "$out"
VAECLI_ARTIFACTS=$out/artifacts
export VAECLI_ARTIFACTS

vaecli data show fashion -o "$out/fashion.png"
run=$(vaecli train --dataset fashion --epochs 20)
vaecli explore "$run" -o "$out/explore.html"
vaecli latent-plot "$run" -o "$out/latent.png"
vaecli latent-plot "$run" --epochs-gif -o "$out/latent.gif"
vaecli grid "$run" -o "$out/grid.png"
vaecli grid "$run" --epochs-gif -o "$out/grid.gif"
vaecli grid "$run" --epochs-gif --beside-latent -o "$out/grid-beside-latent.gif"
vaecli reconstruct "$run" --epochs 0,1,2,5,10,20 -o "$out/reconstructions.png"
vaecli interpolate "$run" --from sandal --via sneaker --to "ankle boot" -o "$out/sandal-to-boot.png"

printf 'Open this page and drag through the latent space: %s\n' "$out/explore.html"
printf 'Made in %s:\n' "$out"
ls -l "$out"
