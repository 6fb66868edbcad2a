// dotGeneral: sums of products over contracted axes, batched; every matrix product is one.

import { bind, bind1 } from '../bind.js'
import { isFloat, type TypedArray, wideArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { transpose } from '../functions/movement.js'
import { definePrimitive, type Primitive } from '../primitive.js'
import { type Aval, formatAval, otherAxes, pick, sizeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { addMaybe } from '../trace/zeros.js'
import { checkOperands, numeric } from './elementwise.js'
import { inverse, shifted } from './movement.js'
import { permuted } from './strided.js'

/** Parameters of `dotGeneral`: axes of the left and right operand, in matching order. */
export interface DotParams {
  readonly contract: readonly [lhs: readonly number[], rhs: readonly number[]]
  readonly batch: readonly [lhs: readonly number[], rhs: readonly number[]]
}

/** Output axes: the batch, the free axes of the left operand, the free axes of the right one. */
export const dotPrimitive: Primitive<DotParams> = /* @__PURE__ */ definePrimitive<DotParams>('dotGeneral', {
  shape: ([a, b], params) => {
    checkOperands('dot', [a, b], numeric())
    const { contract, batch } = params
    const agree = (l: readonly number[], r: readonly number[]) =>
      l.length === r.length && l.every((axis, i) => a.shape[axis] === b.shape[r[i]])
    if (!agree(...contract) || !agree(...batch)) {
      throw new AdjointError('shape-mismatch', {
        fn: 'dot',
        given: `${formatAval(a)} and ${formatAval(b)} along axes [${contract[0]}] and [${contract[1]}], batch [${batch[0]}] and [${batch[1]}]`,
        expected: 'equal lengths along paired axes',
        fix: 'matmul takes [..., m, k] and [..., k, n]',
      })
    }
    const [fa, fb] = freeAxes([a, b], params)
    return [{ shape: [...pick(a.shape, [...batch[0], ...fa]), ...pick(b.shape, fb)], dtype: a.dtype }]
  },
  jvp: ([a, b], [da, db], _, params) => [
    addMaybe(
      da === null ? null : bind1(dotPrimitive, [da, b], params),
      db === null ? null : bind1(dotPrimitive, [a, db], params),
    ),
  ],
  transpose: ([ct], [a, b], params) => {
    if (ct === null) return [null, null]
    return [
      a.linear && !b.linear ? cotangentOf(0, ct, a.aval, b.value, params) : null,
      b.linear && !a.linear ? cotangentOf(1, ct, b.aval, a.value, params) : null,
    ]
  },
  vmap: ([a, b], [batchedA, batchedB], _, params) => {
    const shift = ([l, r]: DotParams['batch']) => [batchedA ? shifted(l) : l, batchedB ? shifted(r) : r] as const
    const [contract, batch] = [shift(params.contract), shift(params.batch)]
    if (batchedA && batchedB) {
      const [left, right] = batch
      return bind(dotPrimitive, [a, b], {
        contract,
        batch: [
          [0, ...left],
          [0, ...right],
        ],
      })
    }
    // One side has no batch: its lanes are more rows of the other; bring that axis to the front.
    const out = bind1(dotPrimitive, [a, b], { contract, batch })
    const lead = params.batch[0].length
    const place = batchedA ? lead : lead + freeAxes([a, b], { contract, batch })[0].length
    return [transpose(out, [place, ...otherAxes([place], out.ndim)])]
  },
  reference: ([a, b], params, [out]) => {
    const [fa, fb] = freeAxes([a, b], params)
    const { contract, batch } = params
    const left = permuted(a, [...batch[0], ...fa, ...contract[0]])
    const right = permuted(b, [...batch[1], ...fb, ...contract[1]])
    const sizes = {
      batch: sizeOf(pick(a.shape, batch[0])),
      m: sizeOf(pick(a.shape, fa)),
      n: sizeOf(pick(b.shape, fb)),
      k: sizeOf(pick(a.shape, contract[0])),
    }
    const data = wideArray(out.dtype, sizeOf(out.shape))
    multiply(left, right, data, sizes, isFloat(out.dtype) ? (x, y) => x * y : Math.imul)
    return [data]
  },
})

/** The axes of each operand that are neither contracted nor batch. */
export function freeAxes([a, b]: readonly Aval[], { contract, batch }: DotParams): [number[], number[]] {
  return [
    otherAxes([...contract[0], ...batch[0]], a.shape.length),
    otherAxes([...contract[1], ...batch[1]], b.shape.length),
  ]
}

interface Sizes {
  readonly batch: number
  readonly m: number
  readonly n: number
  readonly k: number
}

function multiply(
  a: TypedArray,
  b: TypedArray,
  out: TypedArray,
  { batch, m, n, k }: Sizes,
  times: (x: number, y: number) => number,
): void {
  for (let p = 0; p < batch; p++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0
        for (let l = 0; l < k; l++) total += times(a[(p * m + i) * k + l], b[(p * n + j) * k + l])
        out[(p * m + i) * n + j] = total
      }
    }
  }
}

/** The cotangent of one operand: the output's cotangent contracted with the other operand's free axes. */
function cotangentOf(side: 0 | 1, ct: Tensor, own: Aval, other: Tensor, { contract, batch }: DotParams): Tensor {
  const far = (1 - side) as 0 | 1
  const lead = batch[0].length
  const leading = Array.from({ length: lead }, (_, i) => i)
  const ownFree = otherAxes([...contract[side], ...batch[side]], own.shape.length)
  const farFree = otherAxes([...contract[far], ...batch[far]], other.ndim)
  const start = side === 0 ? lead + ownFree.length : lead
  const ctAxes = farFree.map((_, i) => start + i)
  const out = bind1(dotPrimitive, [ct, other], { contract: [ctAxes, farFree], batch: [leading, batch[far]] })
  // Axes now: batch, own free, the other's contracted axes in ascending order.
  const farContract = [...contract[far]].sort((x, y) => x - y)
  const ownContract = farContract.map((axis) => contract[side][contract[far].indexOf(axis)])
  return transpose(out, inverse([...batch[side], ...ownFree, ...ownContract]))
}
