// The multivariate normal distribution, by the Cholesky factor of its covariance.

import {
  AdjointError,
  add,
  broadcastTo,
  expandDims,
  eye,
  flip,
  log,
  matmul,
  mul,
  square,
  squeeze,
  sub,
  sum,
  type Tensor,
  transpose,
  tril,
} from '@adjoint/core'
import { broadcastShapes } from '@adjoint/core/codegen'
import * as random from '@adjoint/core/random'
import { cholesky, triangularSolve } from '@adjoint/linalg'
import type { Distribution } from './api.js'
import { drawShape, HALF_LOG_TWO_PI, parameters, valueLike } from './support.js'

/** How much, and in which directions, a multivariate normal distribution spreads; each `[..., n, n]`. */
export type Spread =
  | { readonly covariance: Tensor; readonly precision?: never; readonly scaleTril?: never }
  | { readonly precision: Tensor; readonly covariance?: never; readonly scaleTril?: never }
  | { readonly scaleTril: Tensor; readonly covariance?: never; readonly precision?: never }

/** A multivariate normal distribution. */
export interface MultivariateNormal extends Distribution<MultivariateNormal> {
  /** `[n]` or `[...batch, n]` */
  readonly location: Tensor
  /** The lower Cholesky factor of the covariance, `[..., n, n]`; NaN where that is not positive definite. */
  readonly scaleTril: Tensor
  /** `[..., n, n]` */
  readonly covariance: Tensor
}

const last = (x: Tensor): Tensor => {
  const axes = x.shape.map((_, i) => i)
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
}

/** The sum of the logarithms of a factor's diagonal. */
function halfLogDeterminant(l: Tensor): Tensor {
  const n = l.shape[l.ndim - 1]
  return sum(log(sum(mul(l, eye(n, n, { dtype: l.dtype as 'float64', backend: l.backend })), -1)), -1)
}

/** l^-1 b for vectors b, whatever the batches. */
function solveVectors(l: Tensor, b: Tensor): Tensor {
  const n = l.shape[l.ndim - 1]
  const batch = broadcastShapes('multivariateNormal', [l.shape.slice(0, -2), b.shape.slice(0, -1)])
  const matrices = broadcastTo(l, [...batch, n, n])
  return squeeze(triangularSolve(matrices, expandDims(broadcastTo(b, [...batch, n]), -1)), -1)
}

/** The lower factor of the inverse of `p`: from the factor of p turned by half a turn. */
function factorOfInverse(p: Tensor): Tensor {
  const n = p.shape[p.ndim - 1]
  const identity = broadcastTo(eye(n, n, { dtype: p.dtype as 'float64', backend: p.backend }), p.shape)
  const turned = (x: Tensor): Tensor => flip(x, [-2, -1])
  const l = last(turned(cholesky(turned(p)).l))
  return triangularSolve(l, identity)
}

/** The factor that a spread describes. */
function factorOf(spread: Spread): Tensor {
  const given = [spread.covariance, spread.precision, spread.scaleTril].filter((x) => x !== undefined)
  if (given.length !== 1) {
    throw new AdjointError('invalid-argument', {
      fn: 'multivariateNormal',
      given: `${given.length} of covariance, precision and scaleTril`,
      expected: 'one of them',
    })
  }
  const [matrix] = parameters('multivariateNormal', given).tensors
  const [rows, columns] = matrix.shape.slice(-2)
  if (matrix.ndim < 2 || rows !== columns) {
    throw new AdjointError('shape-mismatch', {
      fn: 'multivariateNormal',
      given: `a matrix of shape [${matrix.shape.join(', ')}]`,
      expected: '[..., n, n]',
    })
  }
  if (spread.scaleTril !== undefined) return tril(matrix)
  return spread.covariance !== undefined ? cholesky(matrix).l : factorOfInverse(matrix)
}

/**
 * The multivariate normal distribution; draws are differentiable in all parameters. A matrix that is not positive
 * definite makes everything but the mean NaN.
 *
 * @param location - the mean, `[n]` or `[...batch, n]`
 * @param spread - `{ covariance }`, `{ precision }` (its inverse) or `{ scaleTril }` (its Cholesky factor), `[..., n, n]`
 * @throws AdjointError `invalid-argument` unless exactly one matrix is given, `dtype-mismatch`, `shape-mismatch`
 * @example
 * const p = multivariateNormal(tensor([0, 0]), { covariance: tensor([[2, 1], [1, 2]]) })
 * p.logProb(tensor([0, 0])).item()   // -2.3872
 */
export function multivariateNormal(location: Tensor, spread: Spread): MultivariateNormal {
  const l = factorOf(spread)
  const mu = valueLike('multivariateNormal', location, l)
  const n = l.shape[l.ndim - 1]
  if (mu.ndim === 0 || mu.shape[mu.ndim - 1] !== n) {
    throw new AdjointError('shape-mismatch', {
      fn: 'multivariateNormal',
      given: `a location of shape [${mu.shape.join(', ')}] beside matrices of ${n} rows`,
      expected: `[..., ${n}]`,
    })
  }
  const batchShape = broadcastShapes('multivariateNormal', [mu.shape.slice(0, -1), l.shape.slice(0, -2)])
  const logHeight = () => add(halfLogDeterminant(l), n * HALF_LOG_TWO_PI)
  return {
    family: 'multivariateNormal',
    batchShape,
    eventShape: [n],
    dtype: l.dtype as 'float32' | 'float64',
    location: mu,
    scaleTril: l,
    get covariance() {
      return matmul(l, last(l))
    },
    get mean() {
      return broadcastTo(mu, [...batchShape, n])
    },
    get variance() {
      return broadcastTo(sum(square(l), -1), [...batchShape, n])
    },
    sample: (key, shape = []) => {
      const full = drawShape('multivariateNormal.sample', shape, [...batchShape, n])
      const noise = random.normal(key, full, { dtype: l.dtype as 'float64' })
      return add(mu, squeeze(matmul(l, expandDims(noise, -1)), -1))
    },
    logProb: (given) => {
      const z = solveVectors(l, sub(valueLike('multivariateNormal', given, l), mu))
      return sub(mul(sum(square(z), -1), -0.5), logHeight())
    },
    entropy: () => broadcastTo(add(logHeight(), n / 2), batchShape),
    divergence: (q) => {
      const shift = square(solveVectors(q.scaleTril, sub(mu, q.location)))
      const [batch, rows] = [broadcastShapes('kl', [l.shape.slice(0, -2), q.scaleTril.shape.slice(0, -2)]), [n, n]]
      const ratio = triangularSolve(broadcastTo(q.scaleTril, [...batch, ...rows]), broadcastTo(l, [...batch, ...rows]))
      const trace = sum(square(ratio), [-2, -1])
      const determinants = sub(halfLogDeterminant(q.scaleTril), halfLogDeterminant(l))
      return add(determinants, mul(sub(add(trace, sum(shift, -1)), n), 0.5))
    },
  }
}
