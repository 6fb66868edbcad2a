"""Factorisations in SciPy, of one matrix."""

import numpy as np
import scipy.linalg


def cholesky(inputs):
    a = inputs["a"]
    return lambda: scipy.linalg.cholesky(a, lower=True)


def solve(inputs):
    a, b = inputs["a"], inputs["b"]
    return lambda: scipy.linalg.solve(a, b)


def qr(inputs):
    a = inputs["a"]
    return lambda: scipy.linalg.qr(a, mode="economic"), lambda made: np.abs(made[1])


def eigh(inputs):
    a = inputs["a"]
    return lambda: scipy.linalg.eigh(a), lambda made: made[0]


def svd(inputs):
    a = inputs["a"]
    return lambda: scipy.linalg.svd(a, full_matrices=False), lambda made: made[1]
