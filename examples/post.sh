#!/bin/sh
# Every figure of the tutorial "VAEs! Generating images with TensorFlow", for both of its datasets.
#
#   sh examples/post.sh [FOLDER]                    20 and 50 epochs, the default network
#   QUICK=1 sh examples/post.sh                     a few minutes: 12,000 images, 4 and 8 epochs
#   ARCHITECTURE=post sh examples/post.sh           the tutorial's own network: hours on two cores
set -eu

out=${1:-figures}
architecture=${ARCHITECTURE:-conv}
if [ -n "${QUICK:-}" ]; then
    few=4 many=8 shown=0,1,2,4
    set -- --limit 12000 --batch-size 32
else
    few=20 many=50 shown=0,1,2,5,10,20
    set --
fi
mkdir -p "$out"
VAECLI_ARTIFACTS=$out/artifacts
export VAECLI_ARTIFACTS

for dataset in mnist fashion; do
    # The data: a look at the images, row by row.
    vaecli data show "$dataset" -o "$out/$dataset-images.png"

    # Experiment 1: reconstructions against the epoch number, 5 latent dimensions.
    name=$dataset-5d
    vaecli train -d "$dataset" -a "$architecture" -z 5 -e "$few" --name "$name" "$@"
    vaecli reconstruct "$name" --epochs "$shown" -o "$out/$dataset-reconstructions.png"
    vaecli reconstruct "$name" --epochs-gif -o "$out/$dataset-reconstructions.gif"

    # Experiment 2: the 2-D latent space evolving from everything at 0, with and without the KL term.
    vaecli train -d "$dataset" -a "$architecture" -e "$few" --name "$dataset-2d" --tensorboard "$@"
    vaecli train -d "$dataset" -a "$architecture" -e "$few" --beta 0 --name "$dataset-2d-without-kl" "$@"
    vaecli latent-plot "$dataset-2d" -o "$out/$dataset-latent.png"
    vaecli latent-plot "$dataset-2d" --epochs-gif -o "$out/$dataset-latent.gif"
    vaecli latent-plot "$dataset-2d" --compare "$dataset-2d-without-kl" -o "$out/$dataset-kl.png"
    vaecli latent-plot "$dataset-2d" --compare "$dataset-2d-without-kl" --epochs-gif -o "$out/$dataset-kl.gif"

    # Experiment 3: a grid of points decoded into images, evolving, beside the latent scatter.
    vaecli grid "$dataset-2d" --epochs-gif -o "$out/$dataset-grid.gif"
    vaecli grid "$dataset-2d" --beside-latent -o "$out/$dataset-grid-beside-latent.png"
    vaecli grid "$dataset-2d" --epochs-gif --beside-latent -o "$out/$dataset-grid-beside-latent.gif"
done

# Experiment 3, longer: Fashion-MNIST after 50 epochs.
vaecli train -d fashion -a "$architecture" -e "$many" --name fashion-long "$@"
vaecli grid fashion-long -o "$out/fashion-long-grid.png"
vaecli grid fashion-long --epochs-gif --fps 5 -o "$out/fashion-long-grid.gif"
vaecli grid fashion-long --epochs-gif --fps 5 --beside-latent -o "$out/fashion-long-grid-beside-latent.gif"

# The last sentence: from a sandal over a sneaker to a boot, by the mean latents of the classes. After 50 epochs the
# sandals lie in two parts with sneakers between them, so this is the network of 20.
set -- fashion-2d --from sandal --via sneaker --to "ankle boot"
vaecli interpolate "$@" -o "$out/sandal-sneaker-boot.png"
vaecli interpolate "$@" --on-latent -o "$out/sandal-sneaker-boot-on-latent.png"
vaecli interpolate "$@" --on-latent -o "$out/sandal-sneaker-boot.gif"
