// Derivatives of potentials by the equation that they satisfy, through one system of half the size: a Schur complement.
// M. Cuturi et al., Optimal Transport Tools (OTT): A JAX Toolbox for all things Wasserstein, 2022; G. Luise et al.,
// Differential Properties of Sinkhorn Approximation for Learning with Wasserstein Distance, 2018.

import { add, customJvp, div, gt, jvp, mul, sqrt, sub, sum, type Tensor, where } from '@adjoint/core'
import { conjugateGradient } from '@adjoint/linalg'
import type { Potentials } from '../result.js'
import { inverseOf, operatorOf } from './newton.js'
import {
  columnMasses,
  damping,
  dualValue,
  type EntropicProblem,
  potentialOfColumns,
  potentialOfRows,
  rowMasses,
} from './problem.js'

/** What the columns' potential becomes after an iteration. */
function iterated(problem: EntropicProblem, g: Tensor): Tensor {
  return potentialOfColumns(problem, potentialOfRows(problem, g))
}

/** v with `v - (derivative of an iteration) v = right`, on the columns that have mass; 0 elsewhere. */
function solveSchur(problem: EntropicProblem, potentials: Potentials, right: Tensor): Tensor {
  const plan = operatorOf(problem, potentials)
  const [rows, columns] = [rowMasses(problem, potentials), columnMasses(problem, potentials)]
  const some = gt(columns, 0)
  const root = where(some, sqrt(where(some, columns, 1)), 1)
  const inverse = inverseOf(rows)
  const [left, below] = problem.rho.map((rho) => damping(rho, problem.epsilon))
  const damp = left === null ? (below ?? 1) : mul(left, below ?? 1)
  // Balanced problems leave a constant free: its direction is held by adding the projection on it.
  const free = left === null && below === null ? where(some, div(root, sqrt(sum(columns))), 0) : null
  const system = (x: Tensor): Tensor => {
    const spread = mul(inverse, plan.apply(div(x, root)))
    const back = div(plan.applyTranspose(spread), root)
    const moved = where(some, sub(x, mul(damp, back)), x)
    return free === null ? moved : add(moved, mul(free, sum(mul(free, x))))
  }
  const x = conjugateGradient(system, where(some, mul(root, right), 0), {
    tolerance: right.dtype === 'float64' ? 1e-11 : 1e-5,
    maxSteps: Math.max(100, 4 * right.size),
  }).x
  return where(some, div(x, root), 0)
}

/**
 * Potentials as a function of the problem, from their values: derivatives of any order solve the linearized fixed-point
 * equation.
 */
export const implicitPotentials: (problem: EntropicProblem, potentials: Potentials) => Potentials =
  /* @__PURE__ */ customJvp(
    (_: EntropicProblem, potentials: Potentials): Potentials => potentials,
    ([problem, values], [move]) => {
      const [at, along] = [problem as EntropicProblem, move as EntropicProblem]
      const value = implicitPotentials(at, values)
      const shift = jvp((p: EntropicProblem) => iterated(p, value.g), [at], [along]).tangent
      const inner = solveSchur(at, value, shift)
      // Columns without mass follow from the others.
      const dg = add(shift, jvp((g: Tensor) => iterated(at, g), [value.g], [inner]).tangent)
      const df = jvp(potentialOfRows, [at, value.g], [along, dg]).tangent
      return { value, tangent: { f: df, g: dg } }
    },
  ) as never

/**
 * The value of the dual, whose first derivatives hold the potentials fixed, as they may at the optimum; further ones
 * follow the potentials' own.
 */
export const envelopeValue: (problem: EntropicProblem, potentials: Potentials) => Tensor = /* @__PURE__ */ customJvp(
  dualValue,
  ([problem, potentials], [move]) => {
    const [at, along] = [problem as EntropicProblem, move as EntropicProblem]
    const tangent = jvp((p: EntropicProblem) => dualValue(p, potentials), [at], [along]).tangent
    return { value: envelopeValue(at, potentials), tangent }
  },
) as never
