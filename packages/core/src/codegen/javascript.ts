// Prints kernels of the scalar IR as JavaScript over typed arrays. float32 rounds after each operation, as when run
// one by one; only accumulators keep the digits of a double.

import { type DType, isInteger, newArray, type TypedArray } from '../dtype.js'
import type { Scalar, ScalarKernel, Statement } from './ir.js'
import { pow } from './operations/binary.js'
import { round } from './operations/unary.js'

/** A kernel over typed arrays: inputs, outputs, and the numbers handed in. */
export type ArrayKernel = (
  inputs: readonly TypedArray[],
  outputs: readonly TypedArray[],
  scalars: readonly number[],
) => void

/** The bits of a number under another dtype. */
export function bitcast(a: number, from: DType, to: DType): number {
  BITS[from as 'float32'][0] = a
  return BITS[to as 'float32'][0]
}

const SHARED = new ArrayBuffer(4)
const BITS = { float32: new Float32Array(SHARED), int32: new Int32Array(SHARED), uint32: new Uint32Array(SHARED) }

/** The source of a function body over `inputs`, `outputs`, `scalars` and `helpers`. */
export function printJavaScript(kernel: ScalarKernel): string {
  const reads = kernel.buffers.filter((b) => b.access === 'read').length
  const heads = [
    // Equal text with other dtypes would share one function, and slow it down for all of them.
    `// ${kernel.buffers.map((b) => b.dtype).join(' ')}`,
    ...kernel.buffers.map((_, i) => `const b${i} = ${i < reads ? `inputs[${i}]` : `outputs[${i - reads}]`}`),
    ...kernel.parameters.map(
      (dtype, i) => `const p${i} = ${dtype === 'float32' ? `Math.fround(scalars[${i}])` : `scalars[${i}]`}`,
    ),
    'const { round, pow, bitcast } = helpers',
  ]
  const body = kernel.grid.reduceRight(
    (inside, size, axis) => `for (let g${axis} = 0; g${axis} < ${size}; g${axis}++) {\n${inside}\n}`,
    printBlock(kernel.body),
  )
  return `${heads.join('\n')}\n${body}`
}

/** A kernel as compiled code. @throws EvalError where a content security policy forbids code generation */
export function compileJavaScript(kernel: ScalarKernel): ArrayKernel {
  const fn = new Function('inputs', 'outputs', 'scalars', 'helpers', `'use strict'\n${printJavaScript(kernel)}`)
  return (inputs, outputs, scalars) => fn(inputs, outputs, scalars, { round, pow, bitcast })
}

function printBlock(statements: readonly Statement[]): string {
  return statements.map(printStatement).join('\n')
}

function printStatement(s: Statement): string {
  switch (s.kind) {
    case 'declare':
      return `${s.mutable ? 'let' : 'const'} ${s.name} = ${print(s.value)}`
    case 'assign':
      return `${s.name} = ${bare(s.value)}`
    case 'store':
      return `b${s.buffer}[${print(s.index)}] = ${bare(s.value)}`
    case 'storeLocal':
      return `${s.array}[${print(s.index)}] = ${print(s.value)}`
    case 'array':
      return `const ${s.name} = new ${newArray(s.dtype, 0).constructor.name}(${s.length})`
    case 'loop':
      return `for (let ${s.name} = ${print(s.start)}; ${s.name} < ${print(s.end)}; ${s.name} += ${s.step}) {\n${printBlock(s.body)}\n}`
    case 'while':
      return `while (${print(s.condition)}) {\n${printBlock(s.body)}\n}`
    case 'if':
      return `if (${print(s.condition)}) {\n${printBlock(s.then)}\n}${s.otherwise.length === 0 ? '' : ` else {\n${printBlock(s.otherwise)}\n}`}`
    case 'barrier':
      return ''
  }
}

const INFIX: Record<string, string> = { add: '+', sub: '-', mul: '*', div: '/', rem: '%', and: '&', or: '|', xor: '^' }
const COMPARE: Record<string, string> = { eq: '===', lt: '<', le: '<=' }
/** Operations that JavaScript's `Math` does otherwise. */
const HELPERS = new Set(['round', 'pow'])

/** Operations on float32 whose result is a float32 already. */
const EXACT = new Set(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'max', 'min', 'rem'])

/** Whether an expression must be rounded to be the float32 it stands for. */
export function rounds(e: Scalar): boolean {
  return (
    e.dtype === 'float32' &&
    'args' in e &&
    e.op !== 'select' &&
    e.op !== 'cast' &&
    e.op !== 'bitcast' &&
    !EXACT.has(e.op)
  )
}

function print(e: Scalar): string {
  return rounds(e) ? `Math.fround(${bare(e)})` : bare(e)
}

/** An expression whose last rounding is left to where it goes. */
function bare(e: Scalar): string {
  switch (e.op) {
    case 'const':
      return e.value < 0 || Object.is(e.value, -0) ? `(${Object.is(e.value, -0) ? '-0' : e.value})` : String(e.value)
    case 'parameter':
      return `p${e.index}`
    case 'variable':
      return e.name
    case 'load':
      return `b${e.buffer}[${print(e.index)}]`
    case 'loadLocal':
      return `${e.array}[${print(e.index)}]`
    case 'select':
      return `(${print(e.args[0])} ? ${print(e.args[1])} : ${print(e.args[2])})`
    case 'cast':
      return printCast(print(e.args[0]), e.args[0].dtype, e.dtype)
    case 'bitcast':
      return wrap(`bitcast(${print(e.args[0])}, '${e.args[0].dtype}', '${e.dtype}')`, e.dtype)
    case 'shiftLeft':
    case 'shiftRight':
      return wrap(printShift(e.op, print(e.args[0]), e.args[1], e.dtype), e.dtype)
    default:
      return printOperation(e.op, e.args.map(print), e.args[0].dtype, e.dtype)
  }
}

function printCast(a: string, from: DType, to: DType): string {
  if (from === to) return a
  if (to === 'bool') return `(${a} !== 0 ? 1 : 0)`
  if (to === 'float32' && from !== 'bool') return `Math.fround(${a})`
  return wrap(a, to)
}

/** Integers wrap into their range; floats stay doubles. */
function wrap(a: string, dtype: DType): string {
  return dtype === 'int32' ? `(${a} | 0)` : dtype === 'uint32' ? `(${a} >>> 0)` : a
}

function printOperation(op: string, args: readonly string[], operand: DType, dtype: DType): string {
  const [a, b] = args
  if (op in COMPARE) return `(${a} ${COMPARE[op]} ${b} ? 1 : 0)`
  if (op in INFIX && !(op === 'mul' && isInteger(operand))) return wrap(`(${a} ${INFIX[op]} ${b})`, dtype)
  switch (op) {
    case 'mul':
      return wrap(`Math.imul(${a}, ${b})`, dtype)
    case 'neg':
      return wrap(`(-${a})`, dtype)
    case 'not':
      return operand === 'bool' ? `(1 - ${a})` : wrap(`(~${a})`, dtype)
    case 'logistic':
      return `(1 / (1 + Math.exp(-${a})))`
    default:
      return wrap(`${HELPERS.has(op) ? '' : 'Math.'}${op}(${args.join(', ')})`, dtype)
  }
}

/** Shifts by 32 and more push everything out, where JavaScript would start again from 0. */
function printShift(op: 'shiftLeft' | 'shiftRight', a: string, amount: Scalar, dtype: DType): string {
  const b = print(amount)
  const inside = amount.op === 'const' && amount.value >= 0 && amount.value < 32
  if (op === 'shiftLeft') return inside ? `(${a} << ${b})` : `(${b} >>> 0 > 31 ? 0 : ${a} << ${b})`
  if (dtype === 'int32') return inside ? `(${a} >> ${b})` : `(${a} >> (${b} >>> 0 > 31 ? 31 : ${b}))`
  return inside ? `(${a} >>> ${b})` : `(${b} > 31 ? 0 : ${a} >>> ${b})`
}
