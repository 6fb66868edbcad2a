// A Newton step on the dual of an entropic problem: where Sinkhorn's iteration crawls, a few of them end it.
// C. Brauer, C. Clason, D. Lorenz, B. Wirth, A Sinkhorn-Newton Method for Entropic Optimal Transport, 2017.

import {
  add,
  and,
  div,
  exp,
  gt,
  isFinite,
  lt,
  mul,
  neg,
  sqrt,
  sub,
  sum,
  type Tensor,
  where,
  whileLoop,
  zerosLike,
} from '@adjoint/core'
import { filled } from '../filled.js'
import { DensePlan, type Plan } from '../plan.js'
import type { Potentials } from '../result.js'
import { EntropicPlan } from './plan.js'
import { columnMasses, dualValue, type EntropicProblem, rowMasses } from './problem.js'

/** The plan of some potentials as an operator for many products. */
export function operatorOf(problem: EntropicProblem, potentials: Potentials): Plan {
  const lazy = new EntropicPlan(problem, potentials)
  return problem.geometry.dense ? new DensePlan(lazy.toDense()) : lazy
}

/** 1 / x where x is positive, else 0. */
export function inverseOf(x: Tensor): Tensor {
  const some = gt(x, 0)
  return where(some, div(1, where(some, x, 1)), 0)
}

/** What a marginal should be at a potential, and how the wish bends there. */
function wishes(
  weights: Tensor,
  potential: Tensor,
  rho: Tensor | null,
  epsilon: Tensor,
): { mass: Tensor; bend: Tensor } {
  if (rho === null) return { mass: weights, bend: zerosLike(weights) }
  const mass = mul(weights, exp(neg(div(potential, rho))))
  return { mass, bend: mul(mass, div(epsilon, rho)) }
}

/** Relative accuracy of the linear systems, and the products that one may take. */
const SYSTEM = { tolerance: 1e-2, maxSteps: 300 }

/** The state of conjugate gradients. */
interface Descent {
  readonly x: Tensor
  readonly residual: Tensor
  readonly along: Tensor
  /** Square of the residual's length. */
  readonly square: Tensor
  /** int32. */
  readonly iterations: Tensor
}

/** A rough solution of a semidefinite system by conjugate gradients: no derivatives, no report, little code to compile. */
function roughSolution(system: (x: Tensor) => Tensor, right: Tensor): { x: Tensor; iterations: Tensor } {
  const square = sum(mul(right, right))
  const target = mul(square, SYSTEM.tolerance ** 2)
  return whileLoop({
    cond: ({ square: now, iterations }: Descent) => and(gt(now, target), lt(iterations, SYSTEM.maxSteps)),
    body: ({ x, residual, along, square: before, iterations }: Descent): Descent => {
      const image = system(along)
      const step = div(before, sum(mul(along, image)))
      const left = sub(residual, mul(step, image))
      const after = sum(mul(left, left))
      const next = add(left, mul(div(after, before), along))
      return { x: add(x, mul(step, along)), residual: left, along: next, square: after, iterations: add(iterations, 1) }
    },
    init: { x: zerosLike(right), residual: right, along: right, square, iterations: filled(right, [], 0, 'int32') },
  })
}

/** The direction of Newton's method, and how many products it took. */
function direction(
  problem: EntropicProblem,
  potentials: Potentials,
): Potentials & { iterations: Tensor; slope: Tensor } {
  const { a, b, epsilon, rho } = problem
  const plan = operatorOf(problem, potentials)
  const [rows, columns] = [rowMasses(problem, potentials), columnMasses(problem, potentials)]
  const left = wishes(a, potentials.f, rho[0], epsilon)
  const below = wishes(b, potentials.g, rho[1], epsilon)
  const [missingA, missingB] = [sub(left.mass, rows), sub(below.mass, columns)]
  const byRow = inverseOf(add(rows, left.bend))
  const diagonal = add(columns, below.bend)
  const scale = sqrt(inverseOf(diagonal))
  const free = rho[0] === null && rho[1] === null ? mul(sqrt(columns), div(1, sqrt(sum(columns)))) : zerosLike(columns)
  const system = (x: Tensor): Tensor => {
    const back = mul(scale, plan.applyTranspose(mul(byRow, plan.apply(mul(scale, x)))))
    return add(sub(x, back), mul(free, sum(mul(free, x))))
  }
  const right = mul(scale, sub(missingB, plan.applyTranspose(mul(byRow, missingA))))
  const { x, iterations } = roughSolution(system, right)
  const g = mul(scale, x)
  const f = mul(byRow, sub(missingA, plan.apply(g)))
  return {
    f: mul(epsilon, f),
    g: mul(epsilon, g),
    iterations,
    slope: add(sum(mul(missingA, f)), sum(mul(missingB, g))),
  }
}

/** Halvings of a step that is too long. */
const HALVINGS = 12

/** Potentials after a Newton step whose length is halved until the dual grows enough; as they were where it never does. */
export function newtonStep(problem: EntropicProblem, potentials: Potentials): Potentials & { iterations: Tensor } {
  const { f, g, iterations, slope } = direction(problem, potentials)
  const value = dualValue(problem, potentials)
  const moved = (t: Tensor): Potentials => ({ f: add(potentials.f, mul(t, f)), g: add(potentials.g, mul(t, g)) })
  const one = filled(f, [], 1)
  const gain = mul(mul(problem.epsilon, slope), 1e-4)
  const { t, good } = whileLoop({
    cond: ({ good: found, tries }: { t: Tensor; good: Tensor; tries: Tensor }) => and(found.eq(0), lt(tries, HALVINGS)),
    body: ({ t: length, tries }) => {
      const next = mul(length, 0.5)
      const better = dualValue(problem, moved(next)).ge(add(value, mul(gain, next)))
      return { t: next, good: better.cast('int32'), tries: add(tries, 1) }
    },
    init: { t: one.mul(2), good: filled(f, [], 0, 'int32'), tries: filled(f, [], 0, 'int32') },
  })
  const sound = and(good.eq(1), isFinite(add(sum(f), sum(g))))
  const next = moved(t)
  return { f: where(sound, next.f, potentials.f), g: where(sound, next.g, potentials.g), iterations }
}
