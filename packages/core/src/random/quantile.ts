// The standard normal distribution function on the host, and its inverse as tensor operations.
// M. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 1988.

import { abs, add, div, log, lt, minimum, mul, neg, sqrt, sub, where } from '../functions/elementwise.js'
import type { Tensor } from '../tensor.js'

const CENTRE = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
]
const NEAR = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
]
const FAR = [
  [
    2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
]

/** The x below which a standard normal number falls with probability p in (0, 1). */
export function normalQuantile(p: Tensor): Tensor {
  const q = sub(p, 0.5)
  const central = ratio(CENTRE, sub(0.180625, mul(q, q)))
  const r = sqrt(neg(log(minimum(p, sub(1, p)))))
  const tail = where(lt(r, 5), ratio(NEAR, sub(r, 1.6)), ratio(FAR, sub(r, 5)))
  return where(lt(abs(q), 0.425), mul(q, central), where(lt(q, 0), neg(tail), tail))
}

function ratio([top, bottom]: readonly (readonly number[])[], x: Tensor): Tensor {
  return div(horner(top, x), horner(bottom, x))
}

function horner([first, ...rest]: readonly number[], x: Tensor): Tensor {
  return rest.reduce<Tensor>((sum, c) => add(mul(sum, x), c), mul(x, 0).add(first))
}

/** The probability that a standard normal number is below x. */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - normalCdf(-x)
  if (x < -38) return 0
  const z = -x
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z < 3) {
    // Marsaglia's series around 0.
    let [term, total] = [z, z]
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
      term *= (z * z) / k
      total += term
    }
    return 0.5 - total * density
  }
  // Laplace's continued fraction, from the inside out.
  let fraction = z
  for (let k = 60; k > 0; k--) fraction = z + k / fraction
  return density / fraction
}
