// Totals of loops that run side by side: an accumulator for each lane, added up pairwise when the loop is done.

import type { DType } from '@adjoint/core'
import type { BinaryOp } from '@adjoint/core/codegen'
import { highest, isFloat, lowest } from '@adjoint/core/codegen'
import type { Local } from '../wasm/code.js'
import { lanes as constantLanes, extract, i32, op, type Value } from '../wasm/value.js'
import type { Reduction } from './analysis.js'
import type { Emitter, LaneLoop } from './emitter.js'
import { constantOf, integerScalar, typeOf } from './scalar.js'
import { lanesIn, shapeOf, vectorValue, wideVector } from './vector.js'

/** A reduction in lanes. */
export interface Total {
  readonly reduction: Reduction
  readonly parts: readonly Local[]
  /** The dtype of the lanes: long sums and products of float32 keep the digits of doubles, extremes are exact as they are. */
  readonly dtype: DType
  /** Lanes that have met NaN, for extremes that are taken by single instructions, which lose it. */
  readonly lost: Local | null
}

/** What a total may be like. */
export interface TotalOptions {
  readonly width: number
  /** Nothing else happens in the loop, so that it may be run again. */
  readonly alone: boolean
  /** The loop is so short that float32 lanes lose little: a lane adds up an eighth of a block. */
  readonly short: boolean
}

/** Begins a total. */
export function startTotal(e: Emitter, reduction: Reduction, { width, alone, short }: TotalOptions): Total {
  const { dtype: own, wide } = e.scalarBinding(reduction.name)
  const doubled = wide && (reduction.op === 'mul' || (reduction.op === 'add' && !short))
  const dtype = doubled ? 'float64' : own
  const start = op(`${shapeOf(dtype)}.splat`, constantOf(dtype, identityOf(reduction.op, dtype)))
  const parts = Array.from({ length: width / lanesIn(dtype) }, () => e.code.let(start))
  const isExtreme = isFloat(dtype) && (reduction.op === 'max' || reduction.op === 'min')
  return { reduction, parts, dtype, lost: isExtreme && alone ? e.code.let(constantLanes('i32x4', 0)) : null }
}

/** Adds the values of one round. */
export function addToTotal(e: Emitter, lane: LaneLoop, { reduction, parts, dtype, lost }: Total): void {
  const { code } = e
  const { op: name, value } = reduction
  const doubled = dtype === 'float64' && value.dtype === 'float32'
  const values = doubled ? wideVector(e, lane, value) : vectorValue(e, lane, value)
  parts.forEach((part, i) => {
    if (lost === null) {
      code.set(part, combineVectors(name, dtype, part, values[i]))
      return
    }
    const shape = dtype === 'float64' ? 'f64x2' : 'f32x4'
    const next = code.let(values[i])
    code.set(part, op(`${shape}.p${name as 'max'}`, part, next))
    code.set(lost, op('v128.or', lost, op(`${shape}.ne`, next, next)))
  })
}

/** Adds a total to its variable. `again` runs the loop one by one: for NaN, and to tell the zeros apart. */
export function endTotal(e: Emitter, { reduction, parts, dtype, lost }: Total, again: () => void): void {
  const { code } = e
  const { op: name } = reduction
  const { dtype: own, local, wide } = e.scalarBinding(reduction.name)
  const [whole] = pairwise(parts, (a, b) => code.let(combineVectors(name, dtype, a, b)))
  const each = Array.from({ length: lanesIn(dtype) }, (_, i) => {
    const value = extract(`${shapeOf(dtype)}.extract_lane`, i, whole)
    return code.let(dtype === 'bool' ? op('i32.and', value, i32(1)) : value)
  })
  const [result] = pairwise(each, (a, b) => code.let(combineScalars(e, name, dtype, a, b)))
  const last = wide && dtype === 'float32' ? op('f64.promote_f32', result) : result
  const add = () => code.set(local, combineScalars(e, name, wide ? 'float64' : own, local, last))
  if (lost === null) add()
  else {
    const isZero = op(dtype === 'float64' ? 'f64.eq' : 'f32.eq', result, constantOf(dtype, 0))
    code.if(op('i32.or', op('v128.any_true', lost), isZero), again, add)
  }
}

function combineVectors(name: BinaryOp, dtype: DType, a: Value, b: Value): Value {
  if (name === 'and' || name === 'or') return op(`v128.${name}`, a, b)
  const shape = shapeOf(dtype)
  if (shape !== 'i32x4' || name === 'add' || name === 'mul') return op(`${shape}.${name as 'add'}`, a, b)
  return op(`i32x4.${name as 'max'}_${dtype === 'int32' ? 's' : 'u'}`, a, b)
}

function combineScalars(e: Emitter, name: BinaryOp, dtype: DType, a: Value, b: Value): Value {
  if (!isFloat(dtype)) return integerScalar(e, name, dtype, [a, b])
  return op(`${typeOf(dtype) as 'f32'}.${name as 'add'}`, a, b)
}

function pairwise<T>(items: readonly T[], combine: (a: T, b: T) => T): readonly T[] {
  let rest = items
  while (rest.length > 1) {
    const next: T[] = []
    for (let i = 0; i < rest.length; i += 2) next.push(i + 1 < rest.length ? combine(rest[i], rest[i + 1]) : rest[i])
    rest = next
  }
  return rest
}

function identityOf(name: BinaryOp, dtype: DType): number {
  switch (name) {
    case 'mul':
      return 1
    case 'max':
      return lowest(dtype)
    case 'min':
      return highest(dtype)
    case 'and':
      return -1
    default:
      return 0
  }
}
