// Nonlinear conjugate gradients after Polak and Ribière, restarted where the formula turns negative.
// E. Polak, G. Ribière, Note sur la convergence de méthodes de directions conjuguées, 1969; J. C. Gilbert, J. Nocedal,
// Global Convergence Properties of Conjugate Gradient Methods for Optimization, 1992.

import { add, div, lt, matmul, maximum, minimum, mul, neg, sqrt, sub, sum, type Tensor, where } from '@adjoint/core'
import { type Direction, descend } from './descend.js'
import type { Outcome, Problem } from './problem.js'

interface Memory {
  readonly direction: Tensor
  /** The value one step ago: what the next step may hope to gain again. */
  readonly before: Tensor
}

const direction: Direction<Memory> = {
  init: ({ value, grad }) => ({ direction: neg(grad), before: add(value, div(sqrt(sum(mul(grad, grad))), 2)) }),
  next({ value, grad }, memory) {
    const gain = mul(sub(value, memory.before), 2.02)
    const trial = minimum(div(gain, matmul(memory.direction, grad)), 1)
    return { direction: memory.direction, trial: where(lt(gain, 0), trial, 1) }
  },
  update(memory, from, to) {
    const beta = div(matmul(to.grad, sub(to.grad, from.grad)), matmul(from.grad, from.grad))
    const next = sub(mul(memory.direction, maximum(beta, 0)), to.grad)
    const steep = lt(matmul(next, to.grad), mul(matmul(to.grad, to.grad), -0.01))
    return { direction: where(steep, next, neg(to.grad)), before: from.value }
  },
  search: { decrease: 1e-4, curvature: 0.4 },
}

/** Minimises by nonlinear conjugate gradients. */
export function nonlinearCg(problem: Problem): Outcome {
  return descend(problem, direction)
}
