// dotGeneral: sums of products over contracted axes, batched; every matrix product is one.

import { bind1 } from '../bind.js'
import { isFloat, newArray, type TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { transpose } from '../functions/movement.js'
import { definePrimitive, type HostArray, type Primitive } from '../primitive.js'
import { type Aval, formatAval, otherAxes, sizeOf, stridesOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { addMaybe } from '../trace/zeros.js'
import { checkOperands, numeric } from './elementwise.js'
import { gatherStrided, inverse } from './movement.js'

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
        given: `${formatAval(a)} and ${formatAval(b)}, contracting axes [${contract[0]}] with [${contract[1]}], batch [${batch[0]}] with [${batch[1]}]`,
        expected: 'equal lengths along paired axes',
        fix: 'For matmul the last axis of the left operand must match the second to last of the right',
      })
    }
    const pick = (x: Aval, axes: readonly number[]) => axes.map((axis) => x.shape[axis])
    const [la, lb] = freeAxes([a, b], params)
    return [{ shape: [...pick(a, batch[0]), ...pick(a, la), ...pick(b, lb)], dtype: a.dtype }]
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
    const shift = (axes: readonly number[], by: boolean) => (by ? axes.map((x) => x + 1) : [...axes])
    const contract = [shift(params.contract[0], batchedA), shift(params.contract[1], batchedB)] as const
    const batch = [shift(params.batch[0], batchedA), shift(params.batch[1], batchedB)] as const
    if (batchedA && batchedB)
      return [
        bind1(dotPrimitive, [a, b], {
          contract,
          batch: [
            [0, ...batch[0]],
            [0, ...batch[1]],
          ],
        }),
      ]
    // One side has no batch: its lanes are more rows of the other; bring that axis to the front.
    const out = bind1(dotPrimitive, [a, b], { contract, batch })
    const lead = params.batch[0].length
    const place = batchedA ? lead : lead + freeAxes([a, b], { contract, batch })[0].length
    return [transpose(out, [place, ...out.shape.map((_, i) => i).filter((i) => i !== place)])]
  },
  reference: ([a, b], params, [out]) => {
    const [fa, fb] = freeAxes([a, b], params)
    const { contract, batch } = params
    const left = reorder(a, [...batch[0], ...fa, ...contract[0]])
    const right = reorder(b, [...batch[1], ...fb, ...contract[1]])
    const sizes = {
      batch: sizeOf(batch[0].map((x) => a.shape[x])),
      m: sizeOf(fa.map((x) => a.shape[x])),
      n: sizeOf(fb.map((x) => b.shape[x])),
      k: sizeOf(contract[0].map((x) => a.shape[x])),
    }
    const data = newArray(out.dtype === 'float32' ? 'float64' : out.dtype, sizeOf(out.shape))
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

function reorder(x: HostArray, axes: readonly number[]): TypedArray {
  const strides = stridesOf(x.shape)
  return gatherStrided(
    x.data,
    axes.map((a) => x.shape[a]),
    axes.map((a) => strides[a]),
  )
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
