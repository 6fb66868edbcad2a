// Standard problems of J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing Unconstrained Optimization Software, 1981.

import { readFileSync } from 'node:fs'
import { atan2, concat, slice, stack, type Tensor } from '@adjoint/core'

export interface TestProblem {
  /** `[n]` -> `[m]` */
  readonly residuals: (x: Tensor) => Tensor
  readonly start: readonly number[]
  readonly minimum: number
  /** Where the minimum is, if it is one point. */
  readonly solution?: readonly number[]
}

const parts = (x: Tensor): Tensor[] => Array.from({ length: x.size }, (_, i) => slice(x, i))

function rosenbrock(x: Tensor): Tensor {
  const [a, b] = [slice(x, [0, x.size - 1]), slice(x, [1, x.size])]
  return concat([b.sub(a.square()).mul(10), a.sub(1)])
}

export const problems: Record<string, TestProblem> = {
  rosenbrock: { residuals: rosenbrock, start: [-1.2, 1], minimum: 0, solution: [1, 1] },
  rosenbrock10: {
    residuals: rosenbrock,
    start: Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? -1.2 : 1)),
    minimum: 0,
    solution: Array(10).fill(1),
  },
  powell: {
    residuals(x) {
      const [a, b, c, d] = parts(x)
      return stack([
        a.add(b.mul(10)),
        c.sub(d).mul(Math.sqrt(5)),
        b.sub(c.mul(2)).square(),
        a.sub(d).square().mul(Math.sqrt(10)),
      ])
    },
    start: [3, -1, 0, 1],
    minimum: 0,
  },
  wood: {
    residuals(x) {
      const [a, b, c, d] = parts(x)
      return stack([
        b.sub(a.square()).mul(10),
        a.sub(1),
        d.sub(c.square()).mul(Math.sqrt(90)),
        c.sub(1),
        b.add(d).sub(2).mul(Math.sqrt(10)),
        b.sub(d).div(Math.sqrt(10)),
      ])
    },
    start: [-3, -1, -3, -1],
    minimum: 0,
    solution: [1, 1, 1, 1],
  },
  beale: {
    residuals(x) {
      const [a, b] = parts(x)
      return stack([1.5, 2.25, 2.625].map((y, i) => a.mul(b.pow(i + 1).sub(1)).add(y)))
    },
    start: [1, 1],
    minimum: 0,
    solution: [3, 0.5],
  },
  brown: {
    residuals(x) {
      const [a, b] = parts(x)
      return stack([a.sub(1e6), b.sub(2e-6), a.mul(b).sub(2)])
    },
    start: [1, 1],
    minimum: 0,
    solution: [1e6, 2e-6],
  },
  helical: {
    residuals(x) {
      const [a, b, c] = parts(x)
      const angle = atan2(b, a).div(2 * Math.PI)
      return stack([c.sub(angle.mul(10)).mul(10), a.square().add(b.square()).sqrt().sub(1).mul(10), c])
    },
    start: [-1, 0, 0],
    minimum: 0,
    solution: [1, 0, 0],
  },
}

export const sumOfSquares =
  ({ residuals }: TestProblem) =>
  (x: Tensor): Tensor =>
    residuals(x).square().sum()

interface Figures {
  readonly iterations: number
  readonly evaluations: number
  readonly value: number
  readonly solved?: boolean
}

interface BoundedFigures extends Figures {
  readonly problem: string
  readonly start: number[]
  readonly lower: number[]
  readonly upper: number[]
  readonly x: number[]
}

/** What SciPy needed. */
export const scipy = JSON.parse(readFileSync(new URL('reference/solvers.json', import.meta.url), 'utf8')) as {
  readonly minimize: Record<string, Record<string, Figures>>
  readonly simplex: Record<string, Figures>
  readonly bounded: Record<string, BoundedFigures>
  readonly wine: Figures
  readonly leastSquares: Record<string, Pick<Figures, 'evaluations'>>
  readonly matrixFree: Record<string, Pick<Figures, 'evaluations'>>
}
