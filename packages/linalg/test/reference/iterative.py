"""Iteration counts and solutions of SciPy's iterative solvers, for systems given by formulas. Writes iterative.json."""

import json
import os

import numpy as np
import scipy
from scipy.sparse.linalg import bicgstab, cg, gmres, lsqr, minres

TOLERANCE = 1e-8


def laplacian(k):
    """The five-point Laplacian on a k by k grid."""
    line = 2 * np.eye(k) - np.eye(k, k=1) - np.eye(k, k=-1)
    return np.kron(line, np.eye(k)) + np.kron(np.eye(k), line)


def convection(k):
    """The Laplacian with upwind convection along one axis."""
    return laplacian(k) + 0.8 * np.kron(np.eye(k), np.eye(k) - np.eye(k, k=-1))


def kernel(n):
    i = np.arange(n)
    return np.exp(-np.abs(i[:, None] - i[None, :]) / 10) + 1e-3 * np.eye(n)


def waves(m, n):
    i, j = np.arange(m)[:, None], np.arange(n)[None, :]
    return np.cos(0.37 * i * (j + 1)) + 0.5 * (i == j)


def ramp(n):
    return np.sin(np.arange(n) + 1.0)


def steps_to_tolerance(solver, a, b, **options):
    """Steps until the true residual is small; every method but GMRES shows its iterates."""
    counts = {"steps": 0, "met": None}

    def callback(x):
        counts["steps"] += 1
        if counts["met"] is None and np.linalg.norm(b - a @ x) <= TOLERANCE * np.linalg.norm(b):
            counts["met"] = counts["steps"]

    x, _ = solver(a, b, callback=callback, **options)
    return counts["met"] or counts["steps"] + 1, x


def gmres_steps(a, b, restart):
    steps = []
    x, _ = gmres(a, b, rtol=TOLERANCE, restart=restart, maxiter=1000, callback=steps.append, callback_type="pr_norm")
    return len(steps), x


grid = laplacian(10)
b = ramp(100)
cases = {}


def record(name, steps, x):
    cases[name] = {"steps": int(steps), "x": [float(v) for v in x[:5]], "norm": float(np.linalg.norm(x))}


record("cg laplacian", *steps_to_tolerance(cg, grid, b, rtol=TOLERANCE))
record("cg kernel", *steps_to_tolerance(cg, kernel(80), ramp(80), rtol=TOLERANCE))
scaled = grid * np.outer(1 + np.arange(100) / 10, 1 + np.arange(100) / 10)
jacobi = np.diag(1 / np.diag(scaled))
record("cg jacobi", *steps_to_tolerance(cg, scaled, b, rtol=TOLERANCE, M=jacobi))
record("minres laplacian", *steps_to_tolerance(minres, grid, b, rtol=1e-14))
record("minres indefinite", *steps_to_tolerance(minres, grid - 2.1 * np.eye(100), b, rtol=1e-14, maxiter=1000))
record("gmres full", *gmres_steps(convection(10), b, 100))
record("gmres restarted", *gmres_steps(convection(10), b, 10))
record("bicgstab convection", *steps_to_tolerance(bicgstab, convection(10), b, rtol=TOLERANCE))
for name, (m, n, damp) in {
    "lsqr tall": (40, 12, 0.0),
    "lsqr wide": (12, 40, 0.0),
    "lsqr damped": (40, 12, 0.7),
}.items():
    x, _, steps, *_ = lsqr(waves(m, n), ramp(m), damp=damp, atol=TOLERANCE, btol=TOLERANCE, conlim=0, iter_lim=1000)
    record(name, steps, x)

document = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
    "tolerance": TOLERANCE,
    "cases": cases,
}
with open(os.path.join(os.path.dirname(__file__), "iterative.json"), "w") as file:
    json.dump(document, file, indent=2)
    file.write("\n")
