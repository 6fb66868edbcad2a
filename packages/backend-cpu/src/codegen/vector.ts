// Expressions of the IR for several iterations side by side: 32-bit lanes four to a vector, float64 two, bools as masks.

import type { DType } from '@adjoint/core'
import type { Scalar } from '@adjoint/core/codegen'
import type { Instruction } from '../wasm/instructions.js'
import { plus } from '../wasm/integers.js'
import {
  call,
  lanes as constantLanes,
  extract,
  i32,
  load,
  loadLane,
  op,
  replace,
  shuffle,
  type Value,
  v128,
} from '../wasm/value.js'
import { strideOf } from './analysis.js'
import type { Emitter, LaneLoop } from './emitter.js'
import { hasVectorFunction, inlineFunction } from './math/functions.js'
import { kitOf } from './math/kit.js'
import { addressOf, hostFunction, integerScalar, scalarValue, shiftOf } from './scalar.js'

type Operation = Extract<Scalar, { args: readonly Scalar[] }>
type Parts = readonly Value[]

/** The low words of the lanes of two float64 comparisons. */
const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]

/** The shape of a dtype's vectors. */
export function shapeOf(dtype: DType): 'f32x4' | 'f64x2' | 'i32x4' {
  return dtype === 'float32' ? 'f32x4' : dtype === 'float64' ? 'f64x2' : 'i32x4'
}

/** Lanes of one vector. */
export function lanesIn(dtype: DType): number {
  return dtype === 'float64' ? 2 : 4
}

/** The vectors of an expression, one iteration a lane. */
export function vectorValue(e: Emitter, lane: LaneLoop, x: Scalar): Parts {
  if (strideOf(x, lane.strides) === 0) return repeated(lane, lane.splat(x), x.dtype)
  switch (x.op) {
    case 'variable':
      return e.lanesOf(x.name) ?? counting(e, lane, x)
    case 'load':
      return loadVector(e, lane, x)
    case 'cast':
      return castVector(e, vectorValue(e, lane, x.args[0]), x.args[0].dtype, x.dtype)
    case 'bitcast':
      return vectorValue(e, lane, x.args[0])
    case 'select': {
      const [mask, a, b] = x.args.map((arg) => vectorValue(e, lane, arg))
      const masks = x.dtype === 'float64' ? widened(e, mask) : mask
      return a.map((part, i) => op('v128.bitselect', part, b[i], masks[i]))
    }
    default:
      if (x.dtype === 'int32' && strideOf(x, lane.strides) !== null) return counting(e, lane, x)
      return operation(e, lane, x as Operation)
  }
}

/** Float32 as pairs of float64 that are not rounded at the last operation. */
export function wideVector(e: Emitter, lane: LaneLoop, x: Scalar): Parts {
  const wide = (arg: Scalar) => e.wideLanes(arg) ?? promoted(e, vectorValue(e, lane, arg))
  if (x.op === 'variable') return wide(x)
  if ('args' in x && ['add', 'sub', 'mul', 'div', 'max', 'min'].includes(x.op)) {
    const [a, b] = [wide(x.args[0]), wide(x.args[1] as Scalar)]
    return a.map((part, i) => op(`f64x2.${x.op as 'add'}`, part, b[i]))
  }
  return promoted(e, vectorValue(e, lane, x))
}

function repeated(lane: LaneLoop, part: Value, dtype: DType): Parts {
  return new Array<Value>(lane.width / lanesIn(dtype)).fill(part)
}

/** An int32 that grows evenly: its first value and a constant vector. */
function counting(e: Emitter, lane: LaneLoop, x: Scalar): Parts {
  const stride = strideOf(x, lane.strides) as number
  const first = op('i32x4.splat', e.code.let(scalarValue(e, x)))
  return Array.from({ length: lane.width / 4 }, (_, part) => {
    const offsets = Int32Array.from({ length: 4 }, (_, i) => stride * (4 * part + i))
    return op('i32x4.add', first, v128(offsets.buffer))
  })
}

function loadVector(e: Emitter, lane: LaneLoop, x: Extract<Scalar, { op: 'load' }>): Parts {
  const { dtype, buffer, index } = x
  const count = lane.width / lanesIn(dtype)
  if (strideOf(index, lane.strides) === 1) {
    const address = e.code.let(addressOf(e, buffer, scalarValue(e, index)))
    if (dtype === 'bool') return Array.from({ length: count }, (_, part) => maskOfBytes(address, 4 * part))
    return Array.from({ length: count }, (_, part) => load('v128.load', address, 16 * part))
  }
  const addresses = laneIndices(e, lane, index).map((i) => addressOf(e, buffer, i))
  return Array.from({ length: count }, (_, part) => gathered(dtype, addresses, part))
}

function maskOfBytes(address: Value, offset: number): Value {
  const bytes = load('v128.load32_zero', address, offset)
  const words = op('i32x4.extend_low_i16x8_u', op('i16x8.extend_low_i8x16_u', bytes))
  return op('i32x4.ne', words, constantLanes('i32x4', 0))
}

function gathered(dtype: DType, addresses: readonly Value[], part: number): Value {
  const n = lanesIn(dtype)
  let out: Value = constantLanes('i32x4', 0)
  for (let i = 0; i < n; i++) {
    const address = addresses[part * n + i]
    if (dtype === 'float64') out = loadLane('v128.load64_lane', i, address, out)
    else if (dtype === 'bool') out = replace('i32x4.replace_lane', i, out, load('i32.load8_u', address))
    else out = loadLane('v128.load32_lane', i, address, out)
  }
  return dtype === 'bool' ? op('i32x4.ne', out, constantLanes('i32x4', 0)) : out
}

/** The value of an int32 expression in each lane. */
export function laneIndices(e: Emitter, lane: LaneLoop, index: Scalar): Value[] {
  const stride = strideOf(index, lane.strides)
  if (stride !== null) {
    const first = e.code.let(scalarValue(e, index))
    return Array.from({ length: lane.width }, (_, i) => plus(first, i32(stride * i)))
  }
  const parts = vectorValue(e, lane, index).map((part) => e.code.let(part))
  return Array.from({ length: lane.width }, (_, i) => extract('i32x4.extract_lane', i % 4, parts[i >> 2]))
}

/** Two float64 vectors for each float32 one. */
function promoted(e: Emitter, parts: Parts): Parts {
  return parts.flatMap((value) => {
    const part = e.code.let(value)
    return [op('f64x2.promote_low_f32x4', part), op('f64x2.promote_low_f32x4', highHalf(part))]
  })
}

/** The inverse of `promoted`, rounding. */
export function demoted(parts: Parts): Parts {
  return pairs(parts).map(([low, high]) =>
    lowHalves(op('f32x4.demote_f64x2_zero', low), op('f32x4.demote_f64x2_zero', high)),
  )
}

function highHalf(part: Value): Value {
  return shuffle(part, part, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15])
}

function lowHalves(a: Value, b: Value): Value {
  return shuffle(a, b, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
}

function pairs(parts: Parts): [Value, Value][] {
  return Array.from({ length: parts.length / 2 }, (_, i) => [parts[2 * i], parts[2 * i + 1]])
}

/** Masks of 64-bit lanes from masks of 32-bit ones. */
function widened(e: Emitter, masks: Parts): Parts {
  return masks.flatMap((value) => {
    const mask = e.code.let(value)
    return [op('i64x2.extend_low_i32x4_s', mask), op('i64x2.extend_high_i32x4_s', mask)]
  })
}

function castVector(e: Emitter, parts: Parts, from: DType, to: DType): Parts {
  if (from === to) return parts
  if (to === 'bool') {
    const shape = shapeOf(from)
    const masks = parts.map((part) => op(`${shape}.ne`, part, constantLanes(shape, 0)))
    return from === 'float64' ? narrowed(masks) : masks
  }
  if (from === 'bool') {
    const numbers = parts.map((part) => op('v128.and', part, constantLanes('i32x4', 1)))
    return castVector(e, numbers, 'int32', to)
  }
  if (from === 'int32' || from === 'uint32') return castIntegers(e, parts, from, to)
  if (to === 'float32') return demoted(parts)
  if (to === 'float64') return promoted(e, parts)
  return truncated(e, parts, from)
}

function castIntegers(e: Emitter, parts: Parts, from: 'int32' | 'uint32', to: DType): Parts {
  const sign = from === 'int32' ? 's' : 'u'
  if (to === 'float32') return parts.map((part) => op(`f32x4.convert_i32x4_${sign}`, part))
  if (to !== 'float64') return parts
  return parts.flatMap((value) => {
    const part = e.code.let(value)
    return [op(`f64x2.convert_low_i32x4_${sign}`, part), op(`f64x2.convert_low_i32x4_${sign}`, highHalf(part))]
  })
}

/** Masks of float64 comparisons as masks of 32-bit lanes. */
function narrowed(masks: Parts): Parts {
  return pairs(masks).map(([low, high]) => shuffle(low, high, LOW_WORDS))
}

/** Towards zero, wrapping as JavaScript does: lane by lane where a value is out of range. */
function truncated(e: Emitter, parts: Parts, from: 'float32' | 'float64'): Parts {
  const named = parts.map((part) => e.code.let(part))
  const shape = shapeOf(from)
  const inRange = named.map((part) =>
    op(`${shape as 'f32x4'}.lt`, op(`${shape as 'f32x4'}.abs`, part), constantLanes(shape, 2 ** 31)),
  )
  const masks = from === 'float64' ? narrowed(inRange) : inRange
  const fast =
    from === 'float32'
      ? named.map((part) => op('i32x4.trunc_sat_f32x4_s', part))
      : pairs(named).map(([low, high]) =>
          lowHalves(op('i32x4.trunc_sat_f64x2_s_zero', low), op('i32x4.trunc_sat_f64x2_s_zero', high)),
        )
  return fast.map((value, i) => {
    const out = e.code.let(value)
    e.code.if(op('i32.eqz', op('i32x4.all_true', masks[i])), () => {
      for (let j = 0; j < 4; j++) {
        const x = laneOf(named, from, 4 * i + j)
        const wide = from === 'float32' ? op('f64.promote_f32', x) : x
        e.code.set(out, replace('i32x4.replace_lane', j, out, call(e.host('wrap', ['f64'], 'i32'), wide)))
      }
    })
    return out
  })
}

function laneOf(parts: Parts, dtype: DType, lane: number): Value {
  const n = lanesIn(dtype)
  return extract(`${shapeOf(dtype)}.extract_lane`, lane % n, parts[Math.floor(lane / n)])
}

const SAME_NAME = new Set(['add', 'sub', 'mul', 'div', 'min', 'max', 'abs', 'neg', 'floor', 'ceil', 'sqrt'])
const BITS: Record<string, Instruction> = { and: 'v128.and', or: 'v128.or', xor: 'v128.xor' }

function operation(e: Emitter, lane: LaneLoop, x: Operation): Parts {
  const operands = x.args.map((arg) => vectorValue(e, lane, arg))
  const { dtype } = x.args[0]
  const each = (f: (...parts: Value[]) => Value) => operands[0].map((_, i) => f(...operands.map((parts) => parts[i])))
  if (x.op === 'eq' || x.op === 'lt' || x.op === 'le') {
    const masks = each((a, b) => compare(x.op as 'eq', dtype, a, b))
    return dtype === 'float64' ? narrowed(masks) : masks
  }
  if (x.op in BITS) return each((a, b) => op(BITS[x.op], a, b))
  const shape = shapeOf(dtype)
  if (shape === 'i32x4') return integerOperation(e, x, operands, each)
  if (SAME_NAME.has(x.op)) return each((...parts) => op(`${shape}.${x.op}` as Instruction, ...parts))
  if (x.op === 'round') return each((a) => op(`${shape}.nearest`, a))
  if (x.op === 'sign') return each((value) => signOf(e, shape, value))
  if (hasVectorFunction(x.op)) {
    const kit = kitOf(shape, e.code, e.pool, lane.hoist)
    return each((...parts) => inlineFunction(kit, x.op, parts[0]) ?? call(e.vectorFunction(x.op, shape), ...parts))
  }
  return laneByLane(e, dtype, operands, (...values) => hostFunction(e, x.op, dtype, values))
}

function compare(name: 'eq' | 'lt' | 'le', dtype: DType, a: Value, b: Value): Value {
  const shape = shapeOf(dtype)
  if (shape !== 'i32x4' || name === 'eq') return op(`${shape}.${name}` as Instruction, a, b)
  return op(`i32x4.${name}_${dtype === 'int32' ? 's' : 'u'}`, a, b)
}

/** NaN and zeros stay what they are; other numbers keep their sign bit over a one. */
function signOf(e: Emitter, shape: 'f32x4' | 'f64x2', value: Value): Value {
  const a = e.code.let(value)
  const zero = constantLanes(shape, 0)
  const moves = op('v128.or', op(`${shape}.lt`, a, zero), op(`${shape}.gt`, a, zero))
  const one = op('v128.or', op('v128.and', a, constantLanes(shape, -0)), constantLanes(shape, 1))
  return op('v128.bitselect', one, a, moves)
}

function integerOperation(
  e: Emitter,
  x: Operation,
  operands: readonly Parts[],
  each: (f: (...parts: Value[]) => Value) => Parts,
): Parts {
  const { dtype } = x.args[0]
  const signed = dtype === 'int32'
  switch (x.op) {
    case 'add':
    case 'sub':
    case 'mul':
      return each((a, b) => op(`i32x4.${x.op as 'add'}`, a, b))
    case 'max':
    case 'min':
      // A true lane is all ones: the greatest unsigned number.
      return each((a, b) => op(`i32x4.${x.op as 'max'}_${signed ? 's' : 'u'}`, a, b))
    case 'neg':
      return each((a) => op('i32x4.neg', a))
    case 'abs':
      return signed ? each((a) => op('i32x4.abs', a)) : operands[0]
    case 'not':
      return each((a) => op('v128.not', a))
    case 'shiftLeft':
    case 'shiftRight': {
      const [, amount] = x.args
      if (amount?.op === 'const' && amount.value >= 0 && amount.value < 32) {
        const name = x.op === 'shiftLeft' ? 'shl' : signed ? 'shr_s' : 'shr_u'
        return each((a) => op(`i32x4.${name}`, a, i32(amount.value)))
      }
    }
  }
  return laneByLane(e, dtype, operands, (...values) => integerScalar(e, x.op, dtype, values))
}

/** What has no vector form: each lane by itself. */
function laneByLane(
  e: Emitter,
  dtype: DType,
  operands: readonly Parts[],
  compute: (...values: Value[]) => Value,
): Parts {
  const named = operands.map((parts) => parts.map((part) => e.code.let(part)))
  const n = lanesIn(dtype)
  const shape = shapeOf(dtype)
  return named[0].map((_, part) => {
    const out = e.code.local('v128')
    for (let i = 0; i < n; i++) {
      const values = named.map((parts) => extract(`${shape}.extract_lane`, i, parts[part]))
      e.code.set(out, replace(`${shape}.replace_lane`, i, out, compute(...values)))
    }
    return out
  })
}

/** Writes vectors to neighbouring elements. */
export function storeVector(e: Emitter, dtype: DType, address: Value, parts: Parts): void {
  const at = e.code.let(address)
  parts.forEach((part, i) => {
    if (dtype === 'bool') {
      const words = op('v128.and', part, constantLanes('i32x4', 1))
      const shorts = e.code.let(op('i16x8.narrow_i32x4_s', words, words))
      e.code.storeLane('v128.store32_lane', 0, at, op('i8x16.narrow_i16x8_s', shorts, shorts), 4 * i)
    } else e.code.store('v128.store', at, part, 16 * i)
  })
}

/** Writes each lane to an address of its own. */
export function scatterVector(e: Emitter, dtype: DType, addresses: readonly Value[], parts: Parts): void {
  const named = parts.map((part) => e.code.let(part))
  addresses.forEach((address, i) => {
    const n = lanesIn(dtype)
    const part = named[Math.floor(i / n)]
    if (dtype === 'bool') {
      const bit = op('i32.and', extract('i32x4.extract_lane', i % 4, part), i32(1))
      e.code.store('i32.store8', address, bit)
    } else e.code.storeLane(shiftOf(dtype) === 3 ? 'v128.store64_lane' : 'v128.store32_lane', i % n, address, part)
  })
}
