// Sums over all columns of a function of a row and a column, row by row; its derivatives are sums of the same kind.
// B. Charlier et al., Kernel Operations on the GPU, with Autodiff, without Memory Overflows, 2021.

import {
  type Aval,
  bind1,
  broadcastTo,
  definePrimitive,
  jit,
  type MaybeZero,
  type Primitive,
  sum,
  type Tensor,
  type TransposeInput,
} from '@adjoint/core'
import { byBlocks, type PairParams } from './blocks.js'
import { type Formula, jvpFormula, parted, swapped, transposedFormula, withTangents } from './formula.js'

/** Rows, then columns, then shared inputs -> `[n, ...item]`. */
export const pairSumPrimitive: Primitive<PairParams> = /* @__PURE__ */ definePrimitive<PairParams>(
  '@adjoint/ot:pairSum',
  {
    shape: pairShape,
    decompose: (inputs, params) => [byBlocks(inputs, params, (values) => sum(values, 0))],
    jvp: (primals, tangents, _, params) => [pushed(pairSumPrimitive, primals, tangents, params)],
    transpose: ([ct], inputs, params) => {
      if (ct === null) return inputs.map(() => null)
      return inputs.map((x, i) => (x.linear ? pulled(ct, inputs, i, params) : null))
    },
    vmap: (inputs, batched, size, params) => [overLanes(pairSumPrimitive, inputs, batched, size, params)],
  },
)

/** Type of a reduction over columns. */
export function pairShape(inputs: readonly Aval[], { item, lanes }: PairParams): readonly Aval[] {
  return [{ shape: [...inputs[0].shape.slice(0, lanes ? 2 : 1), ...item], dtype: inputs[0].dtype }]
}

/** The sum over columns of the formula's directional derivative. */
export function pushed(
  target: Primitive<PairParams>,
  primals: readonly Tensor[],
  tangents: readonly MaybeZero[],
  params: PairParams,
): MaybeZero {
  const active = tangents.map((t) => t !== null)
  if (!active.includes(true)) return null
  const { inputs, layout } = withTangents(primals, tangents, params)
  return bind1(target, inputs, { ...params, ...layout, formula: jvpFormula(params.formula, params, active) })
}

/** Lanes along axis 0 of every input; those of several `vmap` are one axis, one after another. */
export function overLanes(
  target: Primitive<PairParams>,
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
  params: PairParams,
): Tensor {
  const every = inputs.map((x, i) => (batched[i] ? x : broadcastTo(x, [size, ...x.shape])))
  if (!params.lanes) return bind1(target, every, { ...params, lanes: true })
  const inner = every[0].shape[1]
  const merged = every.map((x) => x.reshape([size * inner, ...x.shape.slice(2)]))
  const out = bind1(target, merged, params)
  return out.reshape([size, inner, ...out.shape.slice(1)])
}

/** The cotangent of one linear input. */
function pulled(ct: Tensor, inputs: readonly TransposeInput[], target: number, params: PairParams): Tensor {
  const lead = params.lanes ? 1 : 0
  const kind = target < params.rows ? 'row' : target < params.rows + params.columns ? 'column' : 'shared'
  const item = inputs[target].aval.shape.slice(lead + (kind === 'shared' ? 0 : 1))
  const shapes = inputs.map(({ aval }, i) => aval.shape.slice(lead + (i < params.rows + params.columns ? 1 : 0)))
  const linear = inputs.map((x) => x.linear)
  const formula = transposedFormula(params.formula, params, linear, target, shapes)
  const [rows, columns, shared] = parted(inputs, params).map(known)
  const all = { rows: [...rows, ct], columns, shared }
  const { lanes } = params
  if (kind === 'column') return reduce(swapped(formula), all.columns, all.rows, shared, { item, lanes })
  const byRow = reduce(formula, all.rows, columns, shared, { item, lanes })
  return kind === 'row' ? byRow : sum(byRow, lead)
}

function known(inputs: readonly TransposeInput[]): Tensor[] {
  return inputs.flatMap((x) => (x.linear ? [] : [x.value]))
}

function reduce(
  formula: Formula,
  rows: readonly Tensor[],
  columns: readonly Tensor[],
  shared: readonly Tensor[],
  { item, lanes }: Pick<PairParams, 'item' | 'lanes'>,
): Tensor {
  const params = { formula, rows: rows.length, columns: columns.length, item, lanes }
  return bind1(pairSumPrimitive, [...rows, ...columns, ...shared], params)
}

const compiled = /* @__PURE__ */ jit(
  (inputs: readonly Tensor[], params: PairParams) => bind1(pairSumPrimitive, inputs, params),
  { static: [1], name: 'pairSum' },
)

/**
 * Sums of a formula over all columns, row by row, without a table of all pairs.
 *
 * @param item - shape of the formula's result
 * @returns `[n, ...item]`
 */
export function pairSum(
  formula: Formula,
  rows: readonly Tensor[],
  columns: readonly Tensor[],
  shared: readonly Tensor[] = [],
  item: readonly number[] = [],
): Tensor {
  const params = { formula, rows: rows.length, columns: columns.length, item, lanes: false }
  return compiled([...rows, ...columns, ...shared], params)
}
