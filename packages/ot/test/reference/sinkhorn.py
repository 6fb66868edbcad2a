"""Entropic transport by plain log-domain iteration in NumPy, run until nothing changes. Writes sinkhorn.json.

python3 packages/ot/test/reference/sinkhorn.py
"""

import json
import pathlib

import numpy as np
import scipy
from scipy.special import logsumexp


def solve(cost, a, b, epsilon, rho):
    """Potentials of <P, C> + epsilon KL(P | a b^T) + rho KL of the marginals; rho None where they are met."""
    f, g = np.zeros(len(a)), np.zeros(len(b))
    damp = [1.0 if r is None else r / (r + epsilon) for r in rho]
    with np.errstate(divide="ignore"):
        log_a, log_b = np.log(a), np.log(b)
    for _ in range(200_000):
        old = g
        f = -damp[0] * epsilon * logsumexp(log_b + (g - cost) / epsilon, axis=1)
        g = -damp[1] * epsilon * logsumexp(log_a[:, None] + (f[:, None] - cost) / epsilon, axis=0)
        if np.max(np.abs(g - old)) < 1e-15:
            break
    return f, g


def divergence(p, q):
    positive = p > 0
    return np.sum(p[positive] * np.log(p[positive] / q[positive])) - p.sum() + q.sum()


def case(name, cost, a, b, epsilon, rho=(None, None)):
    f, g = solve(cost, a, b, epsilon, rho)
    if rho == (None, None):
        shift = (g @ b - f @ a) / (a.sum() + b.sum())
        f, g = f + shift, g - shift
    product = np.outer(a, b)
    plan = product * np.exp((f[:, None] + g - cost) / epsilon)
    missed = [0 if r is None else r * divergence(p, w) for r, p, w in zip(rho, (plan.sum(1), plan.sum(0)), (a, b))]
    linear = float(np.sum(plan * cost))
    return {
        "name": name,
        "cost": cost.tolist(),
        "a": a.tolist(),
        "b": b.tolist(),
        "epsilon": epsilon,
        "rho": rho,
        "f": f.tolist(),
        "g": g.tolist(),
        "plan": plan.tolist(),
        "linearCost": linear,
        "regularizedCost": linear + epsilon * divergence(plan, product) + sum(missed),
    }


def main():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(4, 2)) + 1
    cost = ((x[:, None] - y) ** 2).sum(-1)
    a, b = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(4))
    holes = np.array([0, 0.5, 0, 0.25, 0.25, 0]), np.array([0.5, 0, 0.5, 0])
    cases = [
        case("weights of their own", cost, a, b, 0.5),
        case("small epsilon", cost, a, b, 0.05),
        case("weights of zero", cost, *holes, 0.5),
        case("masses of 3", cost, 3 * a, 3 * b, 0.5),
        case("unbalanced", cost, a, 2 * b, 0.5, (1.0, 1.0)),
        case("one marginal may be missed", cost, a, 2 * b, 0.5, (None, 0.7)),
    ]
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}
    path = pathlib.Path(__file__).with_name("sinkhorn.json")
    path.write_text(json.dumps({"versions": versions, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
