// A function under construction: locals, statements and structured control, written out when the module is.

import { unsigned } from './bytes.js'
import { LANE_STORES, STORES, type ValueType } from './instructions.js'
import { type Callee, checkTypes, i32, op, opcode, type Value, type Writer } from './value.js'

/** A variable of a function. */
export interface Local extends Value {
  readonly index: number
}

/** Statements at one place of a function; see `Code.section`. */
export interface Section {
  readonly writers: Writer[]
}

/** Bytes that stand for value types. */
export const TYPE_BYTES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
}

const EMPTY_BLOCK = 0x40

/** Builds the body of one function. Statements go to the innermost open block. */
export class Code {
  readonly params: readonly Local[]
  private readonly locals: ValueType[] = []
  private block: Writer[] = []

  constructor(params: readonly ValueType[]) {
    this.params = params.map(localOf)
  }

  /** A new variable, 0 at first. */
  local(type: ValueType): Local {
    return localOf(type, this.params.length + this.locals.push(type) - 1)
  }

  /** A new variable with a value. */
  let(value: Value): Local {
    const out = this.local(value.type)
    this.set(out, value)
    return out
  }

  set(local: Local, value: Value): void {
    checkTypes('local.set', [value], [local.type])
    this.block.push((out) => {
      value.write(out)
      out.push(0x21, ...unsigned(local.index))
    })
  }

  /** Writes to memory at `address + offset`. */
  store(instruction: keyof typeof STORES, address: Value, value: Value, offset = 0): void {
    const [code, , type] = STORES[instruction]
    checkTypes(instruction, [address, value], ['i32', type])
    this.block.push((out) => {
      address.write(out)
      value.write(out)
      opcode(out, code)
      out.push(0, ...unsigned(offset))
    })
  }

  /** Writes one lane of a vector. */
  storeLane(instruction: keyof typeof LANE_STORES, lane: number, address: Value, vector: Value, offset = 0): void {
    checkTypes(instruction, [address, vector], ['i32', 'v128'])
    this.block.push((out) => {
      address.write(out)
      vector.write(out)
      opcode(out, LANE_STORES[instruction][0])
      out.push(0, ...unsigned(offset), lane)
    })
  }

  /** Copies bytes; the ranges may overlap. */
  copy(to: Value, from: Value, bytes: Value): void {
    this.bulk([to, from, bytes], [0xfc, 10, 0, 0])
  }

  /** Sets bytes. */
  fill(to: Value, byte: Value, bytes: Value): void {
    this.bulk([to, byte, bytes], [0xfc, 11, 0])
  }

  private bulk(operands: readonly Value[], bytes: readonly number[]): void {
    checkTypes('memory.*', operands, ['i32', 'i32', 'i32'])
    this.block.push((out) => {
      for (const operand of operands) operand.write(out)
      out.push(...bytes)
    })
  }

  /** Calls a function without a result. */
  call(callee: Callee, ...operands: readonly Value[]): void {
    checkTypes('call', operands, callee.params)
    this.block.push((out) => {
      for (const operand of operands) operand.write(out)
      out.push(0x10, ...unsigned(callee.index))
    })
  }

  /** Leaves the function with its result. */
  return(value: Value): void {
    this.block.push((out) => {
      value.write(out)
      out.push(0x0f)
    })
  }

  if(condition: Value, then: () => void, otherwise?: () => void): void {
    checkTypes('if', [condition], ['i32'])
    const [yes, no] = [this.nested(then), otherwise === undefined ? [] : this.nested(otherwise)]
    this.block.push((out) => {
      condition.write(out)
      out.push(0x04, EMPTY_BLOCK)
      for (const write of yes) write(out)
      if (no.length > 0) out.push(0x05)
      for (const write of no) write(out)
      out.push(0x0b)
    })
  }

  while(condition: Value, body: () => void): void {
    checkTypes('while', [condition], ['i32'])
    const inner = this.nested(body)
    this.block.push((out) => {
      out.push(0x02, EMPTY_BLOCK, 0x03, EMPTY_BLOCK)
      op('i32.eqz', condition).write(out)
      out.push(0x0d, 1)
      for (const write of inner) write(out)
      out.push(0x0c, 0, 0x0b, 0x0b)
    })
  }

  /** `for (; index < end; index += step)`, compared as signed numbers; the test is at the end of the loop. */
  for(index: Local, end: Value, step: number, body: () => void): void {
    const inner = this.nested(body)
    const goesOn = op('i32.lt_s', index, end)
    this.block.push((out) => {
      goesOn.write(out)
      out.push(0x04, EMPTY_BLOCK, 0x03, EMPTY_BLOCK)
      for (const write of inner) write(out)
      op('i32.add', index, i32(step)).write(out)
      out.push(0x21, ...unsigned(index.index))
      goesOn.write(out)
      out.push(0x0d, 0, 0x0b, 0x0b)
    })
  }

  /** A place for statements that are found out later. */
  section(): Section {
    const section: Writer[] = []
    this.block.push((out) => {
      for (const write of section) write(out)
    })
    return { writers: section }
  }

  /** Adds statements to a section. */
  inside<T>(section: Section, build: () => T): T {
    const outer = this.block
    this.block = section.writers
    const built = build()
    this.block = outer
    return built
  }

  /** The function's bytes: locals, statements, end. */
  bytes(): number[] {
    const out = unsigned(this.locals.length)
    for (const type of this.locals) out.push(1, TYPE_BYTES[type])
    for (const write of this.block) write(out)
    out.push(0x0b)
    return out
  }

  private nested(build: () => void): readonly Writer[] {
    const inner: Writer[] = []
    this.inside({ writers: inner }, build)
    return inner
  }
}

function localOf(type: ValueType, index: number): Local {
  return { type, index, write: (out) => out.push(0x20, ...unsigned(index)) }
}
