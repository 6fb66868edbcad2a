"""The sliced Wasserstein distance in NumPy: sorted projections.

N. Bonneel, J. Rabin, G. Peyré, H. Pfister, Sliced and Radon Wasserstein Barycenters of Measures, 2015.
"""

import numpy as np


def sliced(inputs):
    x, y, directions = inputs["x"], inputs["y"], inputs["directions"]

    def step():
        u = np.sort(directions @ x.T, axis=1)
        v = np.sort(directions @ y.T, axis=1)
        return np.square(u - v).mean()

    return step
