// The logarithm of sums of exponentials over all columns, row by row, and the largest value over them.

import {
  bind1,
  definePrimitive,
  eq,
  exp,
  jit,
  logSumExp,
  max,
  type Primitive,
  sub,
  type Tensor,
  where,
} from '@adjoint/core'
import { byBlocks, type PairParams } from './blocks.js'
import { type Formula, parted } from './formula.js'
import { overLanes, pairShape, pairSumPrimitive, pushed } from './pair-sum.js'

const weighted = /* @__PURE__ */ new WeakMap<Formula, Formula>()

/** `exp(s - l)` of a score s, with l the last of the rows held fixed: its derivative is that of the logarithm. */
function weightFormula(formula: Formula): Formula {
  const found =
    weighted.get(formula) ??
    ((rows, columns, shared) => {
      const total = rows[rows.length - 1]
      const empty = eq(total, -Infinity)
      const score = formula(rows.slice(0, -1), columns, shared)
      return where(empty, 0, exp(sub(score, where(empty, 0, total))))
    })
  weighted.set(formula, found)
  return found
}

/** Rows, then columns, then shared inputs -> `[n]`; the formula gives a score, a scalar. */
const pairLogSumExpPrimitive: Primitive<PairParams> = /* @__PURE__ */ definePrimitive<PairParams>(
  '@adjoint/ot:pairLogSumExp',
  {
    shape: pairShape,
    decompose: (inputs, params) => [byBlocks(inputs, params, (values) => logSumExp(values, 0))],
    jvp: (primals, tangents, [out], params) => {
      const [rows, columns, shared] = parted(primals, params)
      const [rowMoves, columnMoves, sharedMoves] = parted(tangents, params)
      const inputs = [...rows, out, ...columns, ...shared]
      const moves = [...rowMoves, null, ...columnMoves, ...sharedMoves]
      const formula = weightFormula(params.formula)
      return [pushed(pairSumPrimitive, inputs, moves, { ...params, rows: params.rows + 1, formula })]
    },
    vmap: (inputs, batched, size, params) => [overLanes(pairLogSumExpPrimitive, inputs, batched, size, params)],
  },
)

/** Rows, then columns, then shared inputs -> `[n]`: the largest score; constant to derivatives. */
const pairMaxPrimitive: Primitive<PairParams> = /* @__PURE__ */ definePrimitive<PairParams>('@adjoint/ot:pairMax', {
  shape: pairShape,
  decompose: (inputs, params) => [byBlocks(inputs, params, (values) => max(values, 0))],
  jvp: () => [null],
  vmap: (inputs, batched, size, params) => [overLanes(pairMaxPrimitive, inputs, batched, size, params)],
})

const compiled = /* @__PURE__ */ jit(
  (inputs: readonly Tensor[], params: PairParams, kind: 'logSumExp' | 'max') =>
    bind1(kind === 'max' ? pairMaxPrimitive : pairLogSumExpPrimitive, inputs, params),
  { static: [1, 2], name: 'pairReduce' },
)

/**
 * `log sum_j exp(s_ij)` of a score over all columns, row by row, without a table of all pairs. -Infinity where all
 * scores are.
 *
 * @returns `[n]`
 */
export function pairLogSumExp(
  formula: Formula,
  rows: readonly Tensor[],
  columns: readonly Tensor[],
  shared: readonly Tensor[] = [],
): Tensor {
  const params = { formula, rows: rows.length, columns: columns.length, item: [], lanes: false }
  return compiled([...rows, ...columns, ...shared], params, 'logSumExp')
}

/** `max_j s_ij`, row by row; constant to derivatives. */
export function pairMax(
  formula: Formula,
  rows: readonly Tensor[],
  columns: readonly Tensor[],
  shared: readonly Tensor[] = [],
): Tensor {
  const params = { formula, rows: rows.length, columns: columns.length, item: [], lanes: false }
  return compiled([...rows, ...columns, ...shared], params, 'max')
}
