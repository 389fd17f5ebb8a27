"""The numbers of an evaluation, each declared once.

Whatever shows them reads this list: the table, the comparison of runs, and the documentation. A new number
is a new entry here, and its value in the section of `evaluation.py` that it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaecli.words import number


@dataclass(frozen=True)
class Number:
    """What is known of a number, whatever its value.

    Attributes:
        name: Its key in JSON.
        title: What a table calls it.
        meaning: What it is, in one line.
        form: How a table writes it: a format of Python's.
        is_likelihood: Whether it is of the likelihood's scale: two runs with different likelihoods cannot
            be compared by it.
        is_of_images: Whether it says something of the images alone, whatever the run.
    """

    name: str
    title: str
    meaning: str
    form: str = ".2f"
    is_likelihood: bool = False
    is_of_images: bool = False

    def cell(self, value: float, error: float | None, *, signed: bool = False) -> str:
        """Return what a table writes, for example `258.31 ± 0.87`.

        Args:
            value: The number.
            error: Its standard error, if it has one.
            signed: Whether a plus sign is written.

        >>> NUMBERS["negative_elbo"].cell(258.312, 0.871), NUMBERS["kl"].cell(1.0, None, signed=True)
        ('258.31 ± 0.87', '+1.00')
        """
        form = f"{'+' * signed}{self.form}"
        return number(value, form) + (f" ± {number(error, self.form)}" if error is not None else "")


_ALL = (
    Number(
        "negative_elbo", "−ELBO", "With β = 1 and one sampled latent, nats per image.", is_likelihood=True
    ),
    Number("reconstruction", "reconstruction", "−log p(x | z), nats per image.", is_likelihood=True),
    Number("kl", "KL", "KL(q(z | x) ‖ p(z)), nats per image."),
    Number(
        "excess",
        "above the floor",
        "−ELBO less the entropy of the grey pixels, which no cross-entropy gets below; nats per image.",
        is_likelihood=True,
    ),
    Number(
        "importance_weighted",
        "−log p(x), K samples",
        "Importance-weighted (Burda et al., 2016): an upper bound, nats per image.",
        is_likelihood=True,
    ),
    Number(
        "negative_log_likelihood",
        "−log p(x)",
        "By quadrature over one or two latents, nats per image.",
        is_likelihood=True,
    ),
    Number(
        "inference_gap",
        "inference gap",
        "−ELBO less −log p(x): approximation and amortisation gap together (Cremer et al., 2018).",
        is_likelihood=True,
    ),
    Number(
        "aggregate_kl",
        "KL(q(z) ‖ p(z)) ≤",
        "Of the aggregate posterior of these images, which is further from the prior than that of all; nats.",
    ),
    Number(
        "aggregate_kl_left_out",
        "KL(q(z) ‖ p(z)) ≥",
        "The same without the posterior that each latent was drawn from; below 0 it says nothing; nats.",
    ),
    Number(
        "uncovered_prior",
        "prior uncovered",
        "Share of draws from the prior at which the aggregate posterior is less than a tenth as dense.",
        ".4f",
    ),
    Number("floor", "floor", "The entropy of the grey pixels, nats per image.", is_of_images=True),
    Number(
        "bits_per_dimension",
        "bits/dimension",
        "−ELBO per pixel and channel in bits, of likelihoods of grey levels.",
        ".4f",
        is_likelihood=True,
    ),
    Number("active_units", "active latents", "Those whose mean has a variance above 0.01.", ".0f"),
    Number(
        "squared_error",
        "squared error",
        "Of reconstructions from the mean, per pixel and channel in [0, 1].",
        ".6f",
    ),
    Number(
        "pca_squared_error",
        "squared error of PCA",
        "Of as many principal components of the training images as the run has latents.",
        ".6f",
        is_of_images=True,
    ),
    Number(
        "neighbour_accuracy",
        "k-NN accuracy",
        "Share of images whose 20 nearest training images, by their means, vote for their class.",
        ".4f",
    ),
    Number(
        "pca_neighbour_accuracy",
        "k-NN accuracy of PCA",
        "The same by as many principal components.",
        ".4f",
        is_of_images=True,
    ),
    Number("squared_error_ratio", "squared error / PCA's", "Below 1 is better than PCA.", ".3f"),
    Number(
        "seam_ratio_of_draws",
        "seam ratio of draws",
        "Mean step between pixels across the borders of the decoder's patches over that elsewhere, of draws "
        "from the prior, at the borders where decoded images are furthest above the real ones.",
        ".3f",
    ),
    Number("seam_ratio_of_reconstructions", "… of reconstructions", "The same of reconstructions.", ".3f"),
    Number(
        "seam_ratio_of_images",
        "… of the images",
        "The same of the images: what there is without seams.",
        ".3f",
    ),
    Number(
        "frechet_distance",
        "Fréchet distance of draws",
        "Of Gaussians with the moments of scaled features of draws and of held-out images.",
        ".2f",
    ),
    Number(
        "frechet_distance_of_images",
        "… of training images",
        "The same of training images: as near as can be expected.",
        ".2f",
        is_of_images=True,
    ),
    Number(
        "frechet_distance_of_pca",
        "… of PCA-Gaussian draws",
        "The same of draws from the Gaussian of as many principal components.",
        ".2f",
        is_of_images=True,
    ),
    Number(
        "kernel_distance",
        "kernel distance of draws",
        "The unbiased squared discrepancy of the same features, with a cubic kernel; may be negative.",
        ".4f",
    ),
    Number(
        "kernel_distance_of_images",
        "… of training images",
        "The same of training images: as near as can be expected.",
        ".4f",
        is_of_images=True,
    ),
    Number(
        "kernel_distance_of_pca",
        "… of PCA-Gaussian draws",
        "The same of draws from the Gaussian of as many principal components.",
        ".4f",
        is_of_images=True,
    ),
    Number(
        "density",
        "density of draws",
        "Neighbourhoods of held-out images that a draw lies in, over the expected (Naeem et al., 2020).",
        ".3f",
    ),
    Number(
        "density_of_images",
        "… of training images",
        "The same of training images: as near as can be expected.",
        ".3f",
        is_of_images=True,
    ),
    Number(
        "density_of_pca",
        "… of PCA-Gaussian draws",
        "The same of draws from the Gaussian of as many principal components.",
        ".3f",
        is_of_images=True,
    ),
    Number(
        "coverage",
        "coverage of draws",
        "Share of held-out images in whose neighbourhood there is a draw (Naeem et al., 2020).",
        ".3f",
    ),
    Number(
        "coverage_of_images",
        "… of training images",
        "The same of training images: as near as can be expected.",
        ".3f",
        is_of_images=True,
    ),
    Number(
        "coverage_of_pca",
        "… of PCA-Gaussian draws",
        "The same of draws from the Gaussian of as many principal components.",
        ".3f",
        is_of_images=True,
    ),
    Number(
        "mutual_information_gap",
        "mutual information gap",
        "How much more one latent tells of each known factor than the next one (Chen et al., 2018); 0 to 1.",
        ".3f",
    ),
    Number(
        "disentanglement",
        "DCI disentanglement",
        "Whether each latent is about one known factor alone (Eastwood and Williams, 2018); 0 to 1.",
        ".3f",
    ),
    Number(
        "completeness", "DCI completeness", "Whether each known factor is in one latent alone; 0 to 1.", ".3f"
    ),
    Number(
        "informativeness",
        "DCI informativeness",
        "Share of the variance of the known factors that a linear regression on the latents predicts.",
        ".3f",
    ),
)

#: Every number by its name, in the order in which they are shown.
NUMBERS = {each.name: each for each in _ALL}
