// Element-wise primitives. What tfjs computes differently from Adjoint is composed anew; each such place says how they differ.

import * as primitives from '@adjoint/core/primitives'
import type { TfjsInfo, TfjsKernel, TfjsOps } from '../api.js'
import { binary, cast, countable, larger, scalar, select, unary, wrappingMul } from './ops.js'
import { type Entry, entry, only } from './table.js'

type Unary = (ops: TfjsOps, x: TfjsInfo) => TfjsInfo
type Binary = (ops: TfjsOps, a: TfjsInfo, b: TfjsInfo, shape: readonly number[]) => TfjsInfo

const one =
  (fn: Unary): TfjsKernel =>
  (ops, [x]) =>
    fn(ops, x)
const two =
  (fn: Binary): TfjsKernel =>
  (ops, [a, b], { outputs: [{ shape }] }) =>
    fn(ops, a, b, shape)
const plain = (kernel: string): TfjsKernel => one((ops, x) => unary(ops, kernel, x))
const pair = (kernel: string): TfjsKernel => two((ops, a, b) => binary(ops, kernel, a, b))

/** Compared as integers where tfjs refuses bool. */
const compared = (kernel: string): TfjsKernel =>
  two((ops, a, b) => binary(ops, kernel, countable(ops, a), countable(ops, b)))

/** tfjs says 0 for the sign of NaN. */
const sign: Unary = (ops, x) => {
  const out = unary(ops, 'Sign', x)
  return x.dtype === 'float32' ? select(ops, x.shape, unary(ops, 'IsNan', x), x, out) : out
}

const extreme =
  (kernel: 'Maximum' | 'Minimum'): Binary =>
  (ops, a, b) =>
    a.dtype === 'bool'
      ? binary(ops, kernel === 'Maximum' ? 'LogicalOr' : 'LogicalAnd', a, b)
      : larger(ops, kernel, a, b)

/** Integers by subtraction: the wasm kernel of Neg goes through floats, those of Abs all do. */
const negative: Unary = (ops, x) =>
  x.dtype === 'int32' ? binary(ops, 'Sub', scalar(ops, 0, 'int32'), x) : unary(ops, 'Neg', x)

const absolute: Unary = (ops, x) =>
  x.dtype === 'int32' ? binary(ops, 'Maximum', x, negative(ops, x)) : unary(ops, 'Abs', x)

/** Towards zero, and by zero to zero; tfjs rounds down. */
const integerDiv: Binary = (ops, a, b, shape) => {
  const zero = scalar(ops, 0, 'int32')
  const byZero = binary(ops, 'Equal', b, zero)
  const divisor = select(ops, b.shape, byZero, scalar(ops, 1, 'int32'), b)
  const floor = floorDiv(ops, a, divisor)
  const rest = binary(ops, 'Sub', a, wrappingMul(ops, floor, divisor))
  const signs = binary(ops, 'NotEqual', below(ops, a), below(ops, divisor))
  const up = binary(ops, 'LogicalAnd', binary(ops, 'NotEqual', rest, zero), signs)
  return select(ops, shape, byZero, zero, binary(ops, 'Add', floor, cast(ops, up, 'int32')))
}

/**
 * Rounded down. The kernels of wasm and WebGPU divide in floats and are off by some units above 2^24: what is left over
 * is divided again, in integers that wrap, and the last unit is settled by comparing.
 */
function floorDiv(ops: TfjsOps, a: TfjsInfo, b: TfjsInfo): TfjsInfo {
  const first = binary(ops, 'FloorDiv', a, b)
  if (ops.device === 'cpu' || ops.device === 'webgl') return first
  const restOf = (q: TfjsInfo) => binary(ops, 'Sub', a, binary(ops, 'Multiply', q, b))
  const near = binary(ops, 'Add', first, binary(ops, 'FloorDiv', restOf(first), b))
  const rest = restOf(near)
  const zero = scalar(ops, 0, 'int32')
  const beyond = binary(ops, 'Sub', rest, b)
  const sides = [rest, b, beyond].map((x) => below(ops, x))
  const aligned = binary(ops, 'Equal', sides[0], sides[1])
  const some = binary(ops, 'NotEqual', rest, zero)
  const past = binary(ops, 'LogicalOr', binary(ops, 'Equal', beyond, zero), binary(ops, 'Equal', sides[2], sides[1]))
  const up = binary(ops, 'LogicalAnd', binary(ops, 'LogicalAnd', aligned, some), past)
  const down = binary(ops, 'LogicalAnd', unary(ops, 'LogicalNot', aligned), some)
  return binary(ops, 'Sub', binary(ops, 'Add', near, cast(ops, up, 'int32')), cast(ops, down, 'int32'))
}

function below(ops: TfjsOps, x: TfjsInfo): TfjsInfo {
  return cast(ops, binary(ops, 'Less', x, scalar(ops, 0, 'int32')), 'int32')
}

/** The GPU kernels give log(|1 + x|) below -1, where there is no logarithm. */
const log1p: Unary = (ops, x) =>
  ops.device.startsWith('webg')
    ? unary(ops, 'Log', binary(ops, 'Add', x, scalar(ops, 1, 'float32')))
    : unary(ops, 'Log1p', x)

/** The WebGL kernel says 1 for 0 / 0. */
const divide: Binary = (ops, a, b, shape) => {
  if (a.dtype === 'int32') return integerDiv(ops, a, b, shape)
  const out = binary(ops, 'RealDiv', a, b)
  if (ops.device !== 'webgl') return out
  const both = binary(ops, 'Add', unary(ops, 'Abs', a), unary(ops, 'Abs', b))
  const none = binary(ops, 'Equal', both, scalar(ops, 0, 'float32'))
  return select(ops, shape, none, scalar(ops, Number.NaN, 'float32'), out)
}

/** The sign of the dividend; tfjs's Mod has that of the divisor. */
const remainder: Binary = (ops, a, b, shape) => {
  if (a.dtype === 'int32') {
    const rest = binary(ops, 'Sub', a, wrappingMul(ops, integerDiv(ops, a, b, shape), b))
    return select(ops, shape, binary(ops, 'Equal', b, scalar(ops, 0, 'int32')), scalar(ops, 0, 'int32'), rest)
  }
  const size = binary(ops, 'Mod', unary(ops, 'Abs', a), unary(ops, 'Abs', b))
  return select(ops, shape, binary(ops, 'Less', a, scalar(ops, 0, 'float32')), unary(ops, 'Neg', size), size)
}

/** JavaScript, and so the cpu kernel, says NaN for 1 to a NaN and for 1 and -1 to an infinity; IEEE 754 says 1. */
const power: Binary = (ops, a, b, shape) => {
  const out = binary(ops, 'Pow', a, b)
  if (ops.device !== 'cpu') return out
  const unit = scalar(ops, 1, 'float32')
  const unitBase = binary(ops, 'Equal', unary(ops, 'Abs', a), unit)
  const endless = binary(ops, 'Equal', unary(ops, 'Abs', b), scalar(ops, Number.POSITIVE_INFINITY, 'float32'))
  const always = binary(ops, 'LogicalOr', binary(ops, 'Equal', a, unit), binary(ops, 'LogicalAnd', unitBase, endless))
  return select(ops, shape, always, unit, out)
}

/** The element-wise kernels; bits of integers have none in tfjs and go to the host. */
export function elementwiseKernels(): Entry[] {
  return [
    entry(primitives.negPrimitive, one(negative)),
    entry(primitives.absPrimitive, one(absolute)),
    entry(primitives.signPrimitive, one(sign)),
    entry(primitives.floorPrimitive, plain('Floor')),
    entry(primitives.ceilPrimitive, plain('Ceil')),
    entry(primitives.roundPrimitive, plain('Round')),
    entry(primitives.expPrimitive, plain('Exp')),
    entry(primitives.expm1Primitive, plain('Expm1')),
    entry(primitives.logPrimitive, plain('Log')),
    entry(primitives.log1pPrimitive, one(log1p)),
    entry(primitives.sqrtPrimitive, plain('Sqrt')),
    entry(primitives.sinPrimitive, plain('Sin')),
    entry(primitives.cosPrimitive, plain('Cos')),
    entry(primitives.tanhPrimitive, plain('Tanh')),
    entry(primitives.logisticPrimitive, plain('Sigmoid')),
    entry(primitives.addPrimitive, pair('Add')),
    entry(primitives.subPrimitive, pair('Sub')),
    entry(
      primitives.mulPrimitive,
      two((ops, a, b) => wrappingMul(ops, a, b)),
    ),
    entry(primitives.divPrimitive, two(divide)),
    entry(primitives.remPrimitive, two(remainder)),
    entry(primitives.powPrimitive, two(power)),
    entry(primitives.maxPrimitive, two(extreme('Maximum'))),
    entry(primitives.minPrimitive, two(extreme('Minimum'))),
    entry(primitives.atan2Primitive, pair('Atan2')),
    entry(primitives.eqPrimitive, compared('Equal')),
    entry(primitives.ltPrimitive, compared('Less')),
    entry(primitives.lePrimitive, compared('LessEqual')),
    entry(primitives.notPrimitive, plain('LogicalNot'), only('bool')),
    entry(primitives.andPrimitive, pair('LogicalAnd'), only('bool')),
    entry(primitives.orPrimitive, pair('LogicalOr'), only('bool')),
    entry(primitives.xorPrimitive, compared('NotEqual'), only('bool')),
    entry(primitives.selectPrimitive, (ops, [c, t, e], { outputs: [{ shape }] }) => select(ops, shape, c, t, e)),
    entry(primitives.castPrimitive, (ops, [x], { outputs: [{ dtype }] }) => cast(ops, x, dtype as TfjsInfo['dtype'])),
  ]
}
