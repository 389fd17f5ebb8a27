import numpy as np
import pytest

from vaecli.blueprint.convolution import convolved, convolved_transposed, same_padding


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (3, 1), (4, 2), (2, 2), (5, 3), (2, 3)])
def test_the_transposed_convolution_is_the_transpose_of_the_convolution(size, stride):
    random = np.random.default_rng(0)
    kernel = random.normal(size=(size, size, 2, 3)).astype(np.float32)
    images = random.normal(size=(1, 4 * stride, 5 * stride, 2)).astype(np.float32)
    products = random.normal(size=(1, 4, 5, 3)).astype(np.float32)
    forward = np.sum(convolved(images, kernel, stride) * products)
    backward = np.sum(images * convolved_transposed(products, kernel, stride))
    assert forward == pytest.approx(backward, rel=1e-4)


def test_a_convolution_is_the_sum_over_the_kernel_at_each_position():
    random = np.random.default_rng(0)
    image, kernel = random.normal(size=(1, 5, 4, 2)), random.normal(size=(4, 4, 2, 3))
    padded = np.pad(image, ((0, 0), same_padding(5, 4, 2), same_padding(4, 4, 2), (0, 0)))
    for row, column in ((0, 0), (1, 1), (2, 1)):
        patch = padded[0, 2 * row : 2 * row + 4, 2 * column : 2 * column + 4]
        expected = np.einsum("ijc,ijcf->f", patch, kernel)
        np.testing.assert_allclose(convolved(image, kernel, 2)[0, row, column], expected)
