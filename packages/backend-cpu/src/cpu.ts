// The CPU backend: typed arrays, kernels specialised per signature, fused groups as generated JavaScript.

import type { ArrayStorage, Backend, CpuKernelApi, CpuKernelFactory, Kernel, Primitive } from '@adjoint/core'
import { defineBackend } from '@adjoint/core'
import type { ArrayKernel } from '@adjoint/core/codegen'
import { compileJavaScript, interpretKernel, printJavaScript } from '@adjoint/core/codegen'
import { arraysOf, fromFactory } from './adapter.js'
import type { CpuOptions } from './api.js'
import { elementwise } from './kernels/elementwise.js'
import { gemm } from './kernels/matmul/product.js'
import { kernelTable } from './kernels/table.js'
import { arrayPool } from './pool.js'
import { createScratch } from './scratch.js'

/** Different kernels whose code is kept. */
const MOST_KERNELS = 2048

/**
 * Makes a CPU backend of its own, with its own caches.
 *
 * @example
 * const strict = createCpu({ codeGeneration: false })   // as on a page whose policy forbids eval
 * withBackend(strict, () => ones([2]).add(1).dataSync())   // Float32Array [2, 2]
 */
export function createCpu({ name = 'cpu', codeGeneration = true, poolBytes = 1 << 28 }: CpuOptions = {}): Backend {
  const pool = arrayPool(poolBytes)
  const scratch = createScratch()
  const compile = cachedCompiler(codeGeneration)
  const api: CpuKernelApi = {
    memory: null,
    scratch: scratch.take,
    compile,
    gemm: (options) => gemm(options, scratch.take),
  }
  const factories = kernelTable()
  const kernels = new WeakMap<Primitive, Kernel>()

  function find(primitive: Primitive): Kernel | undefined {
    const known = kernels.get(primitive)
    if (known !== undefined) return known
    const factory = primitive.kernels?.cpu ?? factories.get(primitive.name) ?? generated(primitive)
    if (factory === undefined) return undefined
    const kernel = fromFactory({ api, pool, scratch }, factory as CpuKernelFactory<object>)
    kernels.set(primitive, kernel)
    return kernel
  }

  return defineBackend({
    name,
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    sync: true,
    write: (data): ArrayStorage => ({ kind: 'array', data }),
    read: (storage) => (storage as ArrayStorage).data,
    allocate: pool.allocate,
    release: (storage) => pool.release(storage as ArrayStorage),
    memory: () => ({ buffers: 0, bytes: 0 }),
    find,
    compile: (kernel) => {
      const run = compile(kernel)
      return (inputs, outputs, scalars) => run(arraysOf(inputs), arraysOf(outputs), scalars)
    },
    fusion: { buffers: 32, operations: 256 },
  })
}

/** The kernel of a primitive that says what it does in the scalar IR. */
function generated({ name, scalar, kernels }: Primitive): CpuKernelFactory<object> | undefined {
  const rule = kernels?.ir
  if (rule !== undefined) {
    return (api, call) => {
      const run = api.compile(rule(call))
      return (inputs, outputs) => run(inputs, outputs, [])
    }
  }
  return scalar === undefined ? undefined : elementwise(name, scalar)
}

/** Code by dtypes and text: kernels of different shapes mostly print alike. */
function cachedCompiler(codeGeneration: boolean): CpuKernelApi['compile'] {
  const made = new Map<string, ArrayKernel>()
  return (kernel) => {
    const text = `${kernel.buffers.map((b) => b.dtype)}\n${printJavaScript(kernel)}`
    let run = made.get(text)
    if (run === undefined) {
      if (made.size >= MOST_KERNELS) made.clear()
      run = codeGeneration && canGenerate() ? compileJavaScript(kernel) : interpretKernel(kernel)
      made.set(text, run)
    }
    return run
  }
}

let generates: boolean | undefined

/** Whether the page's content security policy lets code be made from text; asked once. */
function canGenerate(): boolean {
  if (generates !== undefined) return generates
  try {
    generates = typeof new Function('') === 'function'
  } catch {
    generates = false
  }
  return generates
}

/**
 * The CPU backend: every primitive in float32, float64, int32, uint32 and bool, read synchronously.
 *
 * @example
 * setBackend(cpu)
 */
export const cpu: Backend = /* @__PURE__ */ createCpu()
