"""Sinkhorn's iteration between uniform weights in NumPy; rows before columns.

M. Cuturi, Sinkhorn Distances: Lightspeed Computation of Optimal Transport, 2013.
"""

import numpy as np
from scipy.special import logsumexp


def sinkhorn(inputs):
    cost, epsilon, iterations = inputs["cost"], inputs["epsilon"], inputs["iterations"]
    n, m = cost.shape

    def step():
        kernel = np.exp(cost / -epsilon)
        v = np.full(m, 1 / m)
        for _ in range(iterations):
            u = 1 / n / (kernel @ v)
            v = 1 / m / (u @ kernel)
        return u[:, None] * kernel * v

    return step


def sinkhorn_log(inputs):
    cost, epsilon, iterations = inputs["cost"], inputs["epsilon"], inputs["iterations"]
    n, m = cost.shape

    def step():
        scores = cost / -epsilon
        g = np.full(m, -np.log(m))
        for _ in range(iterations):
            f = -np.log(n) - logsumexp(scores + g, axis=1)
            g = -np.log(m) - logsumexp(scores + f[:, None], axis=0)
        return np.exp(f[:, None] + scores + g)

    return step
