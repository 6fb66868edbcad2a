// What the algorithms of this package stand on: float64 work space and a matrix product, from a backend or plain.

import type { CpuKernelFactory, GemmOptions, KernelCall, ReferenceRule, TypedArray } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'

/** What an algorithm is handed. */
export interface Tools {
  /** Arbitrary contents; valid until the kernel returns. */
  scratch(length: number): Float64Array
  /** `c += alpha * a b`. Never called with one row or one column: those have loops of their own. */
  gemm(options: GemmOptions): void
}

/** Fills the outputs from the inputs; floats are always Float64Array. */
export type Run = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void

/** An algorithm specialised to shapes and parameters. */
export type Algorithm<P> = (tools: Tools, call: KernelCall<P>) => Run

/** The algorithm as a kernel of the CPU backend; float32 is computed in float64 and rounded once. */
export function cpuKernel<P extends object>(algorithm: Algorithm<P>): CpuKernelFactory<P> {
  return (api, call) => {
    const scratch = (length: number) => api.scratch('float64', length) as Float64Array
    const run = algorithm({ scratch, gemm: api.gemm }, call)
    if ([...call.inputs, ...call.outputs].every(({ dtype }) => dtype !== 'float32')) return run
    const wide = (x: TypedArray) => (x instanceof Float32Array ? scratch(x.length) : x)
    return (inputs, outputs) => {
      const results = outputs.map(wide)
      const operands = inputs.map(wide)
      for (let i = 0; i < inputs.length; i++) if (operands[i] !== inputs[i]) operands[i].set(inputs[i])
      run(operands, results)
      for (let i = 0; i < outputs.length; i++) if (results[i] !== outputs[i]) outputs[i].set(results[i])
    }
  }
}

/** The algorithm as a reference rule, on a matrix product of three plain loops. */
export function referenceRule<P extends object>(algorithm: Algorithm<P>): ReferenceRule<P> {
  return (inputs, params, outputs) => {
    const results = outputs.map(({ dtype, shape }) =>
      dtype === 'int32' ? new Int32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape)),
    )
    const run = algorithm(
      { scratch: (length) => new Float64Array(length), gemm: plainGemm },
      { inputs, outputs, params },
    )
    run(
      inputs.map((x) => x.data),
      results,
    )
    return results
  }
}

/** The product in three plain loops. */
export function plainGemm({
  m,
  n,
  k,
  alpha,
  a,
  aOffset,
  aStrides,
  b,
  bOffset,
  bStrides,
  c,
  cOffset,
  cStride,
}: GemmOptions): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let total = 0
      for (let p = 0; p < k; p++) {
        total += a[aOffset + i * aStrides[0] + p * aStrides[1]] * b[bOffset + p * bStrides[0] + j * bStrides[1]]
      }
      c[cOffset + i * cStride + j] += alpha * total
    }
  }
}

/**
 * Runs `one` for each matrix of a batch. Work space is taken once: each matrix finds the arrays of the one before it, in
 * the order of its requests.
 */
export function forEachMatrix(tools: Tools, batch: number, one: (i: number, tools: Tools) => void): void {
  const taken: Float64Array[] = []
  let next = 0
  const scratch = (length: number) => {
    if (next === taken.length || taken[next].length < length) taken[next] = tools.scratch(length)
    return taken[next++]
  }
  const reusing = { scratch, gemm: tools.gemm }
  for (let i = 0; i < batch; i++) {
    next = 0
    one(i, reusing)
  }
}

/** Whether all numbers are finite: those that are not make every factorisation NaN, with info -1. */
export function allFinite(x: Float64Array, at: number, count: number): boolean {
  // A product with 0 is NaN for what is not finite, and sums carry it on.
  let total = 0
  for (let i = at; i < at + count; i++) total += x[i] * 0
  return total === 0
}
