// What exact solvers return: the plan and its cost with gradients, and the potentials that prove it optimal.

import { abs, add, div, eq, mul, stopGradient, sub, sum, type Tensor } from '@adjoint/core'
import { filled } from '../filled.js'
import type { SparsePlan } from '../plan.js'
import type { TransportResult } from '../result.js'
import { STATUS } from '../status.js'
import type { TransportBasis } from './transport-primitive.js'

/** The result of an exact solver: a plan, the costs `[entries]` of its entries, and dual potentials. */
export function certified(
  plan: SparsePlan,
  costs: Tensor,
  a: Tensor,
  b: Tensor,
  { f, g, pivots, status }: Pick<TransportBasis, 'f' | 'g' | 'pivots' | 'status'>,
): TransportResult<SparsePlan> {
  const [heldA, heldB] = [stopGradient(a), stopGradient(b)]
  const [valueF, valueG] = [sum(mul(f, heldA)), sum(mul(g, heldB))]
  const shift = div(sub(valueG, valueF), mul(2, sum(heldA)))
  const potentials = { f: add(f, shift), g: sub(g, shift) }
  const onWeights = add(dot(potentials.f, sub(a, heldA)), dot(potentials.g, sub(b, heldB)))
  const linearCost = add(sum(mul(plan.values, costs)), onWeights)
  const dualGap = stopGradient(sub(linearCost, add(valueF, valueG)))
  const ones = (size: number) => filled(a, [size], 1)
  const [n, m] = plan.shape
  const marginalError = div(
    add(sum(abs(sub(plan.apply(ones(m)), heldA))), sum(abs(sub(plan.applyTranspose(ones(n)), heldB)))),
    sum(heldA),
  )
  return {
    plan,
    potentials,
    linearCost,
    regularizedCost: linearCost,
    dualGap,
    marginalError,
    error: dualGap,
    iterations: pivots,
    converged: eq(status, STATUS.converged),
    status,
  }
}

function dot(x: Tensor, y: Tensor): Tensor {
  return sum(mul(x, y))
}
