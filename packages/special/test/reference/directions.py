# Packs the direction numbers of S. Joe and F. Y. Kuo (new-joe-kuo-6.21201), as scipy.stats.qmc ships them, for
# src/quasirandom/joe-kuo.ts; run: python3 directions.py
import base64
import os

import numpy
import scipy
import scipy.stats

file = os.path.join(os.path.dirname(scipy.stats.__file__), "_sobol_direction_numbers.npz")
data = numpy.load(file)
polynomials, starts = data["poly"][:1000].tolist(), data["vinit"][:1000].tolist()

bits = []


def put(value, count):
    bits.extend((value >> k) & 1 for k in reversed(range(count)))


previous = 1
for j in range(1, 1000):
    degree = polynomials[j].bit_length() - 1
    put((polynomials[j] - previous) // 2, 7)
    previous = polynomials[j]
    for i in range(1, degree):
        put(starts[j][i] // 2, i)
while len(bits) % 8:
    bits.append(0)
packed = bytes(int("".join(map(str, bits[i : i + 8])), 2) for i in range(0, len(bits), 8))
print("// The direction numbers of the first 1,000 dimensions, packed by test/reference/directions.py (SciPy %s)." % scipy.__version__)
print("// S. Joe, F. Y. Kuo, Constructing Sobol Sequences with Better Two-Dimensional Projections, SIAM J. Sci. Comput. 2008.")
print()
print("/** For each dimension after the first: the polynomial's distance to the last, halved, 7 bits; m_2, m_3, ... halved, as bits. */")
print("export const PACKED =\n  '%s'" % base64.b64encode(packed).decode())
