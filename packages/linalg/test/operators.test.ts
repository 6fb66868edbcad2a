import {
  concat,
  eye,
  grad,
  hessian,
  jacobian,
  jit,
  matmul,
  mul,
  slice,
  sum,
  type Tensor,
  tensor,
  transpose,
  vmap,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addOperators,
  denseMatrix,
  diagonalOperator,
  gaussNewtonOperator,
  hessianOperator,
  identityOperator,
  jacobianOperator,
  kroneckerOperator,
  type LinearOperator,
  linearOperator,
  lowRankOperator,
  type MatrixLike,
  matrixOperator,
  multiplyOperators,
  scaleOperator,
  transposeOperator,
} from '../src/operators/index.js'
import { distance, f64, list, normal } from './iterative-support.js'

const a = normal(0, [3, 4])
const b = normal(1, [4, 2])
const square = normal(2, [4, 4])

/** Operators beside the matrices they stand for. */
const pairs: Record<string, [LinearOperator, Tensor]> = {
  matrix: [matrixOperator(a), a],
  diagonal: [
    diagonalOperator(f64([1, 2, 3])),
    f64([
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
    ]),
  ],
  identity: [identityOperator(3, { dtype: 'float64' }), eye(3, 3, { dtype: 'float64' })],
  sum: [
    addOperators(square, identityOperator(4, { dtype: 'float64' }), square),
    square.mul(2).add(eye(4, 4, { dtype: 'float64' })),
  ],
  product: [multiplyOperators(a, square, b), matmul(matmul(a, square), b)],
  multiple: [scaleOperator(a, -3), a.mul(-3)],
  transpose: [transposeOperator(a), transpose(a)],
  'low rank': [lowRankOperator(square, a), matmul(square, transpose(a))],
  kronecker: [kroneckerOperator(a, b), kron(a, b)],
}

function kron(x: Tensor, y: Tensor): Tensor {
  const [[m, n], [p, q]] = [x.shape, y.shape]
  return mul(x.reshape([m, 1, n, 1]), y.reshape([1, p, 1, q])).reshape([m * p, n * q])
}

describe('operators', () => {
  test.each(Object.keys(pairs))('%s: both products, by itself, under jit, vmap and grad', (name) => {
    const [operator, dense] = pairs[name]
    const [m, n] = dense.shape
    expect(operator.shape).toEqual([m, n])
    expect(distance(denseMatrix(operator), dense)).toBeLessThan(1e-12)
    expect(distance(denseMatrix(transposeOperator(operator)), transpose(dense))).toBeLessThan(1e-12)
    const [x, y] = [normal(5, [n]), normal(6, [m])]
    expect(distance(jit((v: Tensor) => operator.apply(v))(x), matmul(dense, x))).toBeLessThan(1e-12)
    const gradient = grad((v: Tensor) => sum(mul(operator.apply(v), y)))(x)
    expect(distance(gradient, operator.applyTranspose(y))).toBeLessThan(1e-12)
    const many = normal(7, [3, n])
    expect(distance(vmap(operator.apply)(many), matmul(many, transpose(dense)))).toBeLessThan(1e-12)
  })

  test('a missing transpose is found by transposing the product', () => {
    const differences = linearOperator({
      shape: [4, 3],
      dtype: 'float64',
      apply: (x) => concat([x, zeros([1], { dtype: 'float64' })]).sub(concat([zeros([1], { dtype: 'float64' }), x])),
    })
    fc.assert(
      fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 7, maxLength: 7 }), (values) => {
        const [x, y] = [f64(values.slice(0, 3)), f64(values.slice(3))]
        const left = sum(mul(differences.apply(x), y)).item()
        expect(left).toBeCloseTo(sum(mul(x, differences.applyTranspose(y))).item(), 9)
      }),
      { numRuns: 20 },
    )
  })

  test('what an operator captures gets gradients', () => {
    const x = f64([1, 2])
    const f = (d: Tensor, s: Tensor) => sum(scaleOperator(diagonalOperator(d), s).apply(x))
    const [byD, byS] = grad(f, { argnums: [0, 1] })(f64([3, 4]), f64(2))
    expect(list(byD)).toEqual([2, 4])
    expect(byS.item()).toBe(11)
  })

  test('float32 by default, float64 where it is asked for', () => {
    expect(identityOperator(2).apply(tensor([1, 2])).dtype).toBe('float32')
    expect(matrixOperator(a).dtype).toBe('float64')
  })
})

describe('derivative operators', () => {
  const x = f64([0.3, -1.2, 0.7])
  const model = (v: Tensor) => concat([v.square(), mul(slice(v, [0, 2]), slice(v, [1, 3])).exp()])
  const loss = (y: Tensor) => y.pow(4).sum()

  test('the Jacobian and its transpose', () => {
    const operator = jacobianOperator(model, x)
    expect(operator.shape).toEqual([5, 3])
    expect(distance(denseMatrix(operator), jacobian(model)(x))).toBeLessThan(1e-12)
    expect(distance(denseMatrix(transposeOperator(operator)), transpose(jacobian(model)(x)))).toBeLessThan(1e-12)
  })

  test('the Hessian', () => {
    const f = (v: Tensor) => loss(model(v))
    expect(distance(denseMatrix(hessianOperator(f, x)), hessian(f)(x))).toBeLessThan(1e-10)
  })

  test('Gauss-Newton is Jᵀ J, and Jᵀ H J for a loss', () => {
    const j = jacobian(model)(x)
    expect(distance(denseMatrix(gaussNewtonOperator(model, x)), matmul(transpose(j), j))).toBeLessThan(1e-12)
    const h = hessian(loss)(model(x))
    const expected = matmul(transpose(j), matmul(h, j))
    expect(distance(denseMatrix(gaussNewtonOperator(model, x, loss)), expected)).toBeLessThan(1e-10)
  })

  test('they work inside traced functions', () => {
    const trace = jit((v: Tensor) => sum(hessianOperator((u: Tensor) => u.pow(3).sum(), v).apply(v)))
    expect(trace(f64([1, 2])).item()).toBe(30)
    expect(list(grad(trace)(f64([1, 2])))).toEqual([12, 24])
  })
})

describe('mistakes are told', () => {
  const wrong: [string, () => unknown, RegExp][] = [
    ['a shape that is none', () => linearOperator({ shape: [2] as never, apply: (x) => x }), /two sizes/],
    ['a vector of another length', () => matrixOperator(a).apply(f64([1, 2])), /float64\[4\]/],
    ['a matrix for a vector', () => matrixOperator(a).apply(b), /vmap/],
    ['another dtype', () => matrixOperator(a).apply(tensor([1, 2, 3, 4])), /cast/],
    [
      'a product of another length',
      () => linearOperator({ shape: [2, 3], apply: (x) => x }).apply(tensor([1, 2, 3])),
      /a product float32\[3\]/,
    ],
    ['integers', () => matrixOperator(tensor([[1]], { dtype: 'int32' })), /float tensor with 2 axes/],
    ['sums that do not fit', () => addOperators(a, b), /sizes fit/],
    ['products that do not fit', () => multiplyOperators(b, a), /sizes fit/],
    ['two dtypes', () => multiplyOperators(a, identityOperator(4)), /cast/],
    ['no operator at all', () => denseMatrix({} as MatrixLike), /float tensor/],
    [
      'a function that changes the dtype',
      () => jacobianOperator((v: Tensor) => v.cast('float32'), f64([1])),
      /one dtype/,
    ],
  ]
  test.each(wrong)('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
