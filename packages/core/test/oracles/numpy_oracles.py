"""Writes data/numpy.json: what NumPy computes for the calls that oracles.test.ts repeats.

Run: python3 numpy_oracles.py > data/numpy.json
"""

import json
import sys

import numpy as np

np.seterr(all="ignore")
cases = []


def number(value):
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and not np.isfinite(value):
        return "nan" if np.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def array(x):
    x = np.asarray(x)
    return {"dtype": x.dtype.name, "shape": list(x.shape), "data": [number(v) for v in x.ravel()]}


def case(fn, inputs, expected, **params):
    if np.asarray(expected).dtype == np.int64:
        expected = np.asarray(expected).astype(np.int32)
    cases.append({"fn": fn, "params": params, "inputs": [array(x) for x in inputs], "expected": array(expected)})


special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-8, 1.0])
for name, fn in {
    "neg": np.negative, "abs": np.abs, "sign": np.sign, "floor": np.floor, "ceil": np.ceil, "round": np.rint,
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "tanh": np.tanh,
    "square": np.square, "isNaN": np.isnan, "isFinite": np.isfinite, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
}.items():
    case(name, [special], fn(special))
inside = np.array([-0.9, -0.2, 0.0, 1e-9, 0.3, 0.99])
for name, fn in {"sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atanh": np.arctanh}.items():
    case(name, [inside], fn(inside))

edge = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 3.0])
left, right = edge[:, None], edge[None, :]
for name, fn in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power, "rem": np.fmod, "mod": np.mod,
    "maximum": np.maximum, "minimum": np.minimum, "atan2": np.arctan2,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}.items():
    case(name, [left, right], fn(left, right))

ints = np.array([-2147483648, 2147483647, -7, 0, 3], dtype=np.int32)
words = np.array([0, 1, 7, 2147483648, 4294967295], dtype=np.uint32)
for name, fn in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "maximum": np.maximum, "and": np.bitwise_and,
                 "or": np.bitwise_or, "xor": np.bitwise_xor, "lt": np.less, "eq": np.equal}.items():
    case(name, [ints[:, None], ints[None, :]], fn(ints[:, None], ints[None, :]))
    case(name, [words[:, None], words[None, :]], fn(words[:, None], words[None, :]))
truth = np.array([True, False])
case("and", [truth[:, None], truth], truth[:, None] & truth)
case("not", [truth], ~truth)
case("not", [ints], ~ints)

grid = np.array([[3.0, 1.0, 2.0], [-1.0, np.nan, 5.0], [2.0, 2.0, -np.inf], [0.5, 0.25, 0.125]])
sound = np.arange(24.0).reshape(2, 3, 4) / 8 - 1
for axis in (None, 0, 1):
    for name, fn in {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "argMax": np.argmax, "argMin": np.argmin,
                     "mean": np.mean}.items():
        case(name, [grid], fn(grid, axis=axis), axis=axis)
for axis in (0, 2, [0, 2], [1, 2]):
    key = tuple(axis) if isinstance(axis, list) else axis
    for name, fn in {"sum": np.sum, "prod": np.prod, "max": np.max, "mean": np.mean, "variance": np.var, "std": np.std}.items():
        case(name, [sound], fn(sound, axis=key), axis=axis)
        case(name, [sound], fn(sound, axis=key, keepdims=True), axis=axis, keepDims=True)
for name, fn in {"sum": np.sum, "prod": np.prod}.items():
    case(name, [np.zeros((2, 0))], fn(np.zeros((2, 0)), axis=1), axis=1)
case("any", [sound > 1], np.any(sound > 1, axis=2), axis=2)
case("all", [sound > -2], np.all(sound > -2, axis=0), axis=0)
case("any", [np.zeros((0,), bool)], np.any(np.zeros((0,), bool)))
case("all", [np.zeros((0,), bool)], np.all(np.zeros((0,), bool)))
for axis in (0, 1):
    case("cumsum", [grid], np.cumsum(grid, axis=axis), axis=axis)
    case("cummax", [grid], np.maximum.accumulate(grid, axis=axis), axis=axis)
    case("cumprod", [grid], np.cumprod(grid, axis=axis), axis=axis)
    case("sort", [grid], np.sort(grid, axis=axis, kind="stable"), axis=axis)
    case("argsort", [grid], np.argsort(grid, axis=axis, kind="stable"), axis=axis)
ties = np.array([2, 0, 1, 0, 2, 1, 0], dtype=np.int32)
case("argsort", [ties], np.argsort(ties, kind="stable"), axis=0)

case("slice", [sound], sound[1, ::2, 1:3], ranges=[1, [0, 3, 2], [1, 3]])
case("slice", [sound], sound[:, -1, -3:-1], ranges=[None, -1, [-3, -1]])
case("flip", [sound], np.flip(sound, (0, 2)), axis=[0, 2])
case("transpose", [sound], np.transpose(sound, (2, 0, 1)), permutation=[2, 0, 1])
case("moveAxis", [sound], np.moveaxis(sound, 0, 1), source=0, target=1)
case("pad", [sound[0]], np.pad(sound[0], ((1, 0), (0, 2)), constant_values=9), widths=[[1, 0], [0, 2]], value=9)
case("concat", [sound[0], sound[1]], np.concatenate([sound[0], sound[1]], axis=1), axis=1)
case("stack", [sound[0], sound[1]], np.stack([sound[0], sound[1]], axis=1), axis=1)
case("tile", [sound[0]], np.tile(sound[0], (2, 3)), repeats=[2, 3])
case("tril", [sound], np.tril(sound, -1), k=-1)
case("tril", [sound], np.tril(sound, 1), k=1)
pick = np.array([[2, 0], [1, 2]], dtype=np.int32)
case("take", [sound, pick], np.take(sound, pick, axis=1), axis=1)
case("takeAlongAxis", [grid, np.array([[2], [0], [1], [1]], dtype=np.int32)],
     np.take_along_axis(grid, np.array([[2], [0], [1], [1]]), 1), axis=1)
rows, columns = np.array([0, 1, 1], dtype=np.int32), np.array([2, 0, -1], dtype=np.int32)
case("atGet", [sound[0], rows, columns], sound[0][rows, columns])
added = sound[0].copy()
np.add.at(added, (rows, columns), 1.5)
case("atAdd", [sound[0], rows, columns], added, value=1.5)
case("where", [grid > 1, grid, np.array(-1.0)], np.where(grid > 1, grid, -1.0))

a, b = sound, (np.arange(40.0) * 7 % 11 - 5).reshape(2, 4, 5) / 4
case("matmul", [a, b], a @ b)
case("matmul", [a, b[0]], a @ b[0])
case("matmul", [a[0], b[0][:, 0]], a[0] @ b[0][:, 0])
case("matmul", [a[0][:, 0], np.ones((2, 3, 2))], a[0][:, 0] @ np.ones((2, 3, 2)))
case("dot", [a[0], b], np.dot(a[0], b))
case("outer", [a[0, 0], b[0, 0]], np.outer(a[0, 0], b[0, 0]))
case("matmul", [np.zeros((2, 0)), np.zeros((0, 3))], np.zeros((2, 0)) @ np.zeros((0, 3)))
large = np.array([1000.0, 1000.5, -1e4, -np.inf])
top = large.max()
case("logSumExp", [large], top + np.log(np.sum(np.exp(large - top))))
case("logSumExp", [np.full(3, -np.inf)], np.array(-np.inf))
case("softmax", [large], np.exp(large - top) / np.sum(np.exp(large - top)))
case("norm", [np.array([3e200, 4e200])], np.array(5e200))
case("linspace", [], np.linspace(-1, 2, 7), start=-1, stop=2, count=7)
case("arange", [], np.arange(5, -3, -2, dtype=np.int32), start=5, stop=-3, step=-2)
case("eye", [], np.eye(2, 3), n=2, m=3)

json.dump({"numpy": np.__version__, "cases": cases}, sys.stdout, separators=(",", ":"))
