// Runs kernels of the scalar IR without generating code, for pages whose policy forbids it: a tree of closures.

import { convert, type DType, isInteger, newArray, type TypedArray } from '../dtype.js'
import type { BinaryOp, CompareOp, Scalar, ScalarKernel, Statement, UnaryOp } from './ir.js'
import { type ArrayKernel, bitcast, rounds } from './javascript.js'
import * as binary from './operations/binary.js'
import * as compare from './operations/compare.js'
import * as unary from './operations/unary.js'

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
  return (inputs, outputs, numbers) => {
    const scalars = kernel.parameters.map((dtype, i) => convert(dtype, numbers[i]))
    run({ buffers: [...inputs, ...outputs], scalars, variables: new Map(), locals: new Map() })
  }
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
      return (frame) => bitcast(a(frame), e.args[0].dtype, e.dtype)
    }
    default:
      return operation(e)
  }
}

function operation(e: Extract<Scalar, { op: UnaryOp | BinaryOp | CompareOp }>): Value {
  const [a, b = a] = e.args.map(value)
  const { dtype } = e.args[0]
  const of = OPERATIONS[e.op]
  if (!isInteger(e.dtype)) return (frame) => of(a(frame), b(frame), dtype)
  return (frame) => convert(e.dtype, of(a(frame), b(frame), dtype))
}

const OPERATIONS: Readonly<Record<string, (a: number, b: number, operand: DType) => number>> = {
  ...unary,
  ...binary,
  ...compare,
}
