// A few eigenpairs of a large symmetric matrix, by Lanczos with thick restarts.
// K. Wu, H. Simon, Thick-Restart Lanczos Method for Large Symmetric Eigenvalue Problems, 2000.

import {
  abs,
  add,
  and,
  argsort,
  concat,
  cond,
  detached,
  div,
  dynamicSlice,
  dynamicUpdate,
  eq,
  expandDims,
  eye,
  gt,
  le,
  lt,
  matmul,
  max,
  mul,
  neg,
  not,
  or,
  reshape,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  transpose,
  tril,
  vmap,
  where,
  whileLoop,
  zeros,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { eigh } from '../factorisations/index.js'
import { asSquareOperator } from '../operators/elementary.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import type { SolveReport } from './api.js'
import { differentiableEigenpair, type Eigenpair } from './eigenpair-derivative.js'
import { checkCount, stopOptions } from './options.js'
import { judge } from './report.js'
import { type StartOptions, startVector } from './start.js'
import { integer, orthogonalize, vectorNorm } from './vectors.js'

/** Which end of the spectrum: by value, or by size. */
export type SpectrumEnd = 'largest' | 'smallest' | 'largestMagnitude'

/** Options of `eigsh`. */
export interface EigshOptions extends StartOptions {
  /** @defaultValue 'largest' */
  readonly which?: SpectrumEnd
  /** Length of the basis between restarts, above k unless that is n. @defaultValue 2 k + 10, at least 20, at most n */
  readonly subspace?: number
  /** Stop at `|A v - value v| <= tolerance |A|` for all pairs. @defaultValue 1e-5 in float32, 1e-10 in float64 */
  readonly tolerance?: number
  /** Most products with A; the last cycle is finished. @defaultValue ten times n, at least 1000 */
  readonly maxSteps?: number
}

/** What `eigsh` found. `residualNorm` is the largest `|A v - value v|`, `iterations` counts products. */
export interface EigshResult extends SolveReport {
  /** Ascending, `[k]`. */
  readonly values: Tensor
  /** Orthonormal columns, `[n, k]`; their signs are arbitrary. */
  readonly vectors: Tensor
}

/**
 * The k largest or smallest eigenvalues of a symmetric matrix, with their vectors, by products alone. A repeated eigenvalue
 * may be found fewer times than it is repeated.
 *
 * Gradients with respect to whatever `a` captures are exact up to the third order, for eigenvalues that are not repeated.
 *
 * @param a - `[n, n]` or an operator, symmetric
 * @param k - pairs, from 1 to n
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { values } = eigsh(diagonalOperator(linspace(1, 100, 100)), 2)   // [99, 100]
 */
export function eigsh(a: MatrixLike, k: number, options: EigshOptions = {}): EigshResult {
  const operator = asSquareOperator('eigsh', a)
  const {
    apply,
    shape: [n],
    dtype,
  } = operator
  checkCount('eigsh', 'k', k, n)
  const { which = 'largest', subspace: length = Math.min(n, Math.max(2 * k + 10, 20)), key = random.key(0) } = options
  checkCount('eigsh', 'subspace', length, n, Math.min(k + 1, n))
  const limit = { maxSteps: Math.max(1000, 10 * n), ...options }
  const { tolerance, maxSteps } = stopOptions('eigsh', limit, dtype, n)
  const [forStart, forFresh] = random.split(key)
  const start = startVector('eigsh', operator, { ...options, key: forStart })
  // Where the space is exhausted, the basis goes on with one of these.
  const fresh = random.normal(forFresh, [length, n], { dtype })
  const plan: Plan = { k, length, which, tolerance, maxSteps }
  const found = detached((begin: Begin) => restarts(apply, begin, plan))({ start, fresh })
  const rule = { symmetric: true, tolerance, maxSteps: 10 * (n + 1) }
  const pairs = vmap((pair: Eigenpair) => differentiableEigenpair(apply, pair, rule))({
    value: found.values,
    vector: found.rows,
  })
  const residuals = sub(stopGradient(vmap(apply)(found.rows)), mul(expandDims(found.values, 1), found.rows))
  const residualNorm = sqrt(max(sum(square(residuals), 1)))
  const { iterations } = found
  const scale = mul(max(abs(found.values)), tolerance)
  const status = judge(integer(start, 0), residualNorm, scale, gt(iterations, maxSteps - 1))
  return {
    values: pairs.value,
    vectors: transpose(pairs.vector),
    iterations,
    residualNorm,
    converged: eq(status, 0),
    status,
  }
}

interface Plan {
  readonly k: number
  readonly length: number
  readonly which: SpectrumEnd
  readonly tolerance: number
  readonly maxSteps: number
}

interface Begin {
  readonly start: Tensor
  readonly fresh: Tensor
}

/** Orthonormal rows, the matrix in that basis (lower triangle), and how far both are built. */
interface Basis {
  readonly rows: Tensor
  readonly projected: Tensor
  readonly size: Tensor
  readonly at: Tensor
}

interface State extends Basis {
  /** Ritz values, the wanted ones first, `[length]`. */
  readonly values: Tensor
  readonly iterations: Tensor
  readonly done: Tensor
}

function restarts(apply: (v: Tensor) => Tensor, { start, fresh }: Begin, plan: Plan) {
  const { k, length, tolerance, maxSteps } = plan
  const { dtype, backend } = start
  const [n] = start.shape
  // Half of what is not wanted stays too: it damps what is next to the wanted.
  const keep = Math.min(k + ((length - k) >> 1), length - 1)
  const first = reshape(div(start, vectorNorm(start)), [1, n])
  const end = whileLoop<State>({
    cond: ({ done, iterations }) => and(not(done), lt(iterations, maxSteps)),
    body: (state) => {
      const { rows, projected, size } = extend(apply, state, fresh, length)
      const lower = tril(projected, -1)
      const { values, vectors } = eigh(add(tril(projected), transpose(lower)))
      const order = argsort(score(values, plan.which), -1, { descending: true })
      const [ritz, chosen] = [take(values, order), take(vectors, order, 1)]
      const residuals = abs(mul(slice(chosen, length - 1), size))
      const met = le(max(slice(residuals, [0, k])), mul(max(abs(ritz)), tolerance))
      const turned = matmul(transpose(chosen), slice(rows, [0, length]))
      const done = or(met, le(size, 0))
      // Kept Ritz vectors, then the direction in which the space goes on; rows of zeros are free.
      const onward = slice(rows, [length, length + 1])
      const free = zeros([length - keep, n], { dtype, backend })
      const restarted = concat([slice(turned, [0, keep]), onward, free])
      return {
        rows: where(done, concat([turned, onward]), restarted),
        projected: mul(eye(length, length, { dtype, backend }), expandDims(ritz, 1)),
        size,
        at: integer(start, keep),
        values: ritz,
        iterations: add(state.iterations, sub(length, state.at)),
        done,
      }
    },
    init: {
      rows: dynamicUpdate(zeros([length + 1, n], { dtype, backend }), first, [0, 0]),
      projected: zeros([length, length], { dtype, backend }),
      size: zeros([], { dtype, backend }),
      at: integer(start, 0),
      values: zeros([length], { dtype, backend }),
      iterations: integer(start, 0),
      done: gt(zeros([], { dtype, backend }), 1),
    },
  })
  const order = argsort(slice(end.values, [0, k]))
  return {
    values: take(slice(end.values, [0, k]), order),
    rows: take(slice(end.rows, [0, k]), order),
    iterations: end.iterations,
  }
}

function score(values: Tensor, which: SpectrumEnd): Tensor {
  if (which === 'smallest') return neg(values)
  return which === 'largest' ? values : abs(values)
}

/** Lanczos steps from row `at` on, orthogonalised against the whole basis. */
function extend(apply: (v: Tensor) => Tensor, from: Basis, fresh: Tensor, length: number): Basis {
  const [, n] = fresh.shape
  const row = (x: Tensor, i: Tensor) => reshape(dynamicSlice(x, [i, 0], [1, n]), [n])
  return whileLoop<Basis>({
    cond: ({ at }) => lt(at, length),
    body: ({ rows, projected, at }) => {
      const { rest, size, products } = orthogonalize(rows, apply(row(rows, at)))
      const other = (basis: Tensor, i: Tensor) => orthogonalize(basis, row(fresh, i)).rest
      const next = cond(gt(size, 0), () => rest, other, rows, at)
      return {
        rows: dynamicUpdate(rows, reshape(next, [1, n]), [add(at, 1), 0]),
        projected: dynamicUpdate(projected, reshape(slice(products, [0, length]), [1, length]), [at, 0]),
        size,
        at: add(at, 1),
      }
    },
    init: { rows: from.rows, projected: from.projected, size: from.size, at: from.at },
  })
}
