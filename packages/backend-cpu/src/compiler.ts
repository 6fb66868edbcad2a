// Kernels of the scalar IR as functions over arrays: WebAssembly for large ones, JavaScript for small ones, or interpreted.

import type { CpuKernelApi, TypedArray } from '@adjoint/core'
import type { ArrayKernel, ScalarKernel } from '@adjoint/core/codegen'
import { compileJavaScript, interpretKernel, printJavaScript } from '@adjoint/core/codegen'
import { compileKernel, type HeapKernel, isCompilable } from './codegen/kernel.js'
import { type CodeGeneration, possible } from './environment.js'
import type { Heap } from './heap/heap.js'

/** Different kernels whose code is kept. */
const MOST_KERNELS = 2048

/** Compiles by dtypes and text: kernels of different shapes mostly print alike. */
export function createCompiler(
  codeGeneration: CodeGeneration,
  heap: () => Heap | null,
  webassemblyFrom: number,
): CpuKernelApi['compile'] {
  const made = new Map<string, ArrayKernel>()
  // A page may allow WebAssembly and forbid code from text: then WebAssembly serves small operands too.
  const fromText = codeGeneration !== 'none' && possible('javascript') === 'javascript'
  const scalarCode = fromText ? compileJavaScript : interpretKernel
  const from = fromText ? webassemblyFrom : 0
  return (kernel) => {
    const text = `${kernel.buffers.map((b) => b.dtype)};${kernel.parameters}\n${printJavaScript(kernel)}`
    let run = made.get(text)
    if (run === undefined) {
      if (made.size >= MOST_KERNELS) made.clear()
      const inModule = codeGeneration === 'webassembly' && isCompilable(kernel)
      run = inModule ? bySize(kernel, heap, from, scalarCode) : scalarCode(kernel)
      made.set(text, run)
    }
    return run
  }
}

/** Both kinds of code, each made when first needed. */
function bySize(
  kernel: ScalarKernel,
  heap: () => Heap | null,
  from: number,
  scalarCode: (kernel: ScalarKernel) => ArrayKernel,
): ArrayKernel {
  let small: ArrayKernel | undefined
  let large: HeapKernel | undefined
  let place: Heap | null = null
  const compile = () => {
    place = heap() as Heap
    large = compileKernel(kernel, place)
    return large
  }
  // What is known to be large is compiled with its Program, whose cost it is.
  if (kernel.buffers.some(({ size }) => size >= from)) compile()
  return (inputs, outputs, scalars) => {
    if (isLarge(inputs, from) || isLarge(outputs, from)) {
      // Threads come with a heap of their own.
      const run = large === undefined || place !== heap() ? compile() : large
      if (run(inputs, outputs, scalars)) return
    }
    small ??= scalarCode(kernel)
    small(inputs, outputs, scalars)
  }
}

function isLarge(arrays: readonly TypedArray[], from: number): boolean {
  for (let i = 0; i < arrays.length; i++) if (arrays[i].length >= from) return true
  return false
}
