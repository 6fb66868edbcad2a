// Results of solvers as plain values and words, and shapes that grow in few steps.

import type { TypedArray } from './dtype.js'
import { AdjointError } from './error.js'
import { nonzeroIndices } from './functions/nonzero.js'
import { isTensor, type Tensor } from './tensor.js'
import { flatten, type Leaf, unflatten } from './tree.js'

/** A tree of plain values: scalars become numbers or booleans, other tensors typed arrays. */
export type PlainOf<T> = T extends Tensor
  ? number | boolean | TypedArray
  : T extends readonly unknown[] | object
    ? { [K in keyof T]: PlainOf<T[K]> }
    : T

/**
 * Reads a tree of tensors at once: scalars as numbers (booleans for bool), others as typed arrays.
 *
 * @example
 * await read({ loss: tensor(1.5), done: tensor(true) })   // { loss: 1.5, done: true }
 */
export async function read<T>(value: T): Promise<PlainOf<T>> {
  const { leaves, structure } = flatten(value)
  return unflatten(structure, await Promise.all(leaves.map(plain))) as PlainOf<T>
}

async function plain(leaf: Leaf): Promise<number | boolean | TypedArray> {
  if (!isTensor(leaf)) return leaf
  const data = await leaf.data()
  if (leaf.ndim > 0) return data
  return leaf.dtype === 'bool' ? data[0] !== 0 : data[0]
}

/** What solvers report; other fields are free. `status` 0 is success, other values say why it is not. */
export interface SolverResult {
  readonly converged?: Tensor
  readonly iterations?: Tensor
  readonly error?: Tensor
  readonly status?: Tensor
}

/**
 * Says in words how a solver ended.
 *
 * @param names - words for the values of `status`; index 0 is success
 * @throws AdjointError `solver-failed` when `status` is not 0 or a result is NaN
 * @example
 * await describe({ converged: tensor(true), iterations: tensor(12, { dtype: 'int32' }), error: tensor(1e-7) })
 * // 'converged after 12 iterations, error 1.000e-7'
 */
export async function describe(
  { converged, iterations, error, status }: SolverResult,
  names: readonly string[] = [],
): Promise<string> {
  const values = await read({
    converged: converged ?? null,
    iterations: iterations ?? null,
    error: error ?? null,
    status: status ?? null,
  })
  const steps = values.iterations === null ? '' : ` after ${values.iterations} iterations`
  const size = values.error === null ? '' : `, error ${Number(values.error).toExponential(3)}`
  const code = Number(values.status ?? 0)
  if (code !== 0 || Number.isNaN(Number(values.error ?? 0))) {
    throw new AdjointError('solver-failed', {
      fn: 'describe',
      given: `status ${code}${names[code] === undefined ? '' : ` (${names[code]})`}${steps}${size}`,
      expected: 'status 0',
      fix: 'Look at the result; more iterations or a looser tolerance may help',
    })
  }
  return `${values.converged === false ? 'stopped' : 'converged'}${steps}${size}`
}

/**
 * A length not below n, of few different ones: powers of two and one and a half times them. Pad to it and mask, and
 * a growing data set compiles a logarithmic number of times.
 *
 * @param smallest - the least length. @defaultValue 16
 * @example
 * bucket(100)   // 128
 */
export function bucket(n: number, smallest = 16): number {
  if (!Number.isFinite(n) || n < 0)
    throw new AdjointError('invalid-argument', { fn: 'bucket', given: String(n), expected: 'a length, not negative' })
  let size = smallest
  while (size < n) size = size * 1.5 >= n ? Math.ceil(size * 1.5) : size * 2
  return size
}

/**
 * Index vectors of the elements that are not zero, row by row. `[...]` -> `[count, ndim]`, int32; host function: it reads.
 *
 * @example
 * (await nonzero(tensor([0, 5, 7]))).arraySync()   // [[1], [2]]
 */
export async function nonzero(x: Tensor): Promise<Tensor> {
  return nonzeroIndices(await x.data(), x)
}
