import { checkGrads } from '@adjoint/conformance'
import { add, div, grad, hessian, jit, matmul, mul, stack, sub, sum, type Tensor, tensor, vmap } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { bicgstab, conjugateGradient, gmres, lsqr, minres } from '../src/iterative/index.js'
import { addOperators, diagonalOperator, lowRankOperator, multiplyOperators } from '../src/operators/index.js'
import { distance, f64, list, normal } from './iterative-support.js'

const n = 8
const d = f64([1, 2, 3, 4, 5, 6, 7, 8])
const b = normal(1, [n])
const u = normal(2, [n, 1])

/** D + u uᵀ, and its inverse times b by the formula of Sherman and Morrison. */
const operator = (diagonal: Tensor) => addOperators(diagonalOperator(diagonal), lowRankOperator(u))
const closedForm = (diagonal: Tensor, right: Tensor): Tensor => {
  const v = u.reshape([n])
  const [x, w] = [div(right, diagonal), div(v, diagonal)]
  return sub(x, mul(w, div(sum(mul(v, x)), add(sum(mul(v, w)), 1))))
}

describe('gradients are further solves', () => {
  const loss = (x: Tensor) => sum(mul(x.square(), d)).add(x.pow(3).sum())
  const exact = (diagonal: Tensor) => loss(closedForm(diagonal, b))
  const preconditioner = diagonalOperator(div(1, d))
  const methods: [string, (diagonal: Tensor, right: Tensor) => Tensor][] = [
    ['conjugateGradient', (m, right) => conjugateGradient(operator(m), right).x],
    ['conjugateGradient, preconditioned', (m, right) => conjugateGradient(operator(m), right, { preconditioner }).x],
    ['minres', (m, right) => minres(operator(m), right).x],
    ['gmres', (m, right) => gmres(operator(m), right, { preconditioner }).x],
    ['bicgstab', (m, right) => bicgstab(operator(m), right).x],
    ['lsqr', (m, right) => lsqr(operator(m), right).x],
  ]
  test.each(methods)('%s: those of the closed form', (_, solve) => {
    const f = (m: Tensor) => loss(solve(m, b))
    expect(distance(grad(f)(d), grad(exact)(d))).toBeLessThan(1e-8)
    expect(distance(jit(grad(f))(d), grad(exact)(d))).toBeLessThan(1e-8)
    const byRight = grad((right: Tensor) => loss(solve(d, right)))(b)
    expect(distance(byRight, grad((right: Tensor) => loss(closedForm(d, right)))(b))).toBeLessThan(1e-8)
  })

  test('second derivatives', () => {
    const f = (m: Tensor) => loss(conjugateGradient(operator(m), b).x)
    expect(distance(jit(hessian(f))(d), hessian(exact)(d))).toBeLessThan(1e-7)
  })

  test('lanes of gradients', () => {
    const f = jit(vmap(grad((m: Tensor) => loss(gmres(operator(m), b).x))))
    const lanes = stack([d, mul(d, 2)])
    expect(distance(f(lanes), vmap(grad(exact))(lanes))).toBeLessThan(1e-8)
  })

  test('float32', () => {
    const f = (m: Tensor) => conjugateGradient(diagonalOperator(m), tensor([1, 2])).x.sum()
    expect(grad(f)(tensor([1, 2])).dtype).toBe('float32')
    expect(distance(grad(f)(tensor([1, 2])), tensor([-1, -0.5]))).toBeLessThan(1e-5)
  })

  test('neither the start, the preconditioner nor the report take part', () => {
    const f = (m: Tensor) => {
      const options = { start: mul(b, m), preconditioner: diagonalOperator(div(1, m)) }
      return conjugateGradient(operator(d), b, options).x.sum()
    }
    expect(Math.max(...list(grad(f)(d)).map(Math.abs))).toBeLessThan(1e-12)
    const report = (m: Tensor) => conjugateGradient(operator(m), b).residualNorm
    expect(list(grad(report)(d))).toEqual(new Array(n).fill(0))
  })
})

describe('beside differences', () => {
  const general = add(mul(normal(3, [n, n]), 0.2), diagonalOperatorMatrix(f64(new Array(n).fill(3))))
  test('a nonsymmetric system, to the second order', async () => {
    const f = (m: Tensor, right: Tensor) =>
      gmres((x: Tensor) => add(matmul(general, x), mul(x, m)), right, {
        preconditioner: diagonalOperator(div(1, add(m, 3))),
      }).x
    const { maxError } = await checkGrads(jit(f), [d, b], { order: 2, modes: ['reverse'] })
    expect(maxError).toBeLessThan(1e-6)
  })

  const shapes: [string, number, number, number, boolean][] = [
    ['tall', 9, 5, 0, false],
    ['wide', 5, 9, 0, false],
    ['wide and damped', 5, 9, 0.5, false],
    ['tall, preconditioned', 9, 5, 0, true],
    ['wide, preconditioned', 5, 7, 0, true],
    ['tall and damped, preconditioned', 6, 4, 0.5, true],
  ]
  test.each(shapes)('least squares, %s', async (_, m, k, damp, preconditioned) => {
    const matrix = normal(5, [m, k])
    const weights = f64(Array.from({ length: k }, (__, i) => 1 + i / k))
    // The preconditioner captures what is differentiated, too.
    const options = (w: Tensor) => ({
      damp,
      ...(preconditioned ? { preconditioner: diagonalOperator(div(1, w)) } : {}),
    })
    const f = (w: Tensor, right: Tensor) => lsqr(multiplyOperators(matrix, diagonalOperator(w)), right, options(w)).x
    const { maxError } = await checkGrads(jit(f), [weights, normal(6, [m])], {
      order: damp === 0 && !preconditioned ? 2 : 1,
      modes: ['reverse'],
    })
    expect(maxError).toBeLessThan(1e-6)
  })
})

function diagonalOperatorMatrix(diagonal: Tensor): Tensor {
  return f64(list(diagonal).map((value, i) => list(diagonal).map((_, j) => (i === j ? value : 0))))
}
