"""Values of elementary functions, computed in 60 digits and rounded once to float64, as hexadecimal words.

python3 functions.py > functions.json    (mpmath 1.3.0)
"""
import json
import random
import struct

from mpmath import mp, mpf, exp, expm1, log, log1p, tanh, sin, cos

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
print(json.dumps({name: [[word(x), word(f(mpf(x)))] for x in xs if x > -1 or name != "log1p"] for name, (f, xs) in CASES.items()}))
