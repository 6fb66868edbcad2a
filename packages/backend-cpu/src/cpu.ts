// The CPU backend: kernels specialised per signature over arrays and a WebAssembly heap, fused groups as generated code.

import type { Backend, CpuKernelApi, CpuKernelFactory, Kernel, Primitive } from '@adjoint/core'
import { defineBackend } from '@adjoint/core'
import { codegen } from '@adjoint/core/codegen'
import { fromFactory } from './adapter.js'
import type { CpuOptions } from './api.js'
import { createCompiler } from './compiler.js'
import { fusesProducts, possible } from './environment.js'
import { registerStore } from './internals.js'
import { elementwise } from './kernels/elementwise.js'
import { gemm, type ProductTools } from './kernels/matmul/product.js'
import { type WasmProducts, wasmProducts } from './kernels/matmul/wasm-product.js'
import { kernelTable } from './kernels/table.js'
import { createScratch } from './scratch.js'
import { createStore } from './storage.js'

/**
 * Makes a CPU backend of its own, with its own caches.
 *
 * @example
 * const strict = createCpu({ codeGeneration: 'none' })   // as on a page whose policy forbids generated code
 * withBackend(strict, () => ones([2]).add(1).dataSync())   // Float32Array [2, 2]
 */
export function createCpu(options: CpuOptions = {}): Backend {
  const { name = 'cpu' } = options
  // What is possible is asked when the backend is first used: making it must not compile anything.
  const parts = once(() => makeParts(options))
  const backend = defineBackend({
    name,
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    sync: true,
    write: (data, dtype, borrowed) => parts().store.write(data, dtype, borrowed),
    read: (storage) => parts().store.read(storage),
    release: (storage) => parts().store.release(storage),
    memory: () => ({ buffers: 0, bytes: 0 }),
    find: (primitive) => parts().find(primitive),
    codegen: codegen({
      compile: (kernel) => {
        const { api, scratch, store } = parts()
        const run = api.compile(kernel)
        return (inputs, outputs, scalars) => {
          const operands = store.operands(inputs, outputs)
          scratch.reset()
          run(operands.inputs, operands.outputs, scalars)
        }
      },
      allocate: (dtype, size) => parts().store.allocate(dtype, size),
      limits: { buffers: 32, operations: 256 },
      inPlace: true,
    }),
  })
  registerStore(backend, () => parts().store)
  return backend
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function makeParts({
  codeGeneration: wanted = 'webassembly',
  heapBytes = 2 ** 30,
  poolBytes = 2 ** 28,
  relaxedSimd = false,
  webassemblyFrom = 1024,
}: CpuOptions) {
  // Kernels in WebAssembly work on the heap.
  const codeGeneration = possible(heapBytes === 0 && wanted === 'webassembly' ? 'javascript' : wanted)
  const inHeap = codeGeneration === 'webassembly'
  const store = createStore(inHeap ? heapBytes : 0, poolBytes, inHeap && relaxedSimd && fusesProducts())
  const scratch = createScratch(store.heap)
  let products: WasmProducts | undefined
  const tools: ProductTools = {
    scratch: scratch.take,
    during: scratch.during,
    wasm: () => {
      const heap = store.heap()
      if (products?.heap !== heap) products = heap === null ? undefined : wasmProducts(heap)
      return products ?? null
    },
  }
  const api: CpuKernelApi = {
    get memory() {
      return store.heap()?.memory ?? null
    },
    scratch: scratch.take,
    compile: createCompiler(codeGeneration, store.heap, webassemblyFrom),
    gemm: (options) => gemm(options, tools),
  }
  const factories = kernelTable(tools)
  const kernels = new WeakMap<Primitive, Kernel>()

  function find(primitive: Primitive): Kernel | undefined {
    const known = kernels.get(primitive)
    if (known !== undefined) return known
    const factory = primitive.kernels?.cpu ?? factories.get(primitive.name) ?? generated(primitive)
    if (factory === undefined) return undefined
    const kernel = fromFactory({ api, store, scratch }, primitive.name, factory as CpuKernelFactory<object>)
    kernels.set(primitive, kernel)
    return kernel
  }

  return { api, find, scratch, store }
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

/**
 * The CPU backend: every primitive in float32, float64, int32, uint32 and bool, read synchronously.
 *
 * @example
 * setBackend(cpu)
 */
export const cpu: Backend = /* @__PURE__ */ createCpu()
