import { checkGrads } from '@adjoint/conformance'
import { add, configure, eye, grad, jit, log, matmul, mul, sub, sum, type Tensor, transpose, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import {
  conjugateGradient,
  eigsh,
  hutchinsonDiagonal,
  hutchinsonTrace,
  hutchPlusPlus,
  incompleteCholesky,
  jacobi,
  lanczosQuadrature,
  lowRankPreconditioner,
  minres,
  pivotedCholesky,
  randomizedSvd,
  stochasticLogDet,
} from '../src/iterative/index.js'
import { denseMatrix, diagonalOperator, matrixOperator, scaleOperator } from '../src/operators/index.js'
import { distance, f64, list, normal, positive } from './iterative-support.js'
import { kernel, laplacian, ramp, scaledLaplacian } from './iterative-systems.js'

const unit = (n: number) => eye(n, n, { dtype: 'float64' })
const key = random.key(7)

describe('eigsh', () => {
  // Eigenvalues of the Laplacian on a k by k grid are sums of two of these.
  const line = Array.from({ length: 10 }, (_, i) => 2 - 2 * Math.cos(((i + 1) * Math.PI) / 11))
  const planned = [...new Set(line.flatMap((x) => line.map((y) => Number((x + y).toFixed(9)))))].sort((x, y) => x - y)

  test.each(['largest', 'smallest', 'largestMagnitude'] as const)('the %s of a Laplacian', (which) => {
    const { values, vectors, converged, residualNorm } = eigsh(laplacian(10), 4, { which })
    const expected = which === 'smallest' ? planned.slice(0, 4) : planned.slice(-4)
    for (const [i, value] of list(values).entries()) expect(value).toBeCloseTo(expected[i], 7)
    expect(distance(matmul(laplacian(10), vectors), mul(vectors, values))).toBeLessThan(1e-8)
    expect(distance(matmul(transpose(vectors), vectors), unit(4))).toBeLessThan(1e-8)
    expect([converged.item(), residualNorm.item() < 1e-9]).toEqual([1, true])
  })

  test('all of a small matrix; a space that is exhausted; few steps; NaN', () => {
    const a = positive(0, 6, 0)
    expect(sum(eigsh(a, 6).values).item()).toBeCloseTo(sum(mul(a, unit(6))).item(), 9)
    expect(list(eigsh(mul(unit(5), 2), 2).values)).toEqual([2, 2])
    expect(list(eigsh(diagonalOperator(f64([1, 1, 1, 5])), 1, { start: f64([0, 0, 1, 1]) }).values)[0]).toBeCloseTo(
      5,
      10,
    )
    const hasty = eigsh(laplacian(10), 4, { subspace: 6, maxSteps: 6 })
    expect([hasty.status.item(), hasty.iterations.item()]).toEqual([1, 6])
    expect(eigsh(mul(unit(5), Number.NaN), 2).status.item()).toBe(3)
  })

  test('derivatives of values and vectors', async () => {
    const base = positive(0, 6, 0)
    const f = (d: Tensor) => {
      const { values, vectors } = eigsh(add(mul(unit(6), d), base), 2)
      return add(values.square(), sum(vectors.pow(4), 0))
    }
    await checkGrads(f, [f64([1, 2, 4, 6, 9, 12])], { order: 1 })
  })

  test('float32, under jit and vmap', () => {
    const f = jit(vmap((d: Tensor) => eigsh(diagonalOperator(d), 2, { which: 'smallest' })))
    const lanes = normal(1, [2, 30], 'float32')
    const { values, status } = f(lanes)
    expect([values.dtype, list(status)]).toEqual(['float32', [0, 0]])
    const sorted = list(lanes.slice(0)).sort((x, y) => x - y)
    expect(list(values)[0]).toBeCloseTo(sorted[0], 3)
  })
})

describe('preconditioners', () => {
  const b = ramp(100)
  const steps = (a: Tensor, preconditioner?: ReturnType<typeof jacobi>) => {
    const { x, iterations, converged } = conjugateGradient(a, b, { preconditioner })
    expect(converged.item()).toBe(1)
    expect(distance(matmul(a, x), b)).toBeLessThan(1e-7)
    return iterations.item()
  }

  test('fewer steps for matrices that are scaled badly, or have few entries', () => {
    expect(steps(scaledLaplacian(), jacobi(scaledLaplacian()))).toBeLessThan(0.7 * steps(scaledLaplacian()))
    expect(steps(laplacian(10), incompleteCholesky(laplacian(10)))).toBeLessThan(0.5 * steps(laplacian(10)))
    expect(
      minres(laplacian(10), b, { preconditioner: incompleteCholesky(laplacian(10)) }).iterations.item(),
    ).toBeLessThan(20)
  })

  test('incomplete Cholesky is the inverse where there is no fill-in', () => {
    const a = add(
      mul(unit(5), 3),
      f64(Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (__, j) => (Math.abs(i - j) === 1 ? -1 : 0)))),
    )
    expect(distance(matmul(denseMatrix(incompleteCholesky(a)), a), unit(5))).toBeLessThan(1e-12)
  })

  test('a diagonal, or the matrix that has it; zeros count as ones', () => {
    expect(list(jacobi(f64([2, 0])).apply(f64([1, 1])))).toEqual([0.5, 1])
    expect(
      list(
        jacobi(
          f64([
            [4, 1],
            [1, 2],
          ]),
        ).apply(f64([1, 1])),
      ),
    ).toEqual([0.25, 0.5])
  })

  test('pivoted Cholesky: exact for low rank, and as its error says', () => {
    const u = normal(0, [20, 3])
    const { factor, pivots, error } = pivotedCholesky(matmul(u, transpose(u)), 5)
    expect(distance(matmul(factor, transpose(factor)), matmul(u, transpose(u)))).toBeLessThan(1e-12)
    expect([factor.shape, new Set(list(pivots).slice(0, 3)).size]).toEqual([[20, 5], 3])
    expect(Math.abs(error.item())).toBeLessThan(1e-12)
    const smooth = sub(kernel(40), mul(unit(40), 1e-3))
    const half = pivotedCholesky(smooth, 10)
    const rest = sub(smooth, matmul(half.factor, transpose(half.factor)))
    expect(sum(mul(rest, unit(40))).item()).toBeCloseTo(half.error.item(), 9)
  })

  test('a kernel matrix with noise', () => {
    const i = f64(Array.from({ length: 60 }, (_, j) => j / 10))
    const smooth = sub(i.reshape([60, 1]), i.reshape([1, 60]))
      .square()
      .neg()
      .exp()
    const noisy = add(smooth, mul(unit(60), 1e-2))
    const rough = lowRankPreconditioner(smooth, 15, 1e-2)
    const plain = conjugateGradient(noisy, ramp(60))
    const better = conjugateGradient(noisy, ramp(60), { preconditioner: rough })
    expect(better.converged.item()).toBe(1)
    expect(better.iterations.item()).toBeLessThan(0.5 * plain.iterations.item())
  })
})

describe('randomizedSvd', () => {
  test('exact for low rank', () => {
    const a = matmul(normal(0, [30, 5]), normal(1, [5, 20]))
    const { u, s, vt } = randomizedSvd(a, 5, { key })
    expect(distance(matmul(mul(u, s), vt), a)).toBeLessThan(1e-10)
    expect(distance(matmul(transpose(u), u), unit(5))).toBeLessThan(1e-12)
    const squares = eigsh(matmul(a, transpose(a)), 3).values
    expect(distance(s.slice([0, 3]).square(), f64(list(squares).reverse()))).toBeLessThan(1e-8)
  })

  test('nearly the best approximation otherwise, sharper by power iterations', () => {
    const s = f64(Array.from({ length: 40 }, (_, i) => 1 / (i + 1)))
    const error = (powerIterations: number) =>
      Math.abs(list(randomizedSvd(diagonalOperator(s), 5, { key, oversampling: 5, powerIterations }).s)[4] - 1 / 5)
    expect(error(3)).toBeLessThan(1e-3)
    expect(error(0)).toBeGreaterThan(error(3))
  })

  test('wide operators, derivatives', async () => {
    const a = normal(2, [4, 9])
    expect(randomizedSvd(matrixOperator(a), 2, { key }).vt.shape).toEqual([2, 9])
    await checkGrads((x: Tensor) => randomizedSvd(x, 2, { key }).s, [a], { order: 1 })
  })
})

describe('stochastic Lanczos quadrature', () => {
  const a = positive(3, 40)
  const exact = sum(log(eigsh(a, 40).values)).item()

  test('the log-determinant within its error bars', () => {
    const { value, standardError } = stochasticLogDet(a, { key, samples: 60 })
    expect(Math.abs(value.item() - exact)).toBeLessThan(3 * standardError.item())
    expect(standardError.item()).toBeLessThan(0.1 * Math.abs(exact))
  })

  test('exact for diagonal matrices and polynomials; a space that is exhausted', () => {
    const d = diagonalOperator(f64([1, 2, 2, 4]))
    expect(stochasticLogDet(d, { key, samples: 2 }).value.item()).toBeCloseTo(Math.log(16), 10)
    const cubes = lanczosQuadrature(d, (x) => x.pow(3), { key, samples: 2, steps: 2 })
    expect(cubes.value.item()).toBeCloseTo(81, 9)
  })

  test('gradients: d/ds of log det(s A) is n / s', () => {
    const f = (s: Tensor) => stochasticLogDet(scaleOperator(a, s), { key, samples: 4 }).value
    expect(grad(f)(f64(2)).item()).toBeCloseTo(20, 8)
  })
})

test('every key is used once', () => {
  configure({ checkKeys: true })
  try {
    const a = positive(0, 8)
    const own = () => random.key(1)
    eigsh(a, 2, { key: own() })
    randomizedSvd(a, 2, { key: own() })
    stochasticLogDet(a, { key: own(), samples: 3 })
    hutchPlusPlus(a, { key: own(), samples: 6 })
    const spent = own()
    hutchinsonTrace(a, { key: spent })
    expect(() => hutchinsonDiagonal(a, { key: spent })).toThrow(/key/)
  } finally {
    configure({ checkKeys: false })
  }
})

describe('mistakes are told', () => {
  const wrong: [string, () => unknown, RegExp][] = [
    ['more pairs than there are', () => eigsh(unit(3), 4), /1 to 3/],
    ['a subspace without room', () => eigsh(unit(30), 5, { subspace: 5 }), /subspace 5; expected an integer from 6/],
    ['no rank', () => pivotedCholesky(unit(3), 0), /rank 0/],
    ['a wide matrix', () => jacobi(normal(0, [2, 3])), /square/],
    ['negative oversampling', () => randomizedSvd(unit(3), 1, { key, oversampling: -1 }), /oversampling/],
    ['more singular values than there are', () => randomizedSvd(unit(3), 4, { key }), /1 to 3/],
    ['no quadrature', () => stochasticLogDet(unit(3), { key, steps: 0 }), /steps/],
  ]
  test.each(wrong)('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
