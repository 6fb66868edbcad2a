"""Python Optimal Transport: R. Flamary et al., POT: Python Optimal Transport, 2021."""

import numpy as np
import ot


def emd(inputs):
    cost = inputs["cost"]
    a, b = (np.full(size, 1 / size) for size in cost.shape)
    return lambda: ot.emd2(a, b, cost)


def entropic(inputs, method):
    """POT scales columns before rows: the transposed problem has the iterates of the others."""
    cost = np.ascontiguousarray(inputs["cost"].T)
    a, b = (np.full(size, 1 / size) for size in cost.shape)

    def step():
        return ot.sinkhorn(
            a, b, cost, inputs["epsilon"], method, numItermax=inputs["iterations"], stopThr=0, warn=False
        )

    return step, np.transpose


def sinkhorn(inputs):
    return entropic(inputs, "sinkhorn")


def sinkhorn_log(inputs):
    return entropic(inputs, "sinkhorn_log")


def sliced(inputs):
    x, y, directions = inputs["x"], inputs["y"], inputs["directions"]
    projections = np.ascontiguousarray(directions.T)
    return lambda: ot.sliced_wasserstein_distance(x, y, projections=projections), np.square
