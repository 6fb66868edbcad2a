# Figures of the incomplete gamma and beta functions by mpmath; run: python3 incomplete.py
import json
import platform
import random

import mpmath
from mpmath import mp, mpf

mp.dps = 40
random.seed(11)


def gamma_parts(a, x):
    a, x = mpf(a), mpf(x)
    if x < a + 1:
        p = mpmath.exp(a * mpmath.log(x) - x - mpmath.loggamma(a + 1)) * mpmath.hyp1f1(1, a + 1, x)
        return p, 1 - p
    q = mpmath.gammainc(a, x, mpmath.inf, regularized=True)
    return 1 - q, q


def with_digits(f, *args):
    with mp.workdps(400):
        return [mpmath.nstr(v, 20) for v in f(*args)]


def shapes(low, high, count):
    return [10.0 ** (low + (high - low) * (i + random.random()) / count) for i in range(count)]


gamma_points = []
for a in shapes(-4, 5.5, 26):
    sd = a ** 0.5
    for z in (-6, -3, -1, -0.1, 0.02, 0.5, 2, 5, 8):
        x = a + z * sd if a > 40 else a * 10 ** (z / 3.0)
        if x > 0:
            gamma_points.append((a, x))
    gamma_points.append((a, 0.5 * a))
    gamma_points.append((a, 3 * a + 1))
gamma_rows = [[[a, x], with_digits(gamma_parts, a, x)] for a, x in gamma_points]


def shape_derivative(a, x):
    """dP/da, by a difference of high order at many digits."""
    with mp.workdps(400):
        h = mpf(10) ** -15 * mpf(a)
        f = lambda s: gamma_parts(s, x)[0]
        d = (8 * (f(mpf(a) + h) - f(mpf(a) - h)) - (f(mpf(a) + 2 * h) - f(mpf(a) - 2 * h))) / (12 * h)
        return mpmath.nstr(d, 20)


gamma_slopes = [[[a, x], shape_derivative(a, x)] for a, x in gamma_points[::3]]


def beta_parts(a, b, x):
    a, b, x = mpf(a), mpf(b), mpf(x)
    def lower(a, b, x):
        front = mpmath.exp(a * mpmath.log(x) + b * mpmath.log1p(-x) - mpmath.loggamma(a) - mpmath.loggamma(b) + mpmath.loggamma(a + b)) / a
        return front * mpmath.hyp2f1(a + b, 1, a + 1, x)
    if x < a / (a + b):
        p = lower(a, b, x)
        return p, 1 - p
    q = lower(b, a, 1 - x)
    return 1 - q, q


beta_points = []
for a in shapes(-3, 4.5, 9):
    for b in shapes(-3, 4.5, 9):
        mean = a / (a + b)
        sd = (mean * (1 - mean) / (a + b + 1)) ** 0.5
        for z in (-6, -2, -0.3, 0.4, 3, 7):
            x = mean + z * sd
            if not 0 < x < 1:
                x = random.random()
            beta_points.append((a, b, x))
beta_points = random.sample(beta_points, 300)
beta_rows = [[[a, b, x], with_digits(beta_parts, a, b, x)] for a, b, x in beta_points]


def beta_slopes(a, b, x):
    with mp.workdps(400):
        def slope(f, s):
            h = mpf(10) ** -15 * s
            return (8 * (f(s + h) - f(s - h)) - (f(s + 2 * h) - f(s - 2 * h))) / (12 * h)
        da = slope(lambda s: beta_parts(s, b, x)[0], mpf(a))
        db = slope(lambda s: beta_parts(a, s, x)[0], mpf(b))
        return [mpmath.nstr(da, 20), mpmath.nstr(db, 20)]


slope_rows = [[[a, b, x], beta_slopes(a, b, x)] for a, b, x in beta_points[:60] if max(a, b) < 3000]



def wide_gamma(a, x):
    """P and Q by series and continued fraction, each on its side."""
    a, x = mpf(a), mpf(x)
    front = mpmath.exp(a * mpmath.log(x) - x - mpmath.loggamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = 0
        while term > total * mpf(10) ** -45:
            n += 1
            term *= x / (a + n)
            total += term
        return front * total, 1 - front * total
    b = x + 1 - a
    c, d = mpf(10) ** 300, 1 / b
    h, factor, n = d, mpf(0), 0
    while abs(factor - 1) > mpf(10) ** -45:
        n += 1
        term = -n * (n - a)
        b += 2
        d = 1 / (term * d + b)
        c = b + term / c
        factor = c * d
        h *= factor
    return 1 - front * h, front * h


def wide_beta(a, b, x):
    """I and its complement, by the continued fraction of DiDonato and Morris."""
    a, b, x = mpf(a), mpf(b), mpf(x)

    def lower(a, b, x, y):
        slack = a - (a + b) * x
        h = (a / (a + 1)) * (1 + slack)
        c, d, factor, n = h, mpf(0), mpf(0), 0
        while abs(factor - 1) > mpf(10) ** -45:
            n += 1
            before, after = a + 2 * n - 1, a + 2 * n + 1
            cross = n * (b - n) * x
            top = (a + n - 1) * (a + b + n - 1) / (before * before) * x * cross
            bottom = n + cross / before + (a + n) / after * (slack + 1 + n * (1 + y))
            d = 1 / (bottom + top * d)
            c = bottom + top / c
            factor = c * d
            h *= factor
        logs = a * mpmath.log(x) + b * mpmath.log(y)
        return mpmath.exp(logs - mpmath.loggamma(a) - mpmath.loggamma(b) + mpmath.loggamma(a + b)) / h

    if x * (a + b + 2) <= a + 1:
        p = lower(a, b, x, 1 - x)
        return p, 1 - p
    q = lower(b, a, 1 - x, x)
    return 1 - q, q


def power(low, high):
    return 10.0 ** random.uniform(low, high)


wide_gamma_rows = []
while len(wide_gamma_rows) < 150:
    a = power(-8, 7)
    z = random.gauss(0, 6)
    x = random.choice([a + z * a**0.5 if a > 10 else a * 10 ** (z / 3), a * power(-3, 1), power(-5, 2.5)])
    if x > 0:
        with mp.workdps(80 if abs(x - a) < 6 * a**0.5 else 360):
            wide_gamma_rows.append([[a, x], [mpmath.nstr(v, 20) for v in wide_gamma(a, x)]])

wide_beta_rows = []
while len(wide_beta_rows) < 400:
    a, b = power(-6, 7), power(*random.choice([(-6, 7), (-6, 0)]))
    mean = a / (a + b)
    sd = (mean * (1 - mean) / (a + b + 1)) ** 0.5
    x = random.choice([mean + random.gauss(0, 4) * sd, mean + random.gauss(0, 4) * sd, random.random(), power(-12, 0), 1 - power(-12, 0)])
    if 0 < x < 1:
        with mp.workdps(80):
            wide_beta_rows.append([[a, b, x], [mpmath.nstr(v, 20) for v in wide_beta(a, b, x)]])

versions = {"python": platform.python_version(), "mpmath": mpmath.__version__}
with open("incomplete.json", "w") as file:
    json.dump({"versions": versions, "gamma": gamma_rows, "gammaSlopes": gamma_slopes, "beta": beta_rows, "betaSlopes": slope_rows, "wideGamma": wide_gamma_rows, "wideBeta": wide_beta_rows}, file)
    file.write("\n")
