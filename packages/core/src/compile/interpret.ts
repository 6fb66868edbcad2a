// Runs kernels of the scalar IR without generating code, for pages whose policy forbids it: a tree of closures.

import { convert, newArray, type TypedArray } from '../dtype.js'
import type { Scalar, ScalarKernel, Statement } from './ir.js'
import { type ArrayKernel, HELPERS, rounds } from './javascript.js'

interface Frame {
  readonly buffers: readonly TypedArray[]
  readonly scalars: readonly number[]
  readonly variables: Map<string, number>
  readonly locals: Map<string, TypedArray>
}

type Value = (frame: Frame) => number
type Action = (frame: Frame) => void

/** A kernel as closures: slower than compiled code, the same results. */
export function interpretKernel(kernel: ScalarKernel): ArrayKernel {
  const body = block(kernel.body)
  const run = kernel.grid.reduceRight<Action>(
    (inside, size, axis) => (frame) => {
      for (let i = 0; i < size; i++) {
        frame.variables.set(`g${axis}`, i)
        inside(frame)
      }
    },
    body,
  )
  return (inputs, outputs, scalars) =>
    run({ buffers: [...inputs, ...outputs], scalars, variables: new Map(), locals: new Map() })
}

function block(statements: readonly Statement[]): Action {
  const actions = statements.map(action)
  return (frame) => {
    for (const act of actions) act(frame)
  }
}

function action(s: Statement): Action {
  switch (s.kind) {
    case 'declare':
    case 'assign': {
      const of = s.kind === 'assign' ? bare(s.value) : value(s.value)
      return (frame) => frame.variables.set(s.name, of(frame))
    }
    case 'store': {
      const [index, of] = [value(s.index), value(s.value)]
      return (frame) => {
        frame.buffers[s.buffer][index(frame)] = of(frame)
      }
    }
    case 'storeLocal': {
      const [index, of] = [value(s.index), value(s.value)]
      return (frame) => {
        ;(frame.locals.get(s.array) as TypedArray)[index(frame)] = of(frame)
      }
    }
    case 'array':
      return (frame) => frame.locals.set(s.name, newArray(s.dtype, s.length))
    case 'loop': {
      const [start, end, body] = [value(s.start), value(s.end), block(s.body)]
      return (frame) => {
        for (let i = start(frame); i < end(frame); i += s.step) {
          frame.variables.set(s.name, i)
          body(frame)
        }
      }
    }
    case 'while': {
      const [condition, body] = [value(s.condition), block(s.body)]
      return (frame) => {
        while (condition(frame) !== 0) body(frame)
      }
    }
    case 'if': {
      const [condition, then, otherwise] = [value(s.condition), block(s.then), block(s.otherwise)]
      return (frame) => (condition(frame) !== 0 ? then(frame) : otherwise(frame))
    }
    case 'barrier':
      return () => undefined
  }
}

function value(e: Scalar): Value {
  const of = bare(e)
  return rounds(e) ? (frame) => Math.fround(of(frame)) : of
}

function bare(e: Scalar): Value {
  switch (e.op) {
    case 'const':
      return () => e.value
    case 'parameter':
      return (frame) => frame.scalars[e.index]
    case 'variable':
      return (frame) => frame.variables.get(e.name) as number
    case 'load': {
      const index = value(e.index)
      return (frame) => frame.buffers[e.buffer][index(frame)]
    }
    case 'loadLocal': {
      const index = value(e.index)
      return (frame) => (frame.locals.get(e.array) as TypedArray)[index(frame)]
    }
    case 'select': {
      const [condition, a, b] = e.args.map(value)
      return (frame) => (condition(frame) !== 0 ? a(frame) : b(frame))
    }
    case 'cast': {
      const a = value(e.args[0])
      return (frame) => convert(e.dtype, a(frame))
    }
    case 'bitcast': {
      const a = value(e.args[0])
      return (frame) => HELPERS.bitcast(a(frame), e.args[0].dtype, e.dtype)
    }
    default:
      return operation(e)
  }
}

function operation(e: Extract<Scalar, { args: readonly Scalar[] }>): Value {
  const [a, b = a] = e.args.map(value)
  const { dtype } = e.args[0]
  const of = OPERATIONS[e.op]
  const integer = e.dtype === 'int32' || e.dtype === 'uint32'
  if (!integer) return (frame) => of(a(frame), b(frame), dtype)
  return (frame) => convert(e.dtype, of(a(frame), b(frame), dtype))
}

const shiftOut = (b: number) => b >>> 0 > 31

const OPERATIONS: Record<string, (a: number, b: number, dtype: string) => number> = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  round: HELPERS.roundEven,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  logistic: (a) => 1 / (1 + Math.exp(-a)),
  not: (a, _, dtype) => (dtype === 'bool' ? 1 - a : ~a),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b, dtype) => (dtype === 'int32' || dtype === 'uint32' ? Math.imul(a, b) : a * b),
  div: (a, b) => a / b,
  rem: (a, b) => a % b,
  pow: HELPERS.power,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  atan2: (a, b) => Math.atan2(a, b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shiftLeft: (a, b) => (shiftOut(b) ? 0 : a << b),
  shiftRight: (a, b, dtype) => (dtype === 'int32' ? a >> (shiftOut(b) ? 31 : b) : shiftOut(b) ? 0 : a >>> b),
  eq: (a, b) => Number(a === b),
  lt: (a, b) => Number(a < b),
  le: (a, b) => Number(a <= b),
}
