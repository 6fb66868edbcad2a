"""Runs the scripts of the Python peers for python.ts.

A request is a line of JSON, with the bytes of its arrays behind it; an answer has the same form.
"""

import importlib.util
import json
import os
import platform
import sys
from time import perf_counter

requests = sys.stdin.buffer
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)  # what a script prints must not get among the answers
programs = {}
scripts = {}


def script(path):
    if path not in scripts:
        spec = importlib.util.spec_from_file_location(f"script_{len(scripts)}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        scripts[path] = module
    return scripts[path]


def packages(module):
    """The versions of the packages that a script imports."""
    found = {"python": platform.python_version()}
    for value in vars(module).values():
        name = getattr(value, "__name__", "") if type(value) is type(sys) else getattr(value, "__module__", None)
        package = sys.modules.get((name or "").split(".")[0])
        if hasattr(package, "__version__") and hasattr(package, "__path__"):
            found[package.__name__] = package.__version__
    if "numpy" in found:
        found["BLAS"] = blas()
    return found


def blas():
    import numpy

    try:
        library = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"{library['name']} {library['version']}"
    except (TypeError, KeyError):  # before NumPy 1.25
        return "of unknown version"


def decode(given, bodies):
    if not isinstance(given, dict):
        return given
    import numpy

    return numpy.frombuffer(bodies[given["body"]], dtype=given["dtype"]).reshape(given["shape"]).copy()


class Program:
    """The step of a script's function, and what of its result is compared."""

    def __init__(self, make):
        made = make()
        self.step, self.compare = made if isinstance(made, tuple) else (made, lambda result: result)
        self.again = lambda: Program(make)


def setup(request, bodies):
    module = script(request["file"])
    inputs = {name: decode(given, bodies) for name, given in request["inputs"].items()}
    programs[request["id"]] = Program(lambda: getattr(module, request["setup"])(inputs))
    return {"versions": packages(module)}, b""


def run(request, _):
    """What the first step computes: of a program made again, since steps may go on from each other."""
    import numpy

    program = programs[request["id"]].again()
    return {}, numpy.ascontiguousarray(program.compare(program.step()), dtype=numpy.float64).tobytes()


def measure(request, _):
    step, count = programs[request["id"]].step, request["count"]
    start = perf_counter()
    for _ in range(count):
        step()
    return {"milliseconds": (perf_counter() - start) * 1000 / count}, b""


def drop(request, _):
    programs.pop(request["id"], None)
    return {}, b""


operations = {"setup": setup, "run": run, "time": measure, "drop": drop}

while line := requests.readline():
    try:
        request = json.loads(line)
        bodies = [requests.read(size) for size in request["bodies"]]
        answer, body = operations[request["operation"]](request, bodies)
    except ModuleNotFoundError as error:
        answer, body = {"missing": error.name}, b""
    except Exception as error:
        answer, body = {"error": f"{type(error).__name__}: {error}"}, b""
    answers.write(json.dumps({**answer, "size": len(body)}).encode() + b"\n" + body)
    answers.flush()
