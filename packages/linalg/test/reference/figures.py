"""Figures of SciPy and NumPy for test/functions.test.ts: python3 figures.py > figures.json"""
import sys

import json

import numpy as np
import scipy
from scipy import linalg

rng = np.random.default_rng(7)
a = rng.standard_normal((5, 5))
spd = a @ a.T + np.eye(5)
tall = rng.standard_normal((6, 3))
deficient = tall @ np.array([[1, 0, 1], [0, 1, 1], [1, 1, 2]])
b = rng.standard_normal((6, 2))
column, row = np.array([4, 1, 0.5, -0.3, 0.1]), np.array([4, -1, 0.25, 0.6, 0.2])
direction = rng.standard_normal((5, 5))
low = np.tril(a) + 4 * np.eye(5)
x, _, rank, s = np.linalg.lstsq(deficient, b, rcond=None)
sign, logdet = np.linalg.slogdet(a)
orders = {"frobenius": "fro", "nuclear": "nuc", "1": 1, "-1": -1, "2": 2, "-2": -2, "Infinity": np.inf, "-Infinity": -np.inf}
figures = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
    "a": a, "spd": spd, "tall": tall, "deficient": deficient, "b": b,
    "column": column, "row": row, "direction": direction, "low": low,
    "expm": [{"scale": c, "value": linalg.expm(c * a)} for c in (1e-3, 0.05, 0.3, 0.6, 1, 10)],
    "expmFrechet": linalg.expm_frechet(a, direction, compute_expm=False),
    "sqrtm": linalg.sqrtm(spd), "logm": linalg.logm(spd),
    "pinv": np.linalg.pinv(deficient), "lstsq": {"x": x, "rank": int(rank), "s": s},
    "det": np.linalg.det(a), "sign": sign, "logdet": logdet,
    "cond": {k: np.linalg.cond(a, v) for k, v in orders.items()},
    "norm": {k: np.linalg.norm(a, v) for k, v in orders.items()},
    "toeplitz": linalg.toeplitz(column, row),
    "solveToeplitz": linalg.solve_toeplitz((column, row), b[:5]),
    "kron": np.kron(tall, b), "blockDiag": linalg.block_diag(tall, b),
    "eigvalsh": np.linalg.eigvalsh(spd), "svdvals": np.linalg.svd(tall, compute_uv=False),
    "inv": np.linalg.inv(a), "cholesky": np.linalg.cholesky(spd),
}
json.dump(figures, sys.stdout, default=lambda v: v.tolist(), indent=1)
