"""Functions of arrays in NumPy, in place where NumPy can."""

import numpy as np


def add(inputs):
    a, b = inputs["a"], inputs["b"]
    return lambda: a + b


def total(inputs):
    x = inputs["x"]
    return lambda: x.sum()


def chain(inputs):
    x = inputs["x"]

    def step():
        v = x * 1.01
        v += 0.1
        for _ in range(9):
            v *= 1.01
            v += 0.1
        return v

    return step


def softmax(inputs):
    x = inputs["x"]

    def step():
        e = x - x.max(1, keepdims=True)
        np.exp(e, out=e)
        e /= e.sum(1, keepdims=True)
        return e

    return step


def logsumexp(inputs):
    x = inputs["x"]

    def step():
        top = x.max(1, keepdims=True)
        e = x - top
        np.exp(e, out=e)
        return np.log(e.sum(1)) + top[:, 0]

    return step


def sum_axis(inputs):
    x, axis = inputs["x"], inputs["axis"]
    return lambda: x.sum(axis)


def transpose(inputs):
    x = inputs["x"]
    return lambda: np.ascontiguousarray(x.T)


def sort(inputs):
    x = inputs["x"]
    return lambda: np.sort(x)


def vmap_grad(inputs):
    """The gradient of exp(sum(x²)) sum(sin(x)) at each row, by hand."""
    x = inputs["x"]

    def step():
        e = np.exp(np.square(x).sum(1, keepdims=True))
        s = np.sin(x).sum(1, keepdims=True)
        return e * (2 * x * s + np.cos(x))

    return step


def scalar_grad(inputs):
    """The derivative of 25 rounds of sin(tanh(1.01 v) + 0.1), by hand, backwards."""
    x = np.float32(inputs["x"])
    rounds = inputs["rounds"]
    slope, shift, one = np.float32(1.01), np.float32(0.1), np.float32(1)

    def step():
        kept = []
        v = x
        for _ in range(rounds):
            t = np.tanh(v * slope)
            u = t + shift
            kept.append((t, u))
            v = np.sin(u)
        g = one
        for t, u in reversed(kept):
            g = g * np.cos(u) * (one - t * t) * slope
        return g

    return step
