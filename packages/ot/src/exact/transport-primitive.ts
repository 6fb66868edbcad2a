// The exact transport plan as a host primitive: weights and costs in, the basis and its potentials out.

import { type Aval, bind, broadcastTo, definePrimitive, type Primitive, type Tensor } from '@adjoint/core'
import type { CostFunction } from '../geometry/cost.js'
import type { Geometry } from '../geometry/geometry.js'
import { PointCloud } from '../geometry/point-cloud.js'
import { type CostRows, type HostValue, pointRows, tableRows } from './cost-rows.js'
import { type HostPlan, solveTransport } from './transport.js'

/** Parameters of the primitive `transport`. */
interface TransportParams {
  readonly maxPivots: number
  /** Whether potentials to start from stand behind the weights. */
  readonly warm: boolean
  /** The cost of two points; without it the costs are a table. */
  readonly between?: CostFunction
}

const last = ({ shape }: Aval) => shape[shape.length - 1]

/**
 * Weights `[..., n]` and `[..., m]`, perhaps start potentials of the same shapes, then costs `[..., n, m]` or points
 * `[..., n, d]` and `[..., m, d]` and parameters of the cost -> values, rows and columns of the plan `[..., n + m - 1]`,
 * potentials `[..., n]` and `[..., m]`, pivots and status.
 * The outputs are constant to derivatives: the plan stays the same between ties, and costs are differentiated through it.
 */
const transportPrimitive: Primitive<TransportParams> = /* @__PURE__ */ definePrimitive<TransportParams>(
  '@adjoint/ot:transport',
  {
    host: true,
    shape: ([a, b]) => {
      const batch = a.shape.slice(0, -1)
      const entries = [...batch, last(a) + last(b) - 1]
      const { dtype } = a
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
    reference: (inputs, params) => {
      const axes = inputs[0].shape.length - 1
      const lanes = inputs[0].shape.slice(0, axes).reduce((total, size) => total * size, 1)
      const values = inputs.map(({ data, shape }) => ({ data: data as Float64Array, shape: shape.slice(axes) }))
      const plans = Array.from({ length: lanes }, (_, lane) =>
        solveLane(
          values.map((value) => laneOf(value, lane)),
          params,
        ),
      )
      return [
        floats(plans.map((plan) => plan.values)),
        integers(plans.map((plan) => plan.rows)),
        integers(plans.map((plan) => plan.columns)),
        floats(plans.map((plan) => plan.f)),
        floats(plans.map((plan) => plan.g)),
        Int32Array.from(plans, (plan) => plan.pivots),
        Int32Array.from(plans, (plan) => plan.status),
      ]
    },
  },
)

function laneOf({ data, shape }: HostValue, lane: number): HostValue {
  const size = shape.reduce((total, length) => total * length, 1)
  return { data: data.subarray(lane * size, (lane + 1) * size), shape }
}

function solveLane([a, b, ...rest]: readonly HostValue[], { maxPivots, warm, between }: TransportParams): HostPlan {
  const start = warm ? { f: rest[0].data, g: rest[1].data } : undefined
  const [x, y, ...parameters] = warm ? rest.slice(2) : rest
  const row: CostRows = between ? pointRows(between, x, y, parameters) : tableRows(x.data, a.data.length, b.data.length)
  return solveTransport({ a: a.data, b: b.data, row, start, maxPivots })
}

/** The arrays of all lanes, one behind the other. */
function joined<T extends Float64Array | Int32Array>(into: T, parts: readonly T[]): T {
  let at = 0
  for (const part of parts) {
    into.set(part, at)
    at += part.length
  }
  return into
}

function floats(parts: readonly Float64Array[]): Float64Array {
  return joined(new Float64Array(parts.length * (parts[0]?.length ?? 0)), parts)
}

function integers(parts: readonly Int32Array[]): Int32Array {
  return joined(new Int32Array(parts.length * (parts[0]?.length ?? 0)), parts)
}

/** A basis with its potentials. */
export interface TransportBasis {
  readonly values: Tensor
  readonly rows: Tensor
  readonly columns: Tensor
  readonly f: Tensor
  readonly g: Tensor
  readonly pivots: Tensor
  readonly status: Tensor
}

/** Solves the problem of a geometry; costs of point clouds are computed row by row, and never a table. */
export function transport(
  geometry: Geometry,
  a: Tensor,
  b: Tensor,
  { start, maxPivots }: { start?: { f: Tensor; g: Tensor }; maxPivots: number },
): TransportBasis {
  const cloud = geometry instanceof PointCloud
  const costs = cloud ? [geometry.x, geometry.y, ...geometry.cost.parameters] : [geometry.costMatrix()]
  const params = { maxPivots, warm: start !== undefined, ...(cloud && { between: geometry.cost.between }) }
  const inputs = [a, b, ...(start ? [start.f, start.g] : []), ...costs]
  const [values, rows, columns, f, g, pivots, status] = bind(transportPrimitive, inputs, params)
  return { values, rows, columns, f, g, pivots, status }
}
