"""Convolutions along the positions with fewer products.

As in Winograd, "Arithmetic Complexity of Computations", 1980 (for neural networks: Lavin and Gray,
2016): TILE neighbouring outputs of a kernel are the values of two polynomials' product. That is
known by its values at as many points as it has coefficients, one product each: a kernel of five
takes eight products for four outputs instead of twenty.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from narrator.engines.piper_blocks import Graph, in_blocks
from narrator.engines.piper_part import TILE, Tensor

POINTS = {
    3: (0.0, 0.6, -0.6, 1.5, -1.5),
    5: (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5),
    7: (0.0, 0.5, -0.5, 2.0, -2.0, 0.75, -0.75, 1.25, -1.25),
}
"""Size of a kernel -> where the polynomials are evaluated, besides infinity. Of all small fractions
these keep the rounding lowest: 131, 125 and 116 dB below the result, the direct way 132 dB."""

PAYS = 320
"""Channels times size of the kernel from which on it takes less time than the direct way, all the
copying included. Measured: 1.2 to 2.0 times the speed with 128 channels, 1.3 to 1.6 with 64 and a
kernel of five or seven; 32 channels gain nothing."""

NOTHING = 1e-9
"""A smaller weight is zero but for the rounding."""


def pays(weights: Tensor, stride: int = 1) -> bool:
    """Whether `tiled` is the faster way for weights (out, in, kernel)."""
    out, into, kernel = weights.shape
    return stride == 1 and kernel in POINTS and min(out, into) * kernel >= PAYS


def transforms(kernel: int) -> tuple[Tensor, Tensor, Tensor]:
    """Matrices (A, G, B) such that A[(G g) * (B d)] are the TILE outputs of the kernel g over the
    inputs d: the product of two polynomials is interpolated from its values (Toom and Cook), and
    the transpose of that is a convolution (Winograd)."""
    points = POINTS[kernel]

    def values(count: int) -> npt.NDArray[np.float64]:
        """Powers of the points, one a row; the last is infinity."""
        rows = [[point**power for power in range(count)] for point in points]
        return np.array([*rows, [0.0] * (count - 1) + [1.0]])

    interpolation = np.linalg.inv(values(TILE + kernel - 1)).T
    size = np.sqrt((interpolation**2).sum(axis=1, keepdims=True))
    exact = values(TILE).T, values(kernel) * size, interpolation / size
    a, g, b = (np.where(np.abs(matrix) < NOTHING, 0, matrix) for matrix in exact)
    return a.astype(np.float32), g.astype(np.float32), b.astype(np.float32)


def at_points(weights: Tensor, block: int) -> Tensor:
    """The kernels' values at the points, one under the other: (points x out, in, 1, 1), in the
    order of `in_blocks`."""
    _, into, kernel = weights.shape
    _, kernels, _ = transforms(kernel)
    taps = in_blocks(weights, block).reshape(-1, kernel, block * block)
    values = np.zeros((len(kernels), len(taps), block * block), np.float32)
    for value, row in zip(values, kernels, strict=True):
        for tap, weight in enumerate(row):
            if weight:
                value += weight * taps[:, tap]
    return values.reshape(-1, into, 1, 1)


def tiled(
    graph: Graph,
    given: str,
    weights: Tensor,
    bias: Tensor | None,
    dilation: int,
    *,
    ragged: bool = False,
    activation: str = "",
) -> str:
    """A convolution with weights (out, in, kernel) of which `pays` holds, that keeps the number of
    positions; a multiple of TILE * dilation. If that is `ragged`, the last tile is filled up.

    Positions are taken for a picture of as many columns as the dilation: what a kernel sees is
    then in neighbouring rows of a column. Without dilation they are a row, which is faster.
    """
    out, into, kernel = weights.shape
    outputs, points, inputs = transforms(kernel)
    flat = dilation == 1
    picture = given if flat else graph.reshaped(given, 1, into, -1, dilation)
    seen = [_seen(graph, picture, row, into, TILE - 1 if ragged else 0, flat) for row in inputs]
    own = at_points(weights, graph.block)
    products = graph.conv(graph.node("Concat", seen, axis=1), own, groups=len(points))
    # From (points, groups, positions) to rows of points.
    apart = graph.reshaped(products, len(points), out // graph.block, -1)
    turned = graph.node("Transpose", [apart], perm=[1, 0, 2])
    rows = graph.reshaped(turned, 1, out, len(points), -1)
    lines = [
        graph.reshaped(
            graph.each(rows, column[:, None], out, bias, activation=activation),
            out // graph.block, -1, 1, dilation * graph.block,
        )
        for column in outputs
    ]  # fmt: skip
    return graph.reshaped(graph.node("Concat", lines, axis=2), 1, out, 1, -1)


def _seen(graph: Graph, picture: str, row: Tensor, channels: int, filling: int, flat: bool) -> str:
    """What a point sees of the rows of each tile: input i of a tile is half a kernel before its
    first output and i on. At the end there may be so many rows of `filling`. What is
    `flat` has positions for rows."""
    half = (len(row) - TILE) // 2
    used = np.flatnonzero(row)
    first, last = int(used[0]), int(used[-1])
    step = 2 if last > first and not row[first + 1 : last : 2].any() else 1
    kernel = row[first : last + 1 : step]
    before, after = half - first, last + 1 - TILE - half + filling
    if flat:
        return graph.each(picture, kernel[None], channels, pads=(0, before, 0, after),
                          dilation=step, stride=TILE)  # fmt: skip
    return graph.each(picture, kernel[:, None], channels, pads=(before, 0, after, 0),
                      dilation=step, stride=TILE)  # fmt: skip
