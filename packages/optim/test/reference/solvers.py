"""Iterations and evaluations of SciPy's solvers on standard problems, to compare with.

J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing Unconstrained Optimization Software, 1981. A run ends at the first
iterate whose gradient has no entry above 1e-5. Run: python3 solvers.py
"""

import json
import pathlib
import platform

import numpy as np
import scipy
from scipy.optimize import least_squares, minimize

TOLERANCE = 1e-5


def rosenbrock(x):
    return np.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x[:-1]])


def powell(x):
    a, b, c, d = x
    return np.array([a + 10 * b, np.sqrt(5) * (c - d), (b - 2 * c) ** 2, np.sqrt(10) * (a - d) ** 2])


def wood(x):
    a, b, c, d = x
    return np.array([10 * (b - a * a), 1 - a, np.sqrt(90) * (d - c * c), 1 - c,
                     np.sqrt(10) * (b + d - 2), (b - d) / np.sqrt(10)])


def beale(x):
    return np.array([y - x[0] * (1 - x[1] ** (i + 1)) for i, y in enumerate([1.5, 2.25, 2.625])])


def brown(x):
    return np.array([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


def helical(x):
    angle = np.arctan2(x[1], x[0]) / (2 * np.pi)
    return np.array([10 * (x[2] - 10 * angle), 10 * (np.hypot(x[0], x[1]) - 1), x[2]])


PROBLEMS = {
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "rosenbrock10": (rosenbrock, [-1.2, 1.0] * 5),
    "powell": (powell, [3.0, -1.0, 0.0, 1.0]),
    "wood": (wood, [-3.0, -1.0, -3.0, -1.0]),
    "beale": (beale, [1.0, 1.0]),
    "brown": (brown, [1.0, 1.0]),
    "helical": (helical, [-1.0, 0.0, 0.0]),
}

METHODS = {
    "l-bfgs": ("L-BFGS-B", dict(maxcor=10, ftol=0, gtol=0, maxiter=2000, maxfun=10000)),
    "nonlinear-cg": ("CG", dict(gtol=0, maxiter=5000)),
    "newton-cg": ("Newton-CG", dict(xtol=0, maxiter=2000)),
    "trust-region": ("trust-ncg", dict(gtol=0, maxiter=2000)),
}

BOUNDS = {
    "rosenbrock, active": ("rosenbrock", [-1.2, 1.0], [-2, -2], [0.5, 2]),
    "rosenbrock, inactive": ("rosenbrock", [-1.2, 1.0], [-5, -5], [5, 5]),
    "rosenbrock10, active": ("rosenbrock10", [-1.2, 1.0] * 5, [-2] * 10, [0.8] * 10),
    "wood, active": ("wood", [-3.0, -1.0, -3.0, -1.0], [-10] * 4, [0.5, 10, 0.5, 10]),
    "beale, active": ("beale", [1.0, 1.0], [-4.5, -4.5], [2.5, 4.5]),
    "brown, active": ("brown", [1.0, 1.0], [0, 0], [1e5, 10]),
    "brown, inactive": ("brown", [1.0, 1.0], [-10, -10], [2e6, 10]),
    "helical, active": ("helical", [-1.0, 0.0, 0.5], [-2, -2, 0.25], [2, 2, 2]),
}


class Stop(Exception):
    pass


def jacobian(f, x):
    columns = []
    for i in range(x.size):
        z = x.astype(complex)
        z[i] += 1e-30j
        columns.append(np.imag(f(z)) / 1e-30)
    return np.array(columns).T


def helical_jacobian(x):
    r2, r = x[0] ** 2 + x[1] ** 2, np.hypot(x[0], x[1])
    k = 100 / (2 * np.pi * r2)
    return np.array([[k * x[1], -k * x[0], 10], [10 * x[0] / r, 10 * x[1] / r, 0], [0, 0, 1]])


def parts(f):
    j = helical_jacobian if f is helical else lambda x: jacobian(f, x)
    value = lambda x: float(f(x) @ f(x))
    gradient = lambda x: 2 * j(x).T @ f(x)

    def hessian(x):
        # Central differences of an exact gradient: enough for directions.
        steps = [1e-6 * max(1, abs(v)) for v in x]
        rows = [(gradient(x + h * e) - gradient(x - h * e)) / (2 * h) for h, e in zip(steps, np.eye(x.size))]
        return (np.array(rows) + np.array(rows).T) / 2

    return value, gradient, hessian, j


def run(name, method, options):
    f, start = PROBLEMS[name]
    value, gradient, hessian, _ = parts(f)
    count, evaluations, at = 0, 0, None

    def counted(x):
        nonlocal evaluations
        evaluations += 1
        return value(x)

    def watch(intermediate_result=None, **_):
        nonlocal count, at
        count += 1
        at = intermediate_result.x
        if np.abs(gradient(at)).max() <= TOLERANCE:
            raise StopIteration

    extra = dict(hess=hessian) if method in ("Newton-CG", "trust-ncg") else {}
    def callback(intermediate_result):
        watch(intermediate_result)
    minimize(counted, np.array(start), jac=gradient, method=method, options=options, callback=callback, **extra)
    return dict(iterations=count, evaluations=evaluations, value=value(at), solved=bool(np.abs(gradient(at)).max() <= TOLERANCE))


out = {"versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
       "minimize": {}, "bounded": {}, "simplex": {}, "leastSquares": {}, "matrixFree": {}}
for method, (scipy_name, options) in METHODS.items():
    out["minimize"][method] = {name: run(name, scipy_name, options) for name in PROBLEMS}
for name in ("rosenbrock", "beale", "wood", "powell", "brown", "helical"):
    f, start = PROBLEMS[name]
    value, *_ = parts(f)
    r = minimize(value, np.array(start), method="Nelder-Mead",
                 options=dict(adaptive=True, xatol=1e-6, fatol=1e-6, maxiter=5000, maxfev=10000))
    out["simplex"][name] = dict(iterations=int(r.nit), evaluations=int(r.nfev), value=float(r.fun))
for name, (problem, start, lower, upper) in BOUNDS.items():
    value, gradient, *_ = parts(PROBLEMS[problem][0])
    r = minimize(value, np.array(start, float), jac=gradient, method="L-BFGS-B", bounds=list(zip(lower, upper)),
                 options=dict(ftol=0, gtol=TOLERANCE, maxiter=5000, maxfun=10000))
    out["bounded"][name] = dict(problem=problem, start=start, lower=lower, upper=upper, iterations=int(r.nit),
                                evaluations=int(r.nfev), value=float(r.fun), x=r.x.tolist())
for name, (f, start) in PROBLEMS.items():
    *_, j = parts(f)
    if len(f(np.array(start))) < len(start):
        continue
    seen = []
    def counted(x):
        seen.append(x.copy())
        return f(x)
    least_squares(counted, np.array(start), jac=j, method="lm", ftol=1e-15, xtol=1e-15, gtol=1e-15, x_scale="jac")
    reached = next((i + 1 for i, x in enumerate(seen) if np.abs(j(x).T @ f(x)).max() <= TOLERANCE), None)
    out["leastSquares"][name] = dict(evaluations=reached)
    seen = []
    tight = dict(ftol=1e-15, xtol=1e-15, gtol=1e-15)
    least_squares(counted, np.array(start), jac=j, method="trf", tr_solver="lsmr", **tight)
    reached = next((i + 1 for i, x in enumerate(seen) if np.abs(j(x).T @ f(x)).max() <= TOLERANCE), None)
    out["matrixFree"][name] = dict(evaluations=reached)


def wine():
    """Softmax regression with a penalty, on standardised features: a smooth convex problem of 42 unknowns."""
    path = pathlib.Path(__file__).parents[3] / "datasets/data/wine_data.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    x, labels = table[:, :13], table[:, 13].astype(int)
    x = (x - x.mean(0)) / x.std(0)
    hot = np.eye(3)[labels]

    def both(flat):
        w, b = flat[:39].reshape(13, 3), flat[39:]
        z = x @ w + b
        z = z - z.max(1, keepdims=True)
        logp = z - np.log(np.exp(z).sum(1, keepdims=True))
        d = (np.exp(logp) - hot) / len(x)
        value = -(hot * logp).sum() / len(x) + 0.01 * (w**2).sum()
        return value, np.concatenate([(x.T @ d + 0.02 * w).ravel(), d.sum(0)])

    best = minimize(both, np.zeros(42), jac=True, method="L-BFGS-B", options=dict(ftol=0, gtol=1e-10, maxiter=5000))
    r = minimize(both, np.zeros(42), jac=True, method="L-BFGS-B", options=dict(ftol=0, gtol=1e-5, maxiter=5000))
    return dict(value=float(best.fun), iterations=int(r.nit), evaluations=int(r.nfev))


out["wine"] = wine()
pathlib.Path(__file__).with_name("solvers.json").write_text(json.dumps(out, indent=1) + "\n")
