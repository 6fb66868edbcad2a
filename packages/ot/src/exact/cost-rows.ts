// Costs for algorithms on the host, a row at a time: of a table, or computed from points when they are asked for.

import { hostBackend, jit, type Tensor, vmap, wrap } from '@adjoint/core'
import type { CostFunction } from '../geometry/cost.js'

/** The costs from source i to every target, `[m]`; read before the next call. */
export type CostRows = (i: number) => Float64Array

/** Rows of a table `[n, m]`, without a copy. */
export function tableRows(costs: Float64Array, n: number, m: number): CostRows {
  const rows = Array.from({ length: n }, (_, i) => costs.subarray(i * m, (i + 1) * m))
  return (i) => rows[i]
}

/** A host array with its shape. */
export interface HostValue {
  readonly data: Float64Array
  readonly shape: readonly number[]
}

const compiled = /* @__PURE__ */ new WeakMap<CostFunction, (x: Tensor, y: Tensor, parameters: Tensor[]) => Tensor>()

function rowFunction(between: CostFunction) {
  const known =
    compiled.get(between) ??
    jit((x: Tensor, y: Tensor, parameters: Tensor[]) => vmap((to: Tensor) => between(x, to, parameters))(y))
  compiled.set(between, known)
  return known
}

/** Rows of costs between points `[n, d]` and `[m, d]`: one compiled call on the host backend for each. */
export function pointRows(
  between: CostFunction,
  x: HostValue,
  y: HostValue,
  parameters: readonly HostValue[],
): CostRows {
  const host = hostBackend()
  const row = rowFunction(between)
  const [targets, ...held] = [y, ...parameters].map(({ data, shape }) => wrap(data, shape, host))
  const [, d] = x.shape
  const sources = Array.from({ length: x.shape[0] }, (_, i) => wrap(x.data.slice(i * d, (i + 1) * d), [d], host))
  return (i) => row(sources[i], targets, held).dataSync() as Float64Array
}
