"""Paths of optimizers, computed in NumPy float64 straight from the published formulas.

sgd: Sutskever et al. 2013 in the form of PyTorch's SGD; adam: Kingma and Ba 2015, algorithm 1;
adamw: Loshchilov and Hutter 2019, algorithm 2; amsgrad: Reddi et al. 2018 in the form of PyTorch's Adam; nadam: Dozat
2016 in the form of optax; rmsprop, adagrad: in the forms of PyTorch; lion: Chen et al. 2023. Run: python3 generate.py
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


def amsgrad(x, gradient, rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m, v, top, t = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x), 0
    while True:
        g = gradient(x)
        t += 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        top = np.maximum(top, v)
        x = x - rate * (m / (1 - beta1**t)) / (np.sqrt(top / (1 - beta2**t)) + epsilon)
        yield x


def nadam(x, gradient, rate, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m, v, t = np.zeros_like(x), np.zeros_like(x), 0
    while True:
        g = gradient(x)
        t += 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        ahead = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - rate * ahead / (np.sqrt(v / (1 - beta2**t)) + epsilon)
        yield x


def rmsprop(x, gradient, rate, decay=0.99, momentum=0.0, centered=False, epsilon=1e-8):
    v, mean, velocity = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    while True:
        g = gradient(x)
        v = decay * v + (1 - decay) * g * g
        mean = decay * mean + (1 - decay) * g
        velocity = momentum * velocity + g / (np.sqrt(v - mean**2 if centered else v) + epsilon)
        x = x - rate * velocity
        yield x


def adagrad(x, gradient, rate, initial=0.0, epsilon=1e-10):
    total = np.full_like(x, initial)
    while True:
        g = gradient(x)
        total = total + g * g
        x = x - rate * g / (np.sqrt(total) + epsilon)
        yield x


def lion(x, gradient, rate, beta1=0.9, beta2=0.99, decay=0.0):
    m = np.zeros_like(x)
    while True:
        g = gradient(x)
        x = x - rate * (np.sign(beta1 * m + (1 - beta1) * g) + decay * x)
        m = beta2 * m + (1 - beta2) * g
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
    "amsgrad": (amsgrad, {"quadratic": dict(rate=0.3, beta2=0.5), "rosenbrock": dict(rate=0.05)}),
    "nadam": (nadam, {"quadratic": dict(rate=0.3), "rosenbrock": dict(rate=0.05, beta1=0.8, beta2=0.99)}),
    "rmsprop": (rmsprop, {"quadratic": dict(rate=0.1), "rosenbrock": dict(rate=0.01, decay=0.9, momentum=0.5)}),
    "rmsprop, centred": (rmsprop, {"quadratic": dict(rate=0.1, decay=0.9, centered=True)}),
    "adagrad": (adagrad, {"quadratic": dict(rate=0.5), "rosenbrock": dict(rate=0.1, initial=0.1)}),
    "lion": (lion, {"quadratic": dict(rate=0.1, decay=0.1), "rosenbrock": dict(rate=0.01, beta1=0.5)}),
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
