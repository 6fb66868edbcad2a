"""A network with one hidden layer in NumPy, its derivatives by hand.

The Hessian's product: B. Pearlmutter, Fast Exact Multiplication by the Hessian, Neural Computation 6(1), 1994.
"""

import numpy as np


def probabilities(logits):
    e = logits - logits.max(1, keepdims=True)
    np.exp(e, out=e)
    e /= e.sum(1, keepdims=True)
    return e


def forward(p, x, y):
    """The hidden layer, what the network says, and the slope of the mean loss by that."""
    hidden = x @ p["w1"]
    hidden += p["b1"]
    np.maximum(hidden, 0, out=hidden)
    q = probabilities(hidden @ p["w2"] + p["b2"])
    return hidden, q, (q - y) / len(x)


def split(inputs, prefix=""):
    return {name: inputs[prefix + name] for name in ("w1", "b1", "w2", "b2")}


def train_step(inputs):
    x, y, rate, state = inputs["x"], inputs["y"], inputs["rate"], split(inputs)

    def step():
        p = split(state)
        hidden, _, slope = forward(p, x, y)
        inside = slope @ p["w2"].T
        inside *= hidden > 0
        state["w1"] = p["w1"] - rate * (x.T @ inside)
        state["b1"] = p["b1"] - rate * inside.sum(0)
        state["w2"] = p["w2"] - rate * (hidden.T @ slope)
        state["b2"] = p["b2"] - rate * slope.sum(0)
        return state["w1"]

    return step


def hvp(inputs):
    x, y, p, v = inputs["x"], inputs["y"], split(inputs), split(inputs, "v_")

    def step():
        hidden, q, slope = forward(p, x, y)
        active = hidden > 0
        r_hidden = x @ v["w1"]
        r_hidden += v["b1"]
        r_hidden *= active
        r_logits = r_hidden @ p["w2"] + hidden @ v["w2"] + v["b2"]
        r_slope = q * (r_logits - (q * r_logits).sum(1, keepdims=True)) / len(x)
        r_inside = r_slope @ p["w2"].T + slope @ v["w2"].T
        r_inside *= active
        return x.T @ r_inside, r_inside.sum(0), r_hidden.T @ slope + hidden.T @ r_slope, r_slope.sum(0)

    return step, lambda result: result[0]
