// The standard normal distribution function on the host, and its inverse as tensor operations.
// M. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 1988.

import { abs, add, div, log, lt, minimum, mul, neg, sqrt, sub, where } from '../functions/elementwise.js'
import type { Tensor } from '../tensor.js'

const CENTRE = [
  [2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457, 13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608],
  [5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867, 5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1],
]
const NEAR = [
  [7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734],
  [1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1],
]
const FAR = [
  [2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772],
  [2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1],
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
