// Derivatives of eigenpairs: Newton's method on the eigenvalue equation, whose steps change nothing but the derivatives.
// A. L. Andrew, K.-W. E. Chu, P. Lancaster, Derivatives of Eigenvalues and Eigenvectors of Matrix Functions, 1993.

import {
  add,
  concat,
  div,
  gt,
  linearSolve,
  matmul,
  mul,
  neg,
  reshape,
  slice,
  stopGradient,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@adjoint/core'
import { GMRES_RESTART, gmresLoop } from './gmres.js'
import type { System } from './implicit-solve.js'
import { minresLoop } from './minres.js'
import { scalar, vectorNorm } from './vectors.js'

/** An eigenvalue `[]` with its vector `[n]`, of length 1. */
export interface Eigenpair {
  readonly value: Tensor
  readonly vector: Tensor
}

/** What the linear systems of the derivatives need to know. */
export interface EigenpairRule {
  readonly symmetric: boolean
  readonly tolerance: number
  readonly maxSteps: number
}

/**
 * The eigenpair, given as a constant, as a function of what `apply` captures. Two steps make derivatives up to the third
 * exact, for an eigenvalue that is not repeated.
 */
export function differentiableEigenpair(apply: (v: Tensor) => Tensor, pair: Eigenpair, rule: EigenpairRule): Eigenpair {
  const frozen = { value: stopGradient(pair.value), vector: stopGradient(pair.vector) }
  return newtonStep(apply, newtonStep(apply, frozen, rule), rule)
}

/** One step on `A v - value v = 0`, `(1 - v·v) / 2 = 0`; the equations hold already, so its own length is 0. */
function newtonStep(apply: (v: Tensor) => Tensor, { value, vector }: Eigenpair, rule: EigenpairRule): Eigenpair {
  const [n] = vector.shape
  const join = (v: Tensor, s: Tensor) => concat([v, reshape(s, [1])])
  const part = (z: Tensor) => ({ v: slice(z, [0, n]), s: slice(z, n) })
  const residual = join(sub(apply(vector), mul(value, vector)), div(sub(1, matmul(vector, vector)), 2))
  // The residual proper is rounding: as a value it counts as 0, as a function it has the derivatives.
  const right = sub(stopGradient(residual), residual)
  const jacobian = (z: Tensor) => {
    const { v, s } = part(z)
    return join(sub(sub(apply(v), mul(value, v)), mul(s, vector)), neg(matmul(vector, v)))
  }
  const { v, s } = part(linearSolve(jacobian, right, (matvec, b) => solveBordered(matvec, b, rule)))
  return { value: add(value, s), vector: add(vector, v) }
}

function solveBordered(
  apply: (z: Tensor) => Tensor,
  b: Tensor,
  { symmetric, tolerance, maxSteps }: EigenpairRule,
): Tensor {
  const norm = vectorNorm(b)
  const scale = where(gt(norm, 0), norm, 1)
  const system: System = {
    apply,
    precondition: (z) => z,
    b: div(b, scale),
    start: zerosLike(b),
    target: scalar(b, tolerance),
    maxSteps,
  }
  return mul((symmetric ? minresLoop(system) : gmresLoop(system, GMRES_RESTART)).x, scale)
}
