# Figures of SciPy for the tests of the exact solvers: linear programs by HiGHS, and assignments.
# python3 exact.py > exact.json; made with the versions written into the file.
import json
import sys

import numpy as np
import scipy
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import kron, eye, vstack

rng = np.random.default_rng(7)


def program(cost, a, b):
    n, m = cost.shape
    keep = np.isfinite(cost).ravel()
    rows = vstack([kron(eye(n), np.ones((1, m))), kron(np.ones((1, n)), eye(m))]).tocsc()[:, keep]
    done = linprog(cost.ravel()[keep], A_eq=rows, b_eq=np.concatenate([a, b]), method="highs")
    return done.fun if done.status == 0 else None


def weights(size, zeros=0):
    w = rng.uniform(0.1, 1, size)
    w[:zeros] = 0
    return w / w.sum()


cases = {}


def case(name, cost, a, b):
    value = program(cost, a, b)
    shown = [[None if not np.isfinite(c) else c for c in row] for row in cost.tolist()]
    cases[name] = {"cost": shown, "a": a.tolist(), "b": b.tolist(), "value": value}


def squared(n, m, repeat=1):
    x = np.repeat(rng.normal(size=(n // repeat, 2)), repeat, axis=0)
    y = np.repeat(rng.normal(size=(m // repeat, 2)) + 1, repeat, axis=0)
    return ((x[:, None] - y[None]) ** 2).sum(-1)


case("square", squared(12, 12), np.full(12, 1 / 12), np.full(12, 1 / 12))
case("wide", squared(7, 19), weights(7), weights(19))
case("tall", squared(23, 5), weights(23), weights(5))
case("zero weights", squared(10, 9), weights(10, 3), weights(9, 2))
case("repeated points", squared(12, 12, 3), np.full(12, 1 / 12), np.full(12, 1 / 12))
case("ties", rng.integers(0, 3, (11, 8)).astype(float), weights(11), weights(8))
case("negative costs", rng.normal(size=(9, 9)), weights(9), weights(9))
case("large costs", squared(8, 8) * 1e6, weights(8), weights(8))
case("small costs", squared(8, 8) * 1e-6, weights(8), weights(8))
banded = squared(10, 10)
banded[np.abs(np.subtract.outer(np.arange(10), np.arange(10))) > 2] = np.inf
case("forbidden pairs", banded, np.full(10, 0.1), np.full(10, 0.1))
stuck = squared(4, 4)
stuck[1, :] = np.inf
case("infeasible", stuck, np.full(4, 0.25), np.full(4, 0.25))

assignments = []
for n, m in [(1, 1), (6, 6), (20, 20), (5, 13), (17, 9)]:
    cost = rng.normal(size=(n, m))
    rows, columns = linear_sum_assignment(cost)
    assignments.append({"cost": cost.tolist(), "value": cost[rows, columns].sum()})

json.dump(
    {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__, "cases": cases, "assignments": assignments},
    sys.stdout,
)
