// The codegen tier of a backend: Programs planned as fused kernels, each handed to the backend as scalar IR.

import type { Codegen, CompiledKernel, FusedKernel } from '../backend/backend.js'
import type { Storage } from '../backend/kernel.js'
import type { DType } from '../dtype.js'
import { type Fused, planSteps } from './fuse.js'
import { overwritableInputs } from './in-place.js'
import type { ScalarKernel } from './ir.js'
import { lowerGroup } from './lower.js'

/** What one fused kernel may hold. */
export interface FusionLimits {
  /** Most buffers, inputs and outputs together. */
  readonly buffers: number
  /** Most scalar operations. */
  readonly operations: number
}

/** What `codegen` needs of a backend. */
export interface CodegenSpec {
  /** Code for one kernel. */
  compile(kernel: ScalarKernel): CompiledKernel
  /** An uninitialised buffer for a compiled kernel to fill. */
  allocate(dtype: DType, size: number): Storage
  /** What fits one kernel. */
  readonly limits: FusionLimits
  /** Whether a kernel may be handed one storage as an input and as an output. @defaultValue false */
  readonly inPlace?: boolean
}

/**
 * Makes a backend one that generates code: jit's element-wise chains, movements and reductions become its kernels.
 *
 * @returns the field `codegen` of a `BackendSpec`
 * @example
 * const backend = defineBackend({
 *   name: 'printed',
 *   dtypes: ['float32', 'int32', 'bool'],
 *   sync: true,
 *   write: (data) => data,
 *   read: (storage) => storage as Float32Array,
 *   memory: () => ({ buffers: 0, bytes: 0 }),
 *   codegen: codegen({
 *     compile: (kernel) => {
 *       const run = compileJavaScript(kernel)
 *       return (inputs, outputs, scalars) => run(inputs as Float32Array[], outputs as Float32Array[], scalars)
 *     },
 *     allocate: (dtype, size) => newArray(dtype, size),
 *     limits: { buffers: 8, operations: 64 },
 *   }),
 * })
 */
export function codegen({ compile, allocate, limits, inPlace = false }: CodegenSpec): Codegen {
  return {
    allocate,
    plan: (program) =>
      planSteps(program, limits).map((step) =>
        step.kind === 'fused' ? fusedKernel(step, compile, inPlace) : step.equation,
      ),
  }
}

function fusedKernel(
  { group, outputs: wanted }: Fused,
  compile: CodegenSpec['compile'],
  inPlace: boolean,
): FusedKernel {
  const { kernel, inputs, outputs, literals } = lowerGroup(group, wanted)
  const { site } = group.equations[group.equations.length - 1]
  const overwritable = outputs.map((_, i) => (inPlace ? overwritableInputs(kernel, inputs.length + i) : []))
  return { name: kernel.name, site, inputs, outputs, overwritable, literals, build: () => compile(kernel) }
}
