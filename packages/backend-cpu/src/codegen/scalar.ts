// Scalar expressions of the IR as WebAssembly values: float32 rounds after each operation, integers wrap, bools are 0 or 1.

import type { DType } from '@adjoint/core'
import type { Scalar } from '@adjoint/core/codegen'
import type { Instruction, ValueType } from '../wasm/instructions.js'
import { plus } from '../wasm/integers.js'
import { call, extract, f32, f64, i32, load, op, select, type Value } from '../wasm/value.js'
import type { Emitter } from './emitter.js'
import { hasVectorFunction } from './math/functions.js'

type Operation = Extract<Scalar, { args: readonly Scalar[] }>

/** The WebAssembly type of one element. */
export function typeOf(dtype: DType): ValueType {
  return dtype === 'float32' ? 'f32' : dtype === 'float64' ? 'f64' : 'i32'
}

/** log2 of an element's bytes in memory. */
export function shiftOf(dtype: DType): number {
  return dtype === 'bool' ? 0 : dtype === 'float64' ? 3 : 2
}

/** The address of an element. */
export function addressOf(e: Emitter, buffer: number, index: Value): Value {
  const shift = shiftOf(e.dtypeOf(buffer))
  return plus(e.pointer(buffer), shift === 0 ? index : op('i32.shl', index, i32(shift)))
}

/** One element of memory. */
function loadElement(dtype: DType, address: Value): Value {
  return load(dtype === 'bool' ? 'i32.load8_u' : `${typeOf(dtype) as 'f32' | 'f64' | 'i32'}.load`, address)
}

/** A constant of a dtype. */
export function constantOf(dtype: DType, value: number): Value {
  return dtype === 'float32' ? f32(value) : dtype === 'float64' ? f64(value) : i32(value)
}

/** The value of an expression. */
export function scalarValue(e: Emitter, x: Scalar): Value {
  switch (x.op) {
    case 'const':
      return constantOf(x.dtype, x.value)
    case 'parameter':
      return e.parameter(x.index)
    case 'variable':
      return e.variable(x.name)
    case 'load':
      return loadElement(x.dtype, addressOf(e, x.buffer, scalarValue(e, x.index)))
    case 'loadLocal':
      throw new TypeError('local arrays are not compiled')
    case 'cast':
      return castScalar(e, scalarValue(e, x.args[0]), x.args[0].dtype, x.dtype)
    case 'bitcast':
      return reinterpret(scalarValue(e, x.args[0]), x.args[0].dtype, x.dtype)
    case 'select': {
      const [condition, a, b] = x.args.map((arg) => scalarValue(e, arg))
      return select(condition, a, b)
    }
    default:
      return operation(e, x)
  }
}

/** A float32 expression as a float64 that is not rounded at its last operation: what accumulators add up. */
export function wideValue(e: Emitter, x: Scalar): Value {
  const wide = (arg: Scalar) => e.wideVariable(arg) ?? op('f64.promote_f32', scalarValue(e, arg))
  if (x.op === 'variable') return wide(x)
  if ('args' in x && ['add', 'sub', 'mul', 'div', 'max', 'min'].includes(x.op))
    return op(`f64.${x.op as 'add'}`, wide(x.args[0]), wide(x.args[1] as Scalar))
  return op('f64.promote_f32', scalarValue(e, x))
}

/** A number in another dtype: truncated and wrapped to integers, true where it is not 0. */
function castScalar(e: Emitter, a: Value, from: DType, to: DType): Value {
  if (from === to) return a
  const integer = from !== 'float32' && from !== 'float64'
  switch (to) {
    case 'bool':
      return integer ? op('i32.ne', a, i32(0)) : op(`${typeOf(from) as 'f32'}.ne`, a, constantOf(from, 0))
    case 'float32':
      if (integer) return op(from === 'uint32' ? 'f32.convert_i32_u' : 'f32.convert_i32_s', a)
      return op('f32.demote_f64', a)
    case 'float64':
      if (integer) return op(from === 'uint32' ? 'f64.convert_i32_u' : 'f64.convert_i32_s', a)
      return op('f64.promote_f32', a)
    default: {
      if (integer) return a
      const wide = e.code.let(from === 'float32' ? op('f64.promote_f32', a) : a)
      const out = e.code.let(op('i32.trunc_sat_f64_s', wide))
      // Beyond the range of int32, and for NaN, JavaScript wraps where the instruction saturates.
      e.code.if(op('i32.eqz', op('f64.lt', op('f64.abs', wide), f64(2 ** 31))), () =>
        e.code.set(out, call(e.host('wrap', ['f64'], 'i32'), wide)),
      )
      return out
    }
  }
}

function reinterpret(a: Value, from: DType, to: DType): Value {
  if (from === 'float32' && to !== 'float32') return op('i32.reinterpret_f32', a)
  return to === 'float32' && from !== 'float32' ? op('f32.reinterpret_i32', a) : a
}

const BITS: Record<string, Instruction> = { and: 'i32.and', or: 'i32.or', xor: 'i32.xor' }
const COMPARE: Record<string, string> = { eq: 'eq', lt: 'lt', le: 'le' }
const SAME_NAME = new Set(['add', 'sub', 'mul', 'div', 'min', 'max', 'abs', 'neg', 'floor', 'ceil', 'sqrt'])

function operation(e: Emitter, x: Operation): Value {
  const operands = x.args.map((arg) => scalarValue(e, arg))
  const { dtype } = x.args[0]
  const isFloat = dtype === 'float32' || dtype === 'float64'
  if (x.op in COMPARE) {
    if (isFloat) return op(`${typeOf(dtype) as 'f32'}.${x.op as 'lt'}`, operands[0], operands[1])
    if (x.op === 'eq') return op('i32.eq', operands[0], operands[1])
    return op(`i32.${x.op as 'lt'}_${dtype === 'int32' ? 's' : 'u'}`, operands[0], operands[1])
  }
  return isFloat ? floatOperation(e, x.op, dtype, operands) : integerScalar(e, x.op, dtype, operands)
}

function floatOperation(e: Emitter, name: string, dtype: 'float32' | 'float64', operands: readonly Value[]): Value {
  const type = dtype === 'float32' ? 'f32' : 'f64'
  if (SAME_NAME.has(name)) return op(`${type}.${name}` as Instruction, ...operands)
  if (name === 'round') return op(`${type}.nearest`, operands[0])
  if (name === 'sign') {
    const a = e.code.let(operands[0])
    // NaN and zeros stay what they are.
    const moves = op('i32.or', op(`${type}.lt`, a, constantOf(dtype, 0)), op(`${type}.gt`, a, constantOf(dtype, 0)))
    return select(moves, op(`${type}.copysign`, constantOf(dtype, 1), a), a)
  }
  // Through the vector function where there is one, so that all elements round alike.
  const shape = dtype === 'float32' ? 'f32x4' : 'f64x2'
  if (hasVectorFunction(name)) {
    const vector = call(e.vectorFunction(name, shape), ...operands.map((x) => op(`${shape}.splat`, x)))
    return extract(`${shape}.extract_lane`, 0, vector)
  }
  return hostFunction(e, name, dtype, operands)
}

/** A function of JavaScript, in doubles. */
export function hostFunction(e: Emitter, name: string, dtype: DType, operands: readonly Value[]): Value {
  const callee = e.host(
    name,
    operands.map(() => 'f64'),
    'f64',
  )
  if (dtype === 'float64') return call(callee, ...operands)
  return op('f32.demote_f64', call(callee, ...operands.map((x) => op('f64.promote_f32', x))))
}

/** An operation on integers or bools. */
export function integerScalar(e: Emitter, name: string, dtype: DType, operands: readonly Value[]): Value {
  if (name in BITS) return op(BITS[name], operands[0], operands[1])
  const sign = dtype === 'int32' ? 's' : 'u'
  switch (name) {
    case 'add':
    case 'sub':
    case 'mul':
      return op(`i32.${name}`, operands[0], operands[1])
    case 'div':
    case 'rem':
      return division(e, name, sign, operands[0], operands[1])
    case 'neg':
      return op('i32.sub', i32(0), operands[0])
    case 'not':
      return dtype === 'bool' ? op('i32.eqz', operands[0]) : op('i32.xor', operands[0], i32(-1))
    case 'max':
    case 'min': {
      const [a, b] = operands.map((x) => e.code.let(x))
      return select(op(`i32.${name === 'max' ? 'gt' : 'lt'}_${sign}`, a, b), a, b)
    }
    case 'abs': {
      const a = e.code.let(operands[0])
      return dtype === 'int32' ? select(op('i32.lt_s', a, i32(0)), op('i32.sub', i32(0), a), a) : a
    }
    case 'sign': {
      const a = e.code.let(operands[0])
      const positive = dtype === 'int32' ? op('i32.gt_s', a, i32(0)) : op('i32.ne', a, i32(0))
      return dtype === 'int32' ? op('i32.sub', positive, op('i32.lt_s', a, i32(0))) : positive
    }
    case 'shiftLeft':
    case 'shiftRight':
      return shift(e, name, dtype, operands[0], operands[1])
    default:
      throw new TypeError(`no ${name} of ${dtype}`)
  }
}

/** Division by zero gives zero, as does the remainder; the least int32 by -1 wraps instead of trapping. */
function division(e: Emitter, name: 'div' | 'rem', sign: 's' | 'u', a: Value, b: Value): Value {
  const [x, y, out] = [e.code.let(a), e.code.let(b), e.code.local('i32')]
  e.code.set(out, i32(0))
  const divide = () => e.code.set(out, op(`i32.${name}_${sign}`, x, y))
  const byMinusOne = () => name === 'div' && e.code.set(out, op('i32.sub', i32(0), x))
  e.code.if(y, () => (sign === 'u' ? divide() : e.code.if(op('i32.eq', y, i32(-1)), byMinusOne, divide)))
  return out
}

/** Shifts by 32 and more push everything out. */
function shift(e: Emitter, name: 'shiftLeft' | 'shiftRight', dtype: DType, a: Value, b: Value): Value {
  const amount = e.code.let(b)
  const inside = op('i32.lt_u', amount, i32(32))
  if (name === 'shiftLeft') return select(inside, op('i32.shl', a, amount), i32(0))
  return dtype === 'int32'
    ? op('i32.shr_s', a, select(inside, amount, i32(31)))
    : select(inside, op('i32.shr_u', a, amount), i32(0))
}
