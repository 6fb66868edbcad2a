// The plan of an entropic problem: entries a_i b_j exp((f_i + g_j - C_ij) / epsilon), computed when they are asked for.

import { type DType, expandDims, matmul, mul, type Tensor, TREE } from '@adjoint/core'
import type { CostFormula } from '../geometry/geometry.js'
import type { Plan } from '../plan.js'
import type { Potentials } from '../result.js'
import { density, type EntropicProblem } from './problem.js'

const forward: CostFormula = (cost, [a, f], [b, g, v], [epsilon]) =>
  mul(mul(a, b), mul(density(cost, f, g, epsilon), v))
const backward: CostFormula = (cost, [a, f, u], [b, g], [epsilon]) =>
  mul(mul(a, b), mul(density(cost, f, g, epsilon), u))

/** A plan given by its potentials: an operator that needs no matrix. */
export class EntropicPlan implements Plan {
  readonly kind = 'operator'
  readonly problem: EntropicProblem
  readonly potentials: Potentials

  constructor(problem: EntropicProblem, potentials: Potentials) {
    this.problem = problem
    this.potentials = potentials
  }

  get shape(): readonly [n: number, m: number] {
    return this.problem.geometry.shape
  }

  get dtype(): DType {
    return this.problem.a.dtype
  }

  apply(v: Tensor): Tensor {
    const { problem, potentials } = this
    const { geometry, a, b, epsilon } = problem
    if (geometry.dense) return matmul(this.toDense(), v)
    const { f, g } = potentials
    return geometry.sum(forward, 1, { rows: [a, f], columns: [b, g, v], shared: [epsilon], item: v.shape.slice(1) })
  }

  applyTranspose(u: Tensor): Tensor {
    const { problem, potentials } = this
    const { geometry, a, b, epsilon } = problem
    if (geometry.dense) return matmul(this.toDense().transpose(), u)
    const { f, g } = potentials
    return geometry.sum(backward, 0, { rows: [a, f, u], columns: [b, g], shared: [epsilon], item: u.shape.slice(1) })
  }

  toDense(): Tensor {
    const { problem, potentials } = this
    const { geometry, a, b, epsilon } = problem
    const entries = density(geometry.costMatrix(), expandDims(potentials.f, 1), potentials.g, epsilon)
    return mul(mul(expandDims(a, 1), b), entries)
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ problem, potentials }: EntropicPlan) => [problem, potentials] as const,
    unflatten: ([problem, potentials]: readonly [EntropicProblem, Potentials]) => new EntropicPlan(problem, potentials),
  }
}
