# Unscrambled points and a discrepancy by scipy.stats.qmc; run: python3 quasirandom.py
import json
import platform
import warnings

import numpy
import scipy
from scipy.stats import qmc

warnings.simplefilter("ignore")
high = qmc.Sobol(1000, scramble=False, bits=32).random(64)
columns = [0, 1, 2, 3, 7, 50, 130, 333, 512, 700, 998, 999]
some = qmc.Halton(5, scramble=False).random(30)
sample = numpy.random.default_rng(3).random((20, 4))
with open("quasirandom.json", "w") as file:
    json.dump(
        {
            "versions": {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__},
            "sobol": qmc.Sobol(8, scramble=False, bits=32).random(32).tolist(),
            "columns": columns,
            "sobolColumns": high[:, columns].tolist(),
            "rowSums": (high * 2.0**32).sum(axis=1).tolist(),
            "halton": some.tolist(),
            "sample": sample.tolist(),
            "discrepancy": qmc.discrepancy(sample, method="CD"),
        },
        file,
    )
    file.write("\n")
