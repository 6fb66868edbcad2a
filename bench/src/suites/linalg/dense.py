"""Factorisations in NumPy, of one matrix or of a batch."""

import numpy as np


def cholesky(inputs):
    a = inputs["a"]
    return lambda: np.linalg.cholesky(a)


def solve(inputs):
    a, b = inputs["a"], inputs["b"]
    return lambda: np.linalg.solve(a, b)


def qr(inputs):
    a = inputs["a"]
    return lambda: np.linalg.qr(a), lambda made: np.abs(made[1])


def eigh(inputs):
    a = inputs["a"]
    return lambda: np.linalg.eigh(a), lambda made: made[0]


def svd(inputs):
    a = inputs["a"]
    return lambda: np.linalg.svd(a, full_matrices=False), lambda made: made[1]
