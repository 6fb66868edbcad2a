// The exact transport plan as a host primitive: costs and weights in, the basis and its potentials out.

import { bind, broadcastTo, definePrimitive, type Primitive, type Tensor } from '@adjoint/core'
import { solveTransport } from './transport.js'

export interface TransportParams {
  readonly maxPivots: number
}

/**
 * Costs `[..., n, m]`, weights `[..., n]` and `[..., m]`, perhaps start potentials of the same shapes -> values, rows and columns
 * of the plan `[..., n + m - 1]`, potentials `[..., n]` and `[..., m]`, pivots and status.
 * The outputs are constant to derivatives: the plan stays the same between ties, and costs are differentiated through it.
 */
const transportPrimitive: Primitive<TransportParams> = /* @__PURE__ */ definePrimitive<TransportParams>(
  '@adjoint/ot:transport',
  {
    host: true,
    shape: ([cost, a, b]) => {
      const batch = cost.shape.slice(0, -2)
      const entries = [...batch, a.shape[a.shape.length - 1] + b.shape[b.shape.length - 1] - 1]
      const { dtype } = cost
      return [
        { shape: entries, dtype },
        { shape: entries, dtype: 'int32' },
        { shape: entries, dtype: 'int32' },
        { shape: a.shape, dtype },
        { shape: b.shape, dtype },
        { shape: batch, dtype: 'int32' },
        { shape: batch, dtype: 'int32' },
      ]
    },
    jvp: () => Array(7).fill(null),
    vmap: (inputs, batched, size, params) =>
      bind(
        transportPrimitive,
        inputs.map((x, k) => (batched[k] ? x : broadcastTo(x, [size, ...x.shape]))),
        params,
      ),
    reference: (inputs, { maxPivots }) => {
      const [n, m] = inputs[0].shape.slice(-2)
      const [costs, a, b, f, g] = inputs.map(({ data }) => data as Float64Array)
      const lanes = costs.length / (n * m)
      const solved = Array.from({ length: lanes }, (_, lane) => {
        const part = (values: Float64Array, size: number) => values.subarray(lane * size, (lane + 1) * size)
        const table = Array.from({ length: n }, (__, i) => part(costs, n * m).subarray(i * m, (i + 1) * m))
        return solveTransport({
          a: part(a, n),
          b: part(b, m),
          row: (i) => table[i],
          start: f && { f: part(f, n), g: part(g, m) },
          maxPivots,
        })
      })
      return [
        floats(solved.map((plan) => plan.values)),
        integers(solved.map((plan) => plan.rows)),
        integers(solved.map((plan) => plan.columns)),
        floats(solved.map((plan) => plan.f)),
        floats(solved.map((plan) => plan.g)),
        Int32Array.from(solved, (plan) => plan.pivots),
        Int32Array.from(solved, (plan) => plan.status),
      ]
    },
  },
)

function floats(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]))
}

function integers(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part]))
}

export interface TransportPlan {
  readonly values: Tensor
  readonly rows: Tensor
  readonly columns: Tensor
  readonly f: Tensor
  readonly g: Tensor
  readonly pivots: Tensor
  readonly status: Tensor
}

/** Runs the primitive; `start` is potentials. */
export function transport(
  cost: Tensor,
  a: Tensor,
  b: Tensor,
  { start, maxPivots }: { start?: { f: Tensor; g: Tensor }; maxPivots: number },
): TransportPlan {
  const inputs = start ? [cost, a, b, start.f, start.g] : [cost, a, b]
  const [values, rows, columns, f, g, pivots, status] = bind(transportPrimitive, inputs, { maxPivots })
  return { values, rows, columns, f, g, pivots, status }
}
