# Figures of distributions by scipy.stats; run: python3 distributions.py
import json
import platform

import mpmath
import numpy
import scipy
from scipy import stats

cases = []


def add(family, args, d, xs, cdf=True, discrete=False):
    log_prob = d.logpmf if discrete else d.logpdf
    row = {"family": family, "args": args, "x": xs, "logProb": [float(log_prob(x)) for x in xs]}
    row["mean"], row["variance"] = float(d.mean()), float(d.var()) if numpy.isfinite(d.var()) else "Infinity"
    row["entropy"] = float(d.entropy())
    if cdf:
        row["cdf"] = [float(d.cdf(x)) for x in xs]
    cases.append(row)


for mu, sigma in [(0.0, 1.0), (-2.0, 0.3)]:
    add("normal", [mu, sigma], stats.norm(mu, sigma), [mu - 3 * sigma, mu, mu + 0.7 * sigma, mu + 8 * sigma])
    add("laplace", [mu, sigma], stats.laplace(mu, sigma), [mu - 3 * sigma, mu + 0.7 * sigma, mu + 8 * sigma])
add("uniform", [-1.0, 3.0], stats.uniform(-1, 4), [-0.5, 0.0, 2.9])
add("exponential", [2.5], stats.expon(scale=1 / 2.5), [0.1, 1.0, 4.0])
for a, b in [(0.3, 1.0), (1.0, 2.0), (4.5, 0.2), (200.0, 3.0)]:
    add("gamma", [a, b], stats.gamma(a, scale=1 / b), [0.05 * a / b, a / b, 2.0 * a / b])
for a, b in [(0.4, 0.6), (1.0, 3.0), (20.0, 5.0), (300.0, 700.0)]:
    m = a / (a + b)
    add("beta", [a, b], stats.beta(a, b), [0.5 * m, m, min(1.4 * m, 0.99)])
for nu in (1.5, 3.0, 40.0):
    add("studentT", [nu, 0.5, 2.0], stats.t(nu, 0.5, 2.0), [-9.0, 0.4, 0.6, 3.0, 30.0])
for rate in (0.2, 3.0, 25.0, 800.0):
    add("poisson", [rate], stats.poisson(rate), [0.0, 1.0, float(round(rate)), float(round(1.5 * rate + 2))], discrete=True)
for n, p in [(1, 0.3), (12, 0.25), (200, 0.7), (5000, 0.02)]:
    add("binomial", [float(n), p], stats.binom(n, p), [0.0, 1.0, float(round(n * p)), float(min(n, round(1.3 * n * p + 1)))], discrete=True)
for kappa in (0.1, 2.0, 50.0):
    d = stats.vonmises(kappa, 0.4)
    xs = [-2.0, 0.0, 0.5, 2.5]
    row = {"family": "vonMises", "args": [0.4, kappa], "x": xs, "logProb": [float(d.logpdf(x)) for x in xs], "entropy": float(d.entropy())}
    # scipy takes a normal approximation from kappa = 50 on.
    density = lambda t: mpmath.exp(kappa * mpmath.cos(t)) / (2 * mpmath.pi * mpmath.besseli(0, kappa))
    row["cdf"] = [float(mpmath.quad(density, mpmath.linspace(-mpmath.pi, x - 0.4, 20))) for x in xs]
    cases.append(row)

alpha = [0.5, 2.0, 3.5]
share = [0.2, 0.3, 0.5]
dirichlet = {"alpha": alpha, "x": share, "logProb": float(stats.dirichlet(alpha).logpdf(share)), "entropy": float(stats.dirichlet(alpha).entropy()), "variance": stats.dirichlet(alpha).var().tolist()}
covariance = [[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 0.7]]
location = [1.0, -1.0, 0.5]
d = stats.multivariate_normal(location, covariance)
x = [[0.0, 0.0, 0.0], [1.0, 2.0, -1.0]]
multivariate = {"location": location, "covariance": covariance, "x": x, "logProb": d.logpdf(x).tolist(), "entropy": float(d.entropy())}

with open("distributions.json", "w") as file:
    versions = {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__, "mpmath": mpmath.__version__}
    json.dump({"versions": versions, "cases": cases, "dirichlet": dirichlet, "multivariate": multivariate}, file)
    file.write("\n")
