// A backend that is a printer: kernels of the scalar IR become JavaScript. It has no kernel of its own; eager element-wise
// operations are kernels of one operation, jit's fused groups are larger ones, and what does not fuse runs on the host.

import {
  type Backend,
  type CompiledKernel,
  type DType,
  defineBackend,
  type Kernel,
  type KernelCall,
  type Primitive,
  type Scalar,
  type ScalarKernel,
  type Shape,
  type Statement,
  type TypedArray,
} from '@adjoint/core'
import { codegen } from '@adjoint/core/codegen'

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
}

/**
 * A codegen-tier backend: all dtypes, every element-wise primitive and every fused group as generated JavaScript.
 *
 * @example
 * const x = tensor([1, 2], { backend: createCodegenTier() })
 * jit((v: Tensor) => v.mul(v).add(1).sum())(x).item()   // 7
 */
export function createCodegenTier({ name = 'codegen-tier' }: { readonly name?: string } = {}): Backend {
  const kernels = new Map<string, Kernel>()
  return defineBackend({
    name,
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    sync: true,
    write: (data) => data,
    read: (storage) => storage as TypedArray,
    memory: () => ({ buffers: 0, bytes: 0 }),
    codegen: codegen({
      compile,
      allocate: (dtype, size) => new ARRAYS[dtype](size),
      limits: { buffers: 8, operations: 64 },
    }),
    find: (primitive, call) => {
      if (primitive.scalar === undefined) return undefined
      const key = `${primitive.name} ${call.inputs.map(text)} ${call.outputs.map(text)} ${JSON.stringify(call.params)}`
      const kernel = kernels.get(key) ?? eagerKernel(primitive, call)
      kernels.set(key, kernel)
      return kernel
    },
  })
}

function text({ dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): string {
  return `${dtype}[${shape}]`
}

/** One element-wise operation as a kernel: for each output element, load the operands, compute, store. */
function eagerKernel(primitive: Primitive, { inputs, outputs: [out], params }: KernelCall): Kernel {
  const loads = inputs.map(
    (x, buffer): Scalar => ({ op: 'load', buffer, index: place(strides(x.shape, out.shape)), dtype: x.dtype }),
  )
  const value = primitive.scalar?.(loads, params, out.dtype) as Scalar
  const compiled = compile({
    name: primitive.name,
    buffers: [
      ...inputs.map((x) => ({ dtype: x.dtype, size: sizeOf(x.shape), access: 'read' as const })),
      { dtype: out.dtype, size: sizeOf(out.shape), access: 'write' },
    ],
    parameters: [],
    grid: out.shape,
    workgroup: 1,
    body: [{ kind: 'store', buffer: inputs.length, index: place(strides(out.shape, out.shape)), value }],
  })
  return (storages) => {
    const result = new ARRAYS[out.dtype](sizeOf(out.shape))
    compiled(storages, [result], [])
    return [result]
  }
}

/** The offset of the current grid point under strides, as an expression. */
function place(steps: readonly number[]): Scalar {
  const int = (value: number): Scalar => ({ op: 'const', value, dtype: 'int32' })
  const terms = steps.flatMap((step, axis): Scalar[] => {
    const index: Scalar = { op: 'variable', name: `g${axis}`, dtype: 'int32' }
    return step === 0 ? [] : [{ op: 'mul', args: [index, int(step)], dtype: 'int32' }]
  })
  return terms.reduce((a, b): Scalar => ({ op: 'add', args: [a, b], dtype: 'int32' }), int(0))
}

function sizeOf(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1)
}

function strides(shape: Shape, target: Shape): number[] {
  const lead = target.length - shape.length
  return target.map((n, axis) =>
    axis < lead || (shape[axis - lead] === 1 && n !== 1) ? 0 : sizeOf(shape.slice(axis - lead + 1)),
  )
}

/** The printer, part one: a kernel is a nest of loops over its grid around its body. */
function compile(kernel: ScalarKernel): CompiledKernel {
  if (kernel.workgroup !== 1)
    throw new Error(`kernel '${kernel.name}' wants ${kernel.workgroup} threads together; JavaScript has one`)
  const buffers = kernel.buffers.map((_, i) => `b${i}`)
  const numbers = kernel.parameters.map((_, i) => `p${i}`)
  const loops = kernel.grid.map((n, axis) => `for (let g${axis} = 0; g${axis} < ${n}; g${axis}++)`).join(' ')
  const code = `const [${buffers}] = buffers; const [${numbers}] = numbers\n${loops} {\n${block(kernel.body)}\n}`
  const run = new Function('buffers', 'numbers', 'device', code)
  return (inputs, outputs, scalars) => run([...inputs, ...outputs], scalars, DEVICE)
}

/** Part two: statements. */
function block(statements: readonly Statement[]): string {
  return statements.map(statement).join('\n')
}

function statement(s: Statement): string {
  switch (s.kind) {
    case 'declare':
      return `let ${s.name} = ${scalar(s.value)}`
    case 'assign':
      return `${s.name} = ${scalar(s.value)}`
    case 'store':
      return `b${s.buffer}[${scalar(s.index)}] = ${scalar(s.value)}`
    case 'storeLocal':
      return `${s.array}[${scalar(s.index)}] = ${scalar(s.value)}`
    case 'array':
      return `const ${s.name} = new ${ARRAYS[s.dtype].name}(${s.length})`
    case 'loop':
      return `for (let ${s.name} = ${scalar(s.start)}; ${s.name} < ${scalar(s.end)}; ${s.name} += ${s.step}) {\n${block(s.body)}\n}`
    case 'while':
      return `while (${scalar(s.condition)}) {\n${block(s.body)}\n}`
    case 'if':
      return `if (${scalar(s.condition)}) {\n${block(s.then)}\n} else {\n${block(s.otherwise)}\n}`
    case 'barrier':
      return ''
  }
}

/** Part three: expressions. Each comes out in the range of its dtype. */
function scalar(e: Scalar): string {
  switch (e.op) {
    case 'const':
      return Object.is(e.value, -0) ? '(-0)' : `(${e.value})`
    case 'parameter':
      return `p${e.index}`
    case 'variable':
      return e.name
    case 'load':
      return `b${e.buffer}[${scalar(e.index)}]`
    case 'loadLocal':
      return `${e.array}[${scalar(e.index)}]`
    case 'select':
      return `(${scalar(e.args[0])} ? ${scalar(e.args[1])} : ${scalar(e.args[2])})`
    case 'bitcast':
      return `device.bitcast(${scalar(e.args[0])}, '${e.args[0].dtype}', '${e.dtype}')`
    case 'cast':
      return inRange(scalar(e.args[0]), e.dtype)
    default:
      return inRange(operation(e.op, e.args.map(scalar), e.args[0].dtype), e.dtype)
  }
}

/** Wraps integers, rounds float32, makes bools 0 or 1. */
function inRange(a: string, dtype: DType): string {
  switch (dtype) {
    case 'bool':
      return `(+(${a} != 0))`
    case 'int32':
      return `(${a} | 0)`
    case 'uint32':
      return `(${a} >>> 0)`
    case 'float32':
      return `Math.fround(${a})`
    case 'float64':
      return `(${a})`
  }
}

const INFIX: Record<string, string> = {
  add: '+',
  sub: '-',
  div: '/',
  rem: '%',
  and: '&',
  or: '|',
  xor: '^',
  eq: '===',
  lt: '<',
  le: '<=',
}

function operation(op: string, [a, b]: readonly string[], operand: DType): string {
  const integer = operand === 'int32' || operand === 'uint32'
  if (op in INFIX) return `(${a} ${INFIX[op]} ${b})`
  switch (op) {
    case 'neg':
      return `(-${a})`
    case 'not':
      return operand === 'bool' ? `(1 - ${a})` : `(~${a})`
    case 'mul':
      return integer ? `Math.imul(${a}, ${b})` : `(${a} * ${b})`
    case 'logistic':
    case 'round':
    case 'shiftLeft':
      return `device.${op}(${a}, ${b})`
    case 'shiftRight':
      return operand === 'int32' ? `(${a} >> Math.min(${b} >>> 0, 31))` : `(${b} > 31 ? 0 : ${a} >>> ${b})`
    case 'pow':
      return `device.pow(${a}, ${b})`
    default:
      return b === undefined ? `Math.${op}(${a})` : `Math.${op}(${a}, ${b})`
  }
}

const WORD = new ArrayBuffer(4)
const WORDS = { float32: new Float32Array(WORD), int32: new Int32Array(WORD), uint32: new Uint32Array(WORD) }

/** What JavaScript has no operator or function for. */
const DEVICE = {
  logistic: (a: number) => 1 / (1 + Math.exp(-a)),
  round: (a: number) => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a)),
  shiftLeft: (a: number, b: number) => (b >>> 0 > 31 ? 0 : a << b),
  pow: (a: number, b: number) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
  bitcast(a: number, from: 'float32', to: 'float32') {
    WORDS[from][0] = a
    return WORDS[to][0]
  },
}
