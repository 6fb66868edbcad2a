"""Paths of optimizers, computed in NumPy float64 straight from the published formulas.

sgd: Sutskever et al. 2013 in the form of PyTorch's SGD; adam: Kingma and Ba 2015, algorithm 1;
adamw: Loshchilov and Hutter 2019, algorithm 2. Run: python3 generate.py
"""

import json
import pathlib
import platform

import numpy as np

STEPS = 10


def quadratic(x):
    return 0.5 * (x[0] ** 2 + 10.0 * x[1] ** 2), np.array([x[0], 10.0 * x[1]])


def rosenbrock(x):
    value = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    slope = [-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)]
    return value, np.array(slope)


def sgd(x, gradient, rate, momentum=0.0, nesterov=False, decay=0.0):
    velocity = np.zeros_like(x)
    while True:
        g = gradient(x) + decay * x
        velocity = momentum * velocity + g
        x = x - rate * (g + momentum * velocity if nesterov else velocity)
        yield x


def adam(x, gradient, rate, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0):
    m, v, t = np.zeros_like(x), np.zeros_like(x), 0
    while True:
        g = gradient(x)
        t += 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        x = x - rate * (m_hat / (np.sqrt(v_hat) + epsilon) + decay * x)
        yield x


PROBLEMS = {"quadratic": (quadratic, [3.0, -2.0]), "rosenbrock": (rosenbrock, [-1.2, 1.0])}
RUNS = {
    "sgd": (sgd, {"quadratic": dict(rate=0.05), "rosenbrock": dict(rate=0.001)}),
    "momentum": (sgd, {"quadratic": dict(rate=0.05, momentum=0.9), "rosenbrock": dict(rate=0.0005, momentum=0.9)}),
    "nesterov": (
        sgd,
        {
            "quadratic": dict(rate=0.05, momentum=0.9, nesterov=True, decay=0.1),
            "rosenbrock": dict(rate=0.0005, momentum=0.9, nesterov=True),
        },
    ),
    "adam": (adam, {"quadratic": dict(rate=0.3), "rosenbrock": dict(rate=0.05, beta1=0.8, beta2=0.99)}),
    "adamw": (adam, {"quadratic": dict(rate=0.3, decay=0.1), "rosenbrock": dict(rate=0.05, decay=0.01)}),
}

paths = {}
for name, (method, settings) in RUNS.items():
    for problem, options in settings.items():
        function, start = PROBLEMS[problem]
        walk = method(np.array(start), lambda x: function(x)[1], **options)
        paths[f"{name} on {problem}"] = {
            "method": name,
            "problem": problem,
            "start": start,
            "options": options,
            "path": [next(walk).tolist() for _ in range(STEPS)],
        }

out = {"versions": {"python": platform.python_version(), "numpy": np.__version__}, "paths": paths}
pathlib.Path(__file__).with_name("paths.json").write_text(json.dumps(out, indent=1) + "\n")
