# Divergences of Student t distributions by mpmath, and of binomial ones by exact sums; run: python3 divergence.py
import json
import platform

import mpmath
from mpmath import mp, mpf

mp.dps = 30


def log_density(x, degrees, location, scale):
    half = (degrees + 1) / 2
    height = mpmath.loggamma(half) - mpmath.loggamma(degrees / 2) - mpmath.log(degrees * mp.pi) / 2 - mpmath.log(scale)
    return height - half * mpmath.log1p(((x - location) / scale) ** 2 / degrees)


def student_t(p, q):
    p, q = [mpf(v) for v in p], [mpf(v) for v in q]
    width = p[2] * mpmath.sqrt(p[0])

    def term(u):
        x = p[1] + width * mpmath.sinh(u)
        own = log_density(x, *p)
        return mpmath.exp(own) * (own - log_density(x, *q)) * width * mpmath.cosh(u)

    end = 15 / mpmath.sqrt(p[0]) if p[0] > 20 else 70 / p[0] + 3 / mpmath.sqrt(p[0])
    top = mpmath.asinh((q[1] - p[1]) / width)
    near = mpmath.sqrt(q[0]) * q[2] / width / mpmath.cosh(top)
    cuts = [0] + [s * v for s in (-1, 1) for v in (2 / mpmath.sqrt(p[0]), end / 4)] + [top + s * near for s in (-100, -10, -1, 0, 1, 10, 100)]
    return mpmath.quad(term, sorted({-end, end, *[c for c in cuts if -end < c < end]}), maxdegree=12)


def binomial(n, p, m, q):
    p, q = mpf(p), mpf(q)
    mass = lambda k, n, p: mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k)
    return mpmath.fsum(mass(k, n, p) * mpmath.log(mass(k, n, p) / mass(k, m, q)) for k in range(n + 1))


pairs = [
    [[3, 0, 1], [5, 0.5, 2]], [[1, 0, 1], [1, 3, 0.5]], [[0.5, 0, 1], [2, 1, 1]], [[0.1, 0, 1], [1, 1, 1]],
    [[30, 1, 2], [4, 0, 0.01]], [[4, 0, 1], [30, 20, 0.05]], [[200, 0, 1], [200, 0.1, 1]], [[1, 0, 1], [3, 1000, 1e-3]],
    [[1e4, 0, 1], [1e4, 0.5, 1.5]], [[2.5, 0, 1], [1e6, 0, 1]], [[1e6, 0, 1], [2.5, 0, 1]], [[0.3, 0, 1], [0.2, 5, 100]],
    [[7, 0, 1e-3], [7, 0, 1e3]], [[7, 0, 1e3], [7, 0, 1e-3]], [[3, 0, 1], [0.05, 1, 1]], [[0.1, 0, 1], [5, 40, 0.001]],
]
counts = [[5, 0.3, 8, 0.4], [40, 0.25, 100, 0.1], [3, 0.9, 2000, 0.001], [1, 0.5, 1, 0.2]]
with open("divergence.json", "w") as file:
    versions = {"python": platform.python_version(), "mpmath": mpmath.__version__}
    student = [[p, q, mpmath.nstr(student_t(p, q), 18)] for p, q in pairs]
    binomials = [[c, mpmath.nstr(binomial(*c), 18)] for c in counts]
    json.dump({"versions": versions, "studentT": student, "binomial": binomials}, file)
    file.write("\n")
