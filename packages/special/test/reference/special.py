# Figures of the special functions by mpmath at 60 digits, at arguments that are exact doubles; run: python3 special.py
import json
import platform
import random

import mpmath
from mpmath import mp, mpf

mp.dps = 60
random.seed(7)


def spread(low, high, count):
    return [low + (high - low) * (i + random.random()) / count for i in range(count)]


def scales(low, high, count):
    return [10.0 ** e for e in spread(low, high, count)]


def phi(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def log_phi(x):
    return mpmath.log(phi(x)) if x < 1 else mpmath.log1p(-mpmath.erfc(x / mpmath.sqrt(2)) / 2)


def inverse(f, start):
    return mpmath.findroot(f, start, tol=mpf(10) ** -90, maxsteps=200, verify=False)


def erfcinv(y):
    if y > 1:
        return -erfcinv(2 - y)
    if y > 0.9:
        return mpmath.erfinv(1 - y)
    x = mpmath.sqrt(-mpmath.log(y)) if y < 0.3 else mpf(0.4)
    for _ in range(200):
        step = (mpmath.log(mpmath.erfc(x)) - mpmath.log(y)) * mpmath.erfc(x) * mpmath.sqrt(mp.pi) / (2 * mpmath.exp(-x * x))
        x += step
        if abs(step) < mpf(10) ** -45 * abs(x):
            break
    return x


def log_difference(a, b):
    if a + b > 0:
        a, b = -b, -a
    return mpmath.log(phi(b) - phi(a))


def softplus(x):
    return mpmath.log1p(mpmath.exp(x))


unary = {
    "erf": (mpmath.erf, spread(-7, 7, 60) + [-s for s in scales(-300, -1, 6)] + scales(-8, 0, 12)),
    "erfc": (mpmath.erfc, spread(-6, 26.5, 80) + scales(-9, 0, 10)),
    "erfcx": (lambda x: mpmath.exp(x * x) * mpmath.erfc(x), spread(-26, 10, 70) + scales(1, 3.9, 12)),
    "erfinv": (lambda y: erfcinv(1 - y) if abs(y) > 0.5 else mpmath.erfinv(y), spread(-0.9999, 0.9999, 60) + scales(-16, -1, 16) + [1 - s for s in scales(-15, -1, 12)]),
    "erfcinv": (erfcinv, scales(-300, -1, 40) + spread(0.01, 1.99, 40)),
    "lgamma": (lambda x: mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x), spread(0.01, 12, 120) + [1 + s for s in scales(-15, -1, 8)] + [1 - s for s in scales(-15, -1, 8)] + [2 + s for s in scales(-15, -1, 8)] + [2 - s for s in scales(-15, -1, 8)] + scales(-300, 0, 10) + scales(1, 250, 30)),
    "gamma": (mpmath.gamma, spread(0.01, 171.5, 120) + spread(-20, -0.01, 40) + scales(-300, 0, 8)),
    "digamma": (mpmath.digamma, spread(0.01, 14, 120) + [1.4616321449683622 + s for s in (1e-15, 1e-12, -1e-12, 1e-9, -1e-8, 1e-5, -1e-3, 0.01)] + scales(-100, 0, 10) + scales(1, 200, 20) + spread(-20, -0.01, 40)),
    "softplus": (softplus, spread(-40, 40, 40) + [-700.0, 700.0, -1e-10]),
    "entr": (lambda x: -x * mpmath.log(x), scales(-200, 3, 40)),
    "i0": (lambda x: mpmath.besseli(0, x), spread(-30, 700, 60) + spread(-9, 9, 40)),
    "i1": (lambda x: mpmath.besseli(1, x), spread(-30, 700, 60) + spread(-9, 9, 40) + scales(-100, -1, 6)),
    "i0e": (lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(0, x), spread(-9, 9, 40) + spread(-60, 60, 30) + scales(1, 4, 12)),
    "i1e": (lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x), spread(-9, 9, 40) + spread(-60, 60, 30) + scales(1, 4, 12) + scales(-100, -1, 6)),
    "normalPdf": (lambda x: mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mp.pi), spread(-37, 37, 80)),
    "normalCdf": (phi, spread(-37, 9, 100)),
    "normalLogCdf": (log_phi, spread(-40, 12, 100) + [-s for s in scales(1, 5, 12)]),
    "normalQuantile": (lambda p: -mpmath.sqrt(2) * erfcinv(2 * p), scales(-300, -0.4, 60) + spread(0.01, 0.99, 60)),
}
points = {}
for name, (f, xs) in unary.items():
    points[name] = [[[x], mpmath.nstr(f(mpf(x)), 20)] for x in xs]
for n in (1, 2, 3, 5, 10):
    xs = spread(0.05, 30, 40) + scales(-2, 3, 16) + spread(-6, -0.05, 16)
    points["polygamma%d" % n] = [[[x], mpmath.nstr(mpmath.polygamma(n, mpf(x)) if x > 0 else (-1) ** n * (mpmath.polygamma(n, 1 - mpf(x)) - (-1) ** n * mpmath.diff(lambda t: mp.pi * mpmath.cot(mp.pi * t), mpf(x), n)), 20)] for x in xs]
    # psi_n(1 - x) + (-1)^(n + 1) psi_n(x) = (-1)^n (pi cot pi x)^(n)

pairs = [(a, b) for a in spread(-40, 12, 24) for b in [a + w for w in (1e-12, 1e-5, 0.01, 0.3, 1.0, 2.5, 20.0)]]
points["normalLogCdfDifference"] = [[[a, b], mpmath.nstr(log_difference(mpf(a), mpf(b)), 20)] for a, b in pairs]
points["logaddexp"] = [[[a, b], mpmath.nstr(mpmath.log(mpmath.exp(mpf(a)) + mpmath.exp(mpf(b))), 20)] for a in spread(-50, 50, 8) for b in spread(-40, 60, 8)]
grid = scales(-6, 0, 5) + spread(1, 12, 5) + scales(1.2, 6, 6)
points["lbeta"] = [[[a, b], mpmath.nstr(mpmath.log(mpmath.beta(mpf(a), mpf(b))), 20)] for a in grid for b in grid]

if __name__ == "__main__":
    versions = {"python": platform.python_version(), "mpmath": mpmath.__version__}
    with open("special.json", "w") as file:
        json.dump({"versions": versions, "points": points}, file)
        file.write("\n")
