// Typed expressions: trees of instructions whose operands are checked when they are built and which are written out later.

import { float32, float64, signed, unsigned } from './bytes.js'
import { EXTRACTS, type Instruction, LANE_LOADS, LOADS, REPLACES, signatureOf, type ValueType } from './instructions.js'

/** Something that appends its bytes. */
export type Writer = (out: number[]) => void

/** An expression: leaves one value of its type on the stack. */
export interface Value {
  readonly type: ValueType
  readonly write: Writer
  /** The factors of a product of float vectors. */
  readonly factors?: readonly Value[]
}

/** A function of the module; its index is known once all imports are. */
export interface Callee {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  index: number
}

/** Writes an opcode, with its prefix where it has one. */
export function opcode(out: number[], code: number): void {
  if (code < 0x1000) out.push(code)
  else out.push(code >>> 12, ...unsigned(code & 0xfff))
}

let fuses = false

/** What `build` returns, with sums of products as one instruction each, which may round once: relaxed SIMD. */
export function fusing<T>(on: boolean, build: () => T): T {
  const before = fuses
  fuses = on
  try {
    return build()
  } finally {
    fuses = before
  }
}

/** `a + x y` or `a - x y` for a sum or difference of float vectors whose last operand is a product. */
function fused(instruction: Instruction, operands: readonly Value[]): Value | undefined {
  const [shape, name] = instruction.split('.')
  if (!fuses || (name !== 'add' && name !== 'sub')) return undefined
  const swapped = name === 'add' && operands[1].factors === undefined
  const [a, product] = swapped ? [operands[1], operands[0]] : operands
  if (product.factors === undefined) return undefined
  return op(`${shape as 'f32x4'}.relaxed_${name === 'add' ? 'madd' : 'nmadd'}`, ...product.factors, a)
}

/** An instruction applied to its operands. */
export function op(instruction: Instruction, ...operands: readonly Value[]): Value {
  const { code, operands: expected, result } = signatureOf(instruction)
  checkTypes(instruction, operands, expected)
  const joined = fused(instruction, operands)
  if (joined !== undefined) return joined
  return {
    factors: instruction === 'f32x4.mul' || instruction === 'f64x2.mul' ? operands : undefined,
    type: result,
    write(out) {
      for (const operand of operands) operand.write(out)
      opcode(out, code)
    },
  }
}

/** Throws where operands do not have the types an instruction takes: a mistake in a kernel, found before validation. */
export function checkTypes(what: string, operands: readonly Value[], expected: readonly ValueType[]): void {
  const given = operands.map((x) => x.type)
  if (given.length !== expected.length || given.some((type, i) => type !== expected[i]))
    throw new TypeError(`${what} takes (${expected.join(', ')}), not (${given.join(', ')})`)
}

/** An int32 constant. */
export function i32(value: number): Value {
  return { type: 'i32', write: (out) => out.push(0x41, ...signed(value | 0)) }
}

/** An int64 constant. */
export function i64(value: bigint): Value {
  return { type: 'i64', write: (out) => out.push(0x42, ...signed(BigInt.asIntN(64, value))) }
}

/** A float32 constant. */
export function f32(value: number): Value {
  return { type: 'f32', write: (out) => out.push(0x43, ...float32(value)) }
}

/** A float64 constant. */
export function f64(value: number): Value {
  return { type: 'f64', write: (out) => out.push(0x44, ...float64(value)) }
}

/** A vector constant of 16 bytes. */
export function v128(bytes: ArrayBuffer): Value {
  const content = [...new Uint8Array(bytes)]
  return {
    type: 'v128',
    write(out) {
      opcode(out, 0xfd00c)
      out.push(...content)
    },
  }
}

/** The same number in all lanes. */
export function lanes(shape: 'f32x4' | 'f64x2' | 'i32x4', value: number): Value {
  const arrays = { f32x4: Float32Array, f64x2: Float64Array, i32x4: Int32Array }
  return v128(new arrays[shape](shape === 'f64x2' ? 2 : 4).fill(value).buffer as ArrayBuffer)
}

/** Two equal int64 lanes. */
export function i64Lanes(value: bigint): Value {
  return v128(new BigInt64Array(2).fill(BigInt.asIntN(64, value)).buffer as ArrayBuffer)
}

/** Memory at `address + offset`, in bytes. */
export function load(instruction: keyof typeof LOADS, address: Value, offset = 0): Value {
  const [code, , type] = LOADS[instruction]
  checkTypes(instruction, [address], ['i32'])
  return {
    type,
    write(out) {
      address.write(out)
      opcode(out, code)
      out.push(0, ...unsigned(offset))
    },
  }
}

/** A vector with one lane read from memory. */
export function loadLane(
  instruction: keyof typeof LANE_LOADS,
  lane: number,
  address: Value,
  vector: Value,
  offset = 0,
): Value {
  checkTypes(instruction, [address, vector], ['i32', 'v128'])
  return {
    type: 'v128',
    write(out) {
      address.write(out)
      vector.write(out)
      opcode(out, LANE_LOADS[instruction][0])
      out.push(0, ...unsigned(offset), lane)
    },
  }
}

/** One lane of a vector. */
export function extract(instruction: keyof typeof EXTRACTS, lane: number, vector: Value): Value {
  const [code, type] = EXTRACTS[instruction]
  checkTypes(instruction, [vector], ['v128'])
  return {
    type,
    write(out) {
      vector.write(out)
      opcode(out, code)
      out.push(lane)
    },
  }
}

/** The vector with another value in one lane. */
export function replace(instruction: keyof typeof REPLACES, lane: number, vector: Value, value: Value): Value {
  const [code, type] = REPLACES[instruction]
  checkTypes(instruction, [vector, value], ['v128', type])
  return {
    type: 'v128',
    write(out) {
      vector.write(out)
      value.write(out)
      opcode(out, code)
      out.push(lane)
    },
  }
}

/** Bytes picked from two vectors: 0..15 are those of the first, 16..31 those of the second. */
export function shuffle(a: Value, b: Value, bytes: readonly number[]): Value {
  checkTypes('i8x16.shuffle', [a, b], ['v128', 'v128'])
  return {
    type: 'v128',
    write(out) {
      a.write(out)
      b.write(out)
      opcode(out, 0xfd00d)
      out.push(...bytes)
    },
  }
}

/** `onTrue` where the condition is not 0, else `onFalse`; both are computed. */
export function select(condition: Value, onTrue: Value, onFalse: Value): Value {
  checkTypes('select', [onTrue, onFalse, condition], [onTrue.type, onTrue.type, 'i32'])
  return {
    type: onTrue.type,
    write(out) {
      onTrue.write(out)
      onFalse.write(out)
      condition.write(out)
      if (onTrue.type === 'v128') out.push(0x1c, 1, 0x7b)
      else out.push(0x1b)
    },
  }
}

/** The result of a function. */
export function call(callee: Callee, ...operands: readonly Value[]): Value {
  checkTypes('call', operands, callee.params)
  return {
    type: callee.results[0],
    write(out) {
      for (const operand of operands) operand.write(out)
      out.push(0x10, ...unsigned(callee.index))
    },
  }
}
