import { readFileSync } from 'node:fs'
import {
  abs,
  add,
  concat,
  describe as describeResult,
  div,
  eye,
  jit,
  matmul,
  max,
  mul,
  read,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  vmap,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bicgstab,
  conjugateGradient,
  gmres,
  lsqr,
  minres,
  SOLVE_STATUS,
  type SolveOptions,
  type SolveResult,
  type SystemMatrix,
} from '../src/iterative/index.js'
import { diagonalOperator } from '../src/operators/index.js'
import { solve as denseSolve } from '../src/solves/index.js'
import { distance, f64, list, normal, positive } from './iterative-support.js'
import { convection, kernel, laplacian, ramp, scaledLaplacian, waves } from './iterative-systems.js'

const scipy = JSON.parse(readFileSync(new URL('reference/iterative.json', import.meta.url), 'utf8')) as {
  tolerance: number
  cases: Record<string, { steps: number; x: number[]; norm: number }>
}

type Solver = (a: SystemMatrix<Tensor>, b: Tensor, options?: SolveOptions<Tensor>) => SolveResult<Tensor>
const solvers: Record<string, Solver> = { conjugateGradient, minres, gmres, bicgstab }
const unit = (n: number) => eye(n, n, { dtype: 'float64' })

describe('beside SciPy', () => {
  const { tolerance } = scipy
  const b = ramp(100)
  const jacobi = diagonalOperator(div(1, sum(mul(scaledLaplacian(), unit(100)), 1)))
  const runs: Record<string, () => { x: Tensor; iterations: Tensor; converged: Tensor }> = {
    'cg laplacian': () => conjugateGradient(laplacian(10), b, { tolerance }),
    'cg kernel': () => conjugateGradient(kernel(80), ramp(80), { tolerance }),
    'cg jacobi': () => conjugateGradient(scaledLaplacian(), b, { tolerance, preconditioner: jacobi }),
    'minres laplacian': () => minres(laplacian(10), b, { tolerance }),
    'minres indefinite': () => minres(laplacian(10, -2.1), b, { tolerance }),
    'gmres full': () => gmres(convection(10), b, { tolerance, restart: 100 }),
    'gmres restarted': () => gmres(convection(10), b, { tolerance, restart: 10 }),
    'bicgstab convection': () => bicgstab(convection(10), b, { tolerance }),
    'lsqr tall': () => lsqr(waves(40, 12), ramp(40), { tolerance }),
    'lsqr wide': () => lsqr(waves(12, 40), ramp(12), { tolerance }),
    'lsqr damped': () => lsqr(waves(40, 12), ramp(40), { tolerance, damp: 0.7 }),
  }
  test.each(Object.entries(scipy.cases))('%s: the same steps and solution', (name, { steps, x, norm }) => {
    const result = runs[name]()
    expect(result.converged.item()).toBe(1)
    expect(result.iterations.item()).toBeLessThanOrEqual(1.2 * steps)
    expect(result.iterations.item()).toBeGreaterThanOrEqual(steps / 1.2)
    for (const [i, value] of list(result.x).slice(0, 5).entries())
      expect(Math.abs(value - x[i])).toBeLessThan(1e-5 * norm)
  })
})

describe('square systems', () => {
  const n = 24
  const b = normal(1, [n])
  const spd = positive(0, n)
  const general = add(mul(normal(3, [n, n]), 0.2), mul(unit(n), 3))

  test.each(Object.entries(solvers))('%s meets its tolerance, and says by how much', (_, solve) => {
    const { x, residualNorm, converged, status } = solve(spd, b)
    const residual = sub(b, matmul(spd, x)).square().sum().sqrt().item()
    expect(residual).toBeLessThan(2e-10 * b.square().sum().sqrt().item())
    expect(residualNorm.item()).toBeCloseTo(residual, 14)
    expect([converged.item(), status.item()]).toEqual([1, 0])
  })

  test('indefinite and nonsymmetric ones', () => {
    expect(distance(matmul(sub(spd, mul(unit(n), 2)), minres(sub(spd, mul(unit(n), 2)), b).x), b)).toBeLessThan(1e-8)
    for (const solve of [gmres, bicgstab]) expect(distance(matmul(general, solve(general, b).x), b)).toBeLessThan(1e-8)
  })

  test.each(Object.entries(solvers))('%s: a preconditioner that is the inverse needs one step', (_, solve) => {
    const diagonal = f64(Array.from({ length: n }, (__, i) => 1 + i ** 2))
    const preconditioner = diagonalOperator(div(1, diagonal))
    expect(solve(diagonalOperator(diagonal), b, { preconditioner }).iterations.item()).toBe(1)
    expect(solve(diagonalOperator(diagonal), b).iterations.item()).toBeGreaterThan(10)
  })

  test.each(Object.entries(solvers))('%s starts where it is told', (_, solve) => {
    const { x } = solve(spd, b)
    const again = solve(spd, b, { start: x })
    expect(again.iterations.item()).toBeLessThanOrEqual(1)
    expect(distance(again.x, x)).toBeLessThan(1e-9)
    expect(list(solve(spd, mul(b, 0), { start: x }).x).every((v) => v === 0)).toBe(true)
  })

  test.each(Object.entries(solvers))('%s: float32, and right-hand sides near the ends of its range', (_, solve) => {
    const a = positive(0, n, 1, 'float32')
    const right = normal(1, [n], 'float32')
    const result = solve(a, right)
    expect([result.x.dtype, result.residualNorm.dtype, result.status.item()]).toEqual(['float32', 'float32', 0])
    expect(distance(matmul(a, result.x), right)).toBeLessThan(1e-4)
    for (const scale of [1e-30, 1e30]) {
      const far = solve(a, mul(right, scale))
      expect(far.converged.item()).toBe(1)
      expect(distance(div(far.x, scale), result.x)).toBeLessThan(1e-4)
    }
  })

  test.each(Object.entries(solvers))('%s under jit and vmap, each lane to its own end', (_, solve) => {
    const lanes = stack([b, mul(b, 0), mul(b, Number.NaN)])
    const single = solve(spd, b)
    const many = jit(vmap((right: Tensor) => solve(spd, right)))(lanes)
    expect(list(many.iterations)).toEqual([single.iterations.item(), 0, 0])
    expect(list(many.status)).toEqual([0, 0, 3])
    expect(distance(many.x.slice(0), single.x)).toBeLessThan(1e-12)
    const matrices = jit(vmap((shift: Tensor) => solve((v: Tensor) => add(matmul(spd, v), mul(shift, v)), b)))
    const { x, iterations } = matrices(f64([0, 50]))
    expect(distance(matmul(add(spd, mul(unit(n), 50)), x.slice(1)), b)).toBeLessThan(1e-8)
    expect(list(iterations)[1]).toBeLessThan(list(iterations)[0])
  })

  test.each(Object.entries(solvers))('%s: the identity, where the space is exhausted at once', (_, solve) => {
    const right = f64([0, -1e-8, 0])
    const { x, iterations, status } = solve(unit(3), right)
    expect([list(x), iterations.item(), status.item()]).toEqual([list(right), 1, 0])
  })

  test('trees, for functions', () => {
    const right = {
      u: f64([
        [1, 2],
        [3, 4],
      ]),
      v: f64([5]),
    }
    const apply = ({ u, v }: typeof right) => ({ u: add(mul(u, 3), v), v: add(mul(v, 9), sum(u)).reshape([1]) })
    for (const solve of [conjugateGradient, minres, gmres, bicgstab]) {
      const { x } = solve(apply, right, {
        start: right,
        preconditioner: ({ u, v }) => ({ u: div(u, 3), v: div(v, 9) }),
      })
      expect(distance(apply(x).u, right.u)).toBeLessThan(1e-8)
      expect(distance(apply(x).v, right.v)).toBeLessThan(1e-8)
    }
  })

  // Residuals are below 1e-9 of the right-hand side, and no inverse is longer than 1. Where numbers are subnormal, the
  // solutions themselves are rounded to multiples of 5e-324.
  test('small systems as they come, beside the factorisation', () => {
    // One row for each method: the distance, and the status.
    const judged = (a: Tensor, right: Tensor, methods: ((a: Tensor, right: Tensor) => SolveResult<Tensor>)[]) => {
      const exact = denseSolve(a, right)
      return stack(
        methods.map((method) => {
          const { x, status } = method(a, right)
          return stack([max(abs(sub(x, exact))), status.cast('float64')])
        }),
      )
    }
    const all = jit((square: Tensor, right: Tensor) => {
      const definite = add(matmul(transpose(square), square), unit(4))
      const dominant = add(square, mul(unit(4), 5))
      return concat([
        judged(definite, right, [conjugateGradient, minres]),
        judged(dominant, right, [gmres, bicgstab, lsqr]),
      ])
    })
    const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(entries, (values) => {
        const [square, right] = [f64(values.slice(0, 16)).reshape([4, 4]), f64(values.slice(16))]
        const near = 1e-8 * Math.max(...values.slice(16).map(Math.abs)) + 1e-322
        const found = list(all(square, right))
        for (let i = 0; i < found.length; i += 2) {
          expect(found[i]).toBeLessThanOrEqual(near)
          expect(found[i + 1]).toBe(0)
        }
      }),
      { numRuns: 200 },
    )
  })

  // Cyclic shifts take every residual out of the shadow of the one before.
  test.each([3, 4, 5, 8, 17])('bicgstab starts anew where it breaks down: a shift of %i', (size) => {
    for (const [sign, far] of [
      [1, 5],
      [-1, 5],
      [1, 1.5],
    ]) {
      const shift = f64(
        Array.from({ length: size }, (_, i) =>
          Array.from({ length: size }, (__, j) => (j === (i + 1) % size ? (j === 0 ? sign : 1) : 0)),
        ),
      )
      const a = add(shift, mul(unit(size), far))
      const right = f64([1, ...Array.from({ length: size - 1 }, (_, i) => (i % 2) * 1e-40)])
      const { x, status } = bicgstab(a, right)
      expect(status.item()).toBe(0)
      expect(distance(matmul(a, x), right)).toBeLessThan(1e-8)
    }
  })

  test('results read as plain values and as words', async () => {
    const result = conjugateGradient(spd, b)
    const { converged, iterations } = await read(result)
    expect(converged).toBe(true)
    expect(await describeResult(result, SOLVE_STATUS)).toBe(`converged after ${iterations} iterations`)
    const short = conjugateGradient(spd, b, { maxSteps: 2 })
    await expect(describeResult(short, SOLVE_STATUS)).rejects.toThrow(/reached maxSteps/)
  })
})

describe('what goes wrong is a status', () => {
  const b = f64([1, 1, 1])
  const diagonal = (...d: number[]) => diagonalOperator(f64(d))
  const failing: [string, () => SolveResult<Tensor>, number][] = [
    ['an indefinite matrix in conjugate gradients', () => conjugateGradient(diagonal(1, -3, 1), b), 2],
    [
      'an indefinite preconditioner',
      () => conjugateGradient(diagonal(1, 3, 2), b, { preconditioner: diagonal(-1, 1, 0.1) }),
      2,
    ],
    [
      'an indefinite preconditioner in minres',
      () => minres(diagonal(1, 3, 2), b, { preconditioner: diagonal(-1, -1, 0.1) }),
      2,
    ],
    ['a singular matrix without a solution', () => minres(diagonal(1, 2, 0), b), 4],
    ['the same in gmres', () => gmres(diagonal(1, 2, 0), b), 2],
    [
      'a rotation, which restarts cannot solve',
      () =>
        gmres(
          (v: Tensor) =>
            matmul(
              f64([
                [0, 1, 0],
                [0, 0, 1],
                [1, 0, 0],
              ]),
              v,
            ),
          f64([1, 0, 0]),
          { restart: 2 },
        ),
      4,
    ],
    [
      'a skew matrix in bicgstab',
      () =>
        bicgstab(
          f64([
            [0, 1],
            [-1, 0],
          ]),
          f64([1, 1]),
        ),
      2,
    ],
    ['too few steps', () => minres(diagonal(1, 2, 3), b, { maxSteps: 2 }), 1],
    ['too few steps of gmres', () => gmres(diagonal(1, 2, 3), b, { maxSteps: 2 }), 1],
  ]
  test.each(failing)('%s', (_, run, status) => {
    const result = run()
    expect(result.status.item()).toBe(status)
    expect(result.converged.item()).toBe(0)
    expect(list(result.x).every(Number.isFinite)).toBe(true)
  })

  test.each(Object.entries(solvers))('%s: NaN in the matrix or on the right', (_, solve) => {
    for (const [a, right] of [
      [diagonal(1, Number.NaN, 1), b],
      [diagonal(1, 2, 3), f64([1, Number.NaN, 1])],
    ] as const) {
      const result = solve(a, right)
      expect(result.status.item()).toBe(3)
      expect(result.iterations.item()).toBeLessThanOrEqual(1)
    }
  })

  test.each(Object.entries(solvers))('%s: a tolerance below rounding does not pass for success', (_, solve) => {
    const hard = kernel(60)
    const { status, residualNorm } = solve(hard, ramp(60), { tolerance: 1e-17, maxSteps: 400 })
    expect(residualNorm.item()).toBeGreaterThan(0)
    expect(status.item()).toBeGreaterThan(0)
  })
})

describe('mistakes are told', () => {
  const a = unit(3)
  const b = f64([1, 2, 3])
  const wrong: [string, () => unknown, RegExp][] = [
    ['a matrix that is not square', () => gmres(normal(0, [3, 2]), b), /square/],
    ['a right-hand side of another length', () => minres(a, f64([1, 2])), /b \[n\]/],
    ['several right-hand sides', () => conjugateGradient(a, a), /vmap/],
    ['two dtypes', () => conjugateGradient(a, tensor([1, 2, 3])), /dtype/],
    ['integers', () => conjugateGradient((x: Tensor) => x, tensor([1, 2], { dtype: 'int32' })), /float tensors/],
    ['numbers', () => conjugateGradient((x: number) => x, 3), /float tensors of one dtype/],
    ['a function that changes the shape', () => gmres((x: Tensor) => x.sum(), b), /shaped like b/],
    ['a start of another shape', () => gmres(a, b, { start: f64([1]) }), /shaped like b/],
    ['a preconditioner of another size', () => gmres(a, b, { preconditioner: unit(2) }), /preconditioner/],
    ['a negative tolerance', () => gmres(a, b, { tolerance: -1 }), /tolerance -1/],
    ['no steps', () => gmres(a, b, { maxSteps: 0 }), /maxSteps 0/],
    ['no basis', () => gmres(a, b, { restart: 0.5 }), /restart/],
    ['lsqr: a right-hand side of another length', () => lsqr(normal(0, [3, 2]), f64([1, 2])), /float64\[3\]/],
    [
      'lsqr: a preconditioner of another size',
      () => lsqr(normal(0, [3, 2]), b, { preconditioner: unit(3) }),
      /on the right/,
    ],
    [
      'lsqr: a preconditioner that is not square',
      () => lsqr(normal(0, [3, 2]), b, { preconditioner: normal(0, [3, 2]) }),
      /square/,
    ],
    ['lsqr: a negative damp', () => lsqr(a, b, { damp: -1 }), /damp/],
  ]
  test.each(wrong)('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
