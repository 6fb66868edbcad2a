// dotGeneral: products over any contracted and batch axes, read in place through offset tables.

import type { CpuKernelFactory, Shape } from '@adjoint/core'
import { otherAxes, sizeOf, stridesOf } from '@adjoint/core/codegen'
import { offsetsOf } from '../../loops/offsets.js'
import { clear, type ProductTools, products } from './product.js'

/** Parameters of dotGeneral: axes of the left and of the right operand, pairwise. */
export interface DotGeneralParams {
  readonly contract: readonly [left: readonly number[], right: readonly number[]]
  readonly batch: readonly [left: readonly number[], right: readonly number[]]
}

/** Tables longer than this are rebuilt at each call rather than kept. */
const LONGEST_KEPT = 1 << 16

/** Output axes: batch, then those free on the left, then those free on the right. */
export const dotGeneral =
  (tools: ProductTools): CpuKernelFactory<DotGeneralParams> =>
  (_, { inputs, params }) => {
    const build = () => [0, 1].map((side) => tablesOf(inputs[side].shape, params.contract[side], params.batch[side]))
    const kept = sizeOf(inputs[0].shape) + sizeOf(inputs[1].shape) <= LONGEST_KEPT ? build() : undefined
    return ([left, right], [out]) => {
      const [a, b] = kept ?? build()
      clear(out, tools)
      products(
        { data: left, base: 0, outer: a.outer, inner: a.inner },
        { data: right, base: 0, outer: b.outer, inner: b.inner },
        { data: out, base: 0, stride: b.outer.length },
        { left: a.batch, right: b.batch },
        tools,
      )
    }
  }

function tablesOf(shape: Shape, contract: readonly number[], batch: readonly number[]) {
  const strides = stridesOf(shape)
  const table = (axes: readonly number[]) =>
    offsetsOf(
      axes.map((i) => shape[i]),
      axes.map((i) => strides[i]),
    )
  return { outer: table(otherAxes([...contract, ...batch], shape.length)), inner: table(contract), batch: table(batch) }
}
