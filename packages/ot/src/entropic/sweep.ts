// One iteration of scalings that reads the kernel matrix once: while a few of its rows are in the cache they are used for
// both products.

import {
  bind,
  concat,
  definePrimitive,
  div,
  matmul,
  mul,
  type Primitive,
  sum,
  type Tensor,
  transpose,
  vmap,
} from '@adjoint/core'
import {
  binary,
  constant,
  int,
  plus,
  type Scalar,
  type ScalarKernel,
  type Statement,
  times,
  variable,
} from '@adjoint/core/codegen'
import { filled } from '../filled.js'

type Three = [Tensor, Tensor, Tensor]

/** Rows that are used at once, and parts of the matrix that are summed apart, whatever the number of threads. */
const ROWS = 2
const PARTS = 8

/** K `[n, m]`, w `[m]`, a `[n]` -> u = 1 / (K w) `[n]`, and parts of Kᵀ (a u) `[parts, m]`, to be summed. */
const sweepPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/ot:scalingSweep', {
  shape: ([{ dtype, shape }]) => [
    { dtype, shape: [shape[0]] },
    { dtype, shape: [partsOf(shape[0]), shape[1]] },
  ],
  decompose: ([kernel, w, a]) => twoProducts(kernel, w, a),
  vmap: (inputs, batched) => {
    const inAxes = batched.map((on) => (on ? 0 : null))
    return vmap((kernel: Tensor, w: Tensor, a: Tensor) => twoProducts(kernel, w, a), { inAxes })(...(inputs as Three))
  },
  kernels: { ir: ({ inputs: [{ shape, dtype }] }) => sweepKernel(shape[0], shape[1], dtype as 'float32' | 'float64') },
})

function partsOf(n: number): number {
  return Math.min(PARTS, Math.ceil(n / ROWS))
}

/** The same in two readings of the matrix. */
function twoProducts(kernel: Tensor, w: Tensor, a: Tensor): [Tensor, Tensor] {
  const u = div(1, matmul(kernel, w))
  const [n, m] = kernel.shape
  const parts = partsOf(n)
  const whole = matmul(transpose(kernel), mul(a, u)).reshape([1, m])
  return [u, parts === 1 ? whole : concat([whole, filled(kernel, [parts - 1, m], 0)])]
}

function sweepKernel(n: number, m: number, dtype: 'float32' | 'float64'): ScalarKernel {
  const parts = partsOf(n)
  const rows = Math.ceil(n / parts / ROWS) * ROWS
  const part = variable('g0')
  const end = binary('min', plus(times(part, rows), int(rows)), int(n))
  const whole = binary('sub', end, binary('rem', end, int(ROWS)))
  const place = plus(times(part, m), variable('j'))
  const clear: Statement = loop('j', int(0), int(m), 1, [
    { kind: 'store', buffer: 4, index: place, value: constant(0, dtype) },
  ])
  return {
    name: 'scalingSweep',
    buffers: [n * m, m, n, n, parts * m].map((size, i) => ({ dtype, size, access: i < 3 ? 'read' : 'write' })),
    parameters: [],
    grid: [parts],
    workgroup: 1,
    body: [
      clear,
      loop('i', times(part, rows), whole, ROWS, together(ROWS, m, dtype, place)),
      loop('i', binary('max', whole, times(part, rows)), end, 1, together(1, m, dtype, place)),
    ],
  }
}

function loop(name: string, start: Scalar, end: Scalar, step: number, body: Statement[]): Statement {
  return { kind: 'loop', name, start, end, step, body }
}

/** Rows i, i + 1, ...: their sums, their scalings, and their share of the columns' sums. */
function together(count: number, m: number, dtype: 'float32' | 'float64', place: Scalar): Statement[] {
  const each = Array.from({ length: count }, (_, k) => k)
  const row = (k: number): Scalar => plus(variable('i'), int(k))
  const entry = (k: number): Scalar => load(0, plus(times(row(k), m), variable('j')))
  const load = (buffer: number, index: Scalar): Scalar => ({ op: 'load', buffer, index, dtype })
  const total = (k: number): Scalar => variable(`s${k}`, dtype)
  const share = (k: number): Scalar => variable(`c${k}`, dtype)
  const products: Statement[] = each.map((k) => ({
    kind: 'assign',
    name: `s${k}`,
    value: binary('add', total(k), binary('mul', entry(k), load(1, variable('j')))),
  }))
  const added = each.reduce((value, k) => binary('add', value, binary('mul', share(k), entry(k))), load(4, place))
  return [
    ...each.map((k): Statement => ({ kind: 'declare', name: `s${k}`, value: constant(0, dtype), mutable: true })),
    loop('j', int(0), int(m), 1, products),
    ...each.flatMap((k): Statement[] => [
      { kind: 'declare', name: `u${k}`, value: binary('div', constant(1, dtype), total(k)), mutable: false },
      { kind: 'store', buffer: 3, index: row(k), value: variable(`u${k}`, dtype) },
      {
        kind: 'declare',
        name: `c${k}`,
        value: binary('mul', load(2, row(k)), variable(`u${k}`, dtype)),
        mutable: false,
      },
    ]),
    loop('j', int(0), int(m), 1, [{ kind: 'store', buffer: 4, index: place, value: added }]),
  ]
}

/** The scalings of the rows, 1 / (K w), and the sums that scale the columns, Kᵀ (a / (K w)). */
export function scalingSweep(kernel: Tensor, w: Tensor, a: Tensor): { left: Tensor; sums: Tensor } {
  const [left, parts] = bind(sweepPrimitive, [kernel, w, a])
  return { left, sums: sum(parts, 0) }
}
