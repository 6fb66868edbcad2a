// Square root and logarithm of symmetric matrices. Both are inverse functions: their derivatives solve the linear equation
// of the function they invert, which stays regular where eigenvalues repeat. N. Higham, Functions of Matrices, 2008, chapter 3.

import {
  abs,
  add,
  bind,
  bind1,
  definePrimitive,
  div,
  eq,
  exp,
  expandDims,
  expm1,
  jvp,
  log,
  type MaybeZero,
  matmul,
  maximum,
  mul,
  type Primitive,
  sqrt,
  stopGradient,
  sub,
  type Tensor,
  where,
} from '@adjoint/core'
import { everyLane, requireSquareOf, transposed } from '../checks.js'
import { eigh } from '../factorisations/eigh.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { expmFrechet } from './expm.js'

/** Parameters of the primitives `symmetricFunction` and `symmetricEquation`. */
export interface SymmetricParams {
  readonly fn: 'sqrt' | 'log'
}

const apply = (values: Tensor, { fn }: SymmetricParams): Tensor => (fn === 'sqrt' ? sqrt(values) : log(values))

/**
 * `[a, values, vectors]`: a function of a symmetric matrix. The eigenvalues are those of a: derivatives are taken with
 * respect to a alone, and pass them on.
 */
export const symmetricFunctionPrimitive: Primitive<SymmetricParams> = /* @__PURE__ */ definePrimitive<SymmetricParams>(
  '@adjoint/linalg:symmetricFunction',
  {
    shape: ([{ shape, dtype }]) => [{ shape, dtype }],
    jvp: ([, values, vectors], [da], [value], params) => [
      da === null ? null : bind1(symmetricEquationPrimitive, [value, apply(values, params), vectors, da], params),
    ],
    vmap: (inputs, batched, size, params) => bind(symmetricFunctionPrimitive, everyLane(inputs, batched, size), params),
    decompose: ([, values, vectors], params) => [
      matmul(mul(vectors, expandDims(apply(values, params), -2)), transposed(vectors)),
    ],
  },
)

/**
 * `[x, values, vectors, c]`: the y for which the inverse function at x, the square or the exponential, has derivative c in
 * direction y. Linear in c, and its own transpose; the eigenvalues are those of x.
 */
export const symmetricEquationPrimitive: Primitive<SymmetricParams> = /* @__PURE__ */ definePrimitive<SymmetricParams>(
  '@adjoint/linalg:symmetricEquation',
  {
    shape: ([, , , { shape, dtype }]) => [{ shape, dtype }],
    jvp: ([x, values, vectors, c], [dx, , , dc], [y], params) => {
      const moved = dx === null ? null : secondDerivative(x, y, dx, params)
      if (moved === null && dc === null) return [null]
      const right = moved === null ? dc : dc === null ? moved.neg() : sub(dc, moved)
      return [bind1(symmetricEquationPrimitive, [x, values, vectors, right ?? c], params)]
    },
    transpose: ([ct], [x, values, vectors], params): MaybeZero[] => {
      if (ct === null || x.linear || values.linear || vectors.linear) return [null, null, null, null]
      return [null, null, null, bind1(symmetricEquationPrimitive, [x.value, values.value, vectors.value, ct], params)]
    },
    vmap: (inputs, batched, size, params) => bind(symmetricEquationPrimitive, everyLane(inputs, batched, size), params),
    decompose: ([, values, vectors, c], { fn }) => {
      const [a, b] = [expandDims(values, -1), expandDims(values, -2)]
      const back = transposed(vectors)
      const inner = matmul(back, matmul(c, vectors))
      const scaled = div(inner, fn === 'sqrt' ? add(a, b) : meanExp(a, b))
      return [matmul(vectors, matmul(scaled, back))]
    },
  },
)

/** How the derivative of the inverse function at x in direction y changes with x. */
function secondDerivative(x: Tensor, y: Tensor, dx: Tensor, { fn }: SymmetricParams): Tensor {
  if (fn === 'sqrt') return add(matmul(dx, y), matmul(y, dx))
  return jvp((z: Tensor) => expmFrechet(z, y), [x], [dx]).tangent
}

/** The mean of exp between two values, `(exp(a) - exp(b)) / (a - b)`, without cancellation. */
function meanExp(a: Tensor, b: Tensor): Tensor {
  const gap = abs(sub(a, b))
  const same = eq(gap, 0)
  const safe = where(same, 1, gap)
  return mul(exp(maximum(a, b)), where(same, 1, div(expm1(safe.neg()).neg(), safe)))
}

function symmetricFunction(a: Tensor, params: SymmetricParams): Tensor {
  const symmetric = mul(add(a, transposed(a)), 0.5)
  const { values, vectors } = eigh(stopGradient(symmetric))
  return bind1(symmetricFunctionPrimitive, [symmetric, values, vectors], params)
}

/**
 * The symmetric square root of symmetric positive definite matrices. `[..., n, n]`
 *
 * The symmetric part is taken first. NaN where an eigenvalue is negative; derivatives need them to be positive, and may be
 * repeated.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * sqrtm(tensor([[5, 4], [4, 5]]))   // [[2, 1], [1, 2]]
 */
export function sqrtm(a: MatrixLike): Tensor {
  return symmetricFunction(requireSquareOf('sqrtm', a), { fn: 'sqrt' })
}

/**
 * The logarithm of symmetric positive definite matrices. `[..., n, n]`
 *
 * The symmetric part is taken first. NaN where an eigenvalue is negative.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * logm(tensor([[1, 0], [0, Math.E]]))   // [[0, 0], [0, 1]]
 */
export function logm(a: MatrixLike): Tensor {
  return symmetricFunction(requireSquareOf('logm', a), { fn: 'log' })
}
