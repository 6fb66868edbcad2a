"""Values of elementary functions, computed in 60 digits and rounded once to float64, as hexadecimal words.

python3 functions.py > functions.json    (mpmath 1.3.0)
"""
import json
import random
import struct

from mpmath import mp, mpf, atan2, cos, exp, expm1, log, log1p, power, sin, tanh

mp.dps = 60
random.seed(20)


def word(x):
    return struct.pack(">d", float(x)).hex()


def logistic(x):
    return 1 / (1 + exp(-x))


SMALL = [2.0**-1074, 2.0**-1060, 2.0**-1022, 1e-300, 1e-17, 1e-8, 1e-3, 0.1, 0.25, 0.34, 0.35, 0.5, 0.7, 0.71, 1.0, 1.5]
SIGNED = SMALL + [-x for x in SMALL]


def spread(low, high, n=60):
    return [random.uniform(low, high) for _ in range(n)]


CASES = {
    "exp": (exp, SIGNED + spread(-745, 709.7) + [-708.5, -744.4, 709.78]),
    "expm1": (expm1, SIGNED + spread(-40, 709.7) + spread(-1, 1)),
    "log": (log, SMALL + [1e300, 1.7e308] + spread(0.5, 2) + spread(0, 1e6)),
    "log1p": (log1p, SIGNED[:-2] + [1e300] + spread(-0.99, 3) + spread(0, 1e6)),
    "tanh": (tanh, SIGNED + spread(-20, 20) + spread(-1, 1)),
    "logistic": (logistic, SIGNED + spread(-740, 40) + spread(-3, 3)),
    "sin": (sin, SIGNED + spread(-10, 10) + spread(-5e5, 5e5) + [3.141592653589793, 6.283185307179586, 355.0, 1e22]),
    "cos": (cos, SIGNED + spread(-10, 10) + spread(-5e5, 5e5) + [1.5707963267948966, 11.0, 344.0, 1e22]),
}
rows = {name: [[word(x), word(f(mpf(x)))] for x in xs if x > -1 or name != "log1p"] for name, (f, xs) in CASES.items()}


def bases(n):
    return spread(0.5, 2, n) + [random.lognormvariate(0, 200) for _ in range(n)] + [1 + random.gauss(0, 1e-6) for _ in range(n)]


def exponent(x):
    """One that keeps the power within the range of float64."""
    return float(mpf(random.uniform(-744, 709)) / log(mpf(x)))


PAIRS = {
    "pow": (power, [(x, exponent(x)) for x in bases(60)]
            + [(x, float(y)) for x in [2.0**-1074, 3e-310, 0.1, 3.0, -1.5, -7.25, 1e10, 10.0] for y in [-3, -2, 2, 3, 7, 22]]
            + [(x, y) for x in [0.3, 1.7, 1e300, 1e-320] for y in [0.5, -0.5, 1 / 3, 1e-5, 0.9]]),
    "atan2": (atan2, [(random.gauss(0, 1), random.gauss(0, 1)) for _ in range(100)]
              + [(a * 10.0**i, b) for a in (1.0, -3.0) for b in (2.0, -5.0) for i in range(-30, 31, 6)]
              + [(1e308, 1.7e308), (1.7e308, -1e308), (5e-324, 1e-323), (-5e-324, -1.5e-323), (5e-324, -1.0), (1e-300, 1e10)]),
}
for name, (f, pairs) in PAIRS.items():
    rows[name] = [[word(a), word(b), word(f(mpf(a), mpf(b)))] for a, b in pairs]
print(json.dumps(rows))
