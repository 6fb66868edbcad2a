// A kernel of the scalar IR as a WebAssembly module over the heap: `run(pointers..., parameters...)`.

import type { DType, TypedArray } from '@adjoint/core'
import type { ArrayKernel, Scalar, ScalarKernel, Statement } from '@adjoint/core/codegen'
import type { Heap } from '../heap/heap.js'
import { lend, takeBack } from '../heap/loan.js'
import { type Runner, sharedKernel } from '../threads/shared-kernel.js'
import type { ConstantPool } from '../wasm/constants.js'
import { instantiate } from '../wasm/instance.js'
import { ModuleBuilder } from '../wasm/module.js'
import { fusing } from '../wasm/value.js'
import { Emitter } from './emitter.js'
import { HOST } from './host.js'
import { inParts } from './in-parts.js'
import { typeOf } from './scalar.js'

/** Whether a kernel can become WebAssembly: all but those with arrays of their own or with threads that meet. */
export function isCompilable({ body, workgroup }: ScalarKernel): boolean {
  return workgroup === 1 && body.every(isCompilableStatement)
}

function isCompilableStatement(s: Statement): boolean {
  switch (s.kind) {
    case 'declare':
    case 'assign':
      return isCompilableScalar(s.value)
    case 'store':
      return isCompilableScalar(s.index) && isCompilableScalar(s.value)
    case 'loop':
      return [s.start, s.end].every(isCompilableScalar) && s.body.every(isCompilableStatement)
    case 'while':
      return isCompilableScalar(s.condition) && s.body.every(isCompilableStatement)
    case 'if':
      return isCompilableScalar(s.condition) && [...s.then, ...s.otherwise].every(isCompilableStatement)
    default:
      return false
  }
}

const WORDS: readonly DType[] = ['float32', 'int32', 'uint32']
const ARITHMETIC: readonly string[] = ['add', 'sub', 'mul', 'div', 'rem', 'neg', 'abs', 'sign']

function isCompilableScalar(x: Scalar): boolean {
  if (x.op === 'loadLocal') return false
  if (x.op === 'load') return isCompilableScalar(x.index)
  if (!('args' in x)) return true
  // Sums of bools are not bools, and masks cannot hold them.
  if (x.dtype === 'bool' && ARITHMETIC.includes(x.op)) return false
  const words = x.op !== 'bitcast' || [x.dtype, x.args[0].dtype].every((dtype) => WORDS.includes(dtype))
  return words && x.args.every(isCompilableScalar)
}

/** The module of a kernel. */
export function kernelModule(kernel: ScalarKernel, pool: ConstantPool | null, shared = false): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', shared)
  const params = [...kernel.buffers.map(() => 'i32' as const), ...kernel.parameters.map(typeOf)]
  const run = module.function(params, [], (code) => new Emitter(kernel, module, code, pool).emit())
  module.export('run', run)
  return module.bytes()
}

/** A kernel over arrays; false where the heap has no room for those that lie outside it. */
export type HeapKernel = (...args: Parameters<ArrayKernel>) => boolean

/** Compiles a kernel for a heap. */
export function compileKernel(kernel: ScalarKernel, heap: Heap): HeapKernel {
  const run = inPartsOrWhole(kernel, heap)
  return (inputs, outputs, scalars) => {
    const start = heap.mark()
    const pointers: number[] = []
    for (let i = 0; i < inputs.length; i++) pointers.push(lend(heap, inputs[i]))
    for (let i = 0; i < outputs.length; i++) pointers.push(lend(heap, outputs[i]))
    const fits = !pointers.includes(-1) && run(pointers, scalars, longest(inputs, outputs))
    if (fits) for (let i = 0; i < outputs.length; i++) takeBack(heap, outputs[i], pointers[inputs.length + i])
    heap.giveBack(start)
    return fits
  }
}

/** Runs a kernel on pointers; false where the heap has no room for what lies between its parts. */
type PointerKernel = (...args: Parameters<Runner>) => boolean

function inPartsOrWhole(kernel: ScalarKernel, heap: Heap): PointerKernel {
  const cut = inParts(kernel)
  const whole = once(() => runnerOf(kernel, heap))
  const runWhole: PointerKernel = (...args) => {
    whole()(...args)
    return true
  }
  if (cut === null) {
    whole()
    return runWhole
  }
  const [parts, finish] = [cut.parts, cut.finish].map((part) => once(() => runnerOf(part, heap)))
  return (pointers, scalars, elements) => {
    const count = cut.count(scalars)
    if (count === 0) return runWhole(pointers, scalars, elements)
    const totals = cut.totals.map(() => heap.borrow(8 * count))
    if (totals.includes(-1)) return false
    const [all, numbers] = [pointers.concat(totals), scalars.concat(count)]
    parts()(all, numbers, elements)
    finish()(all, numbers, count)
    return true
  }
}

function runnerOf(kernel: ScalarKernel, heap: Heap): Runner {
  const moduleOf = (part: ScalarKernel) => fusing(heap.fusesProducts, () => kernelModule(part, heap, heap.shared))
  const { run } = instantiate(moduleOf(kernel), heap.memory, HOST)
  if (heap.team !== null) return sharedKernel(kernel, heap.team, run, moduleOf)
  return (pointers, scalars) => void run(...pointers, ...scalars)
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function longest(inputs: readonly TypedArray[], outputs: readonly TypedArray[]): number {
  let out = 0
  for (let i = 0; i < inputs.length; i++) out = Math.max(out, inputs[i].length)
  for (let i = 0; i < outputs.length; i++) out = Math.max(out, outputs[i].length)
  return out
}
