// One equation as a fused group of its own: element-wise operations, reductions, broadcasts, transpositions, iota.

import type { Atom, FusedKernel, KernelCall, Primitive, Program, Variable } from '@adjoint/core'
import { codegen, sizeOf } from '@adjoint/core/codegen'
import type { Engine } from '../engine.js'
import type { Run } from './table.js'

/** The kernel that a Program of this one call would run. */
export function fusedAlone(engine: Engine, primitive: Primitive, { inputs, outputs, params }: KernelCall): Run {
  const variable = ({ shape, dtype }: Pick<Variable, 'shape' | 'dtype'>): Variable => ({
    kind: 'variable',
    shape,
    dtype,
  })
  const ins = inputs.map(variable)
  const outs = outputs.map(variable)
  const program: Program = {
    inputs: ins,
    equations: [{ primitive, inputs: ins, outputs: outs, params }],
    outputs: outs,
  }
  const { plan } = codegen({
    compile: (kernel) => engine.compile(kernel),
    allocate: (_, size) => engine.allocate(size),
    limits: { buffers: engine.device.limits.maxStorageBuffersPerShaderStage, operations: 1 },
  })
  const fused = plan(program)[0] as FusedKernel
  const run = fused.build()
  const places = fused.inputs.map((v) => ins.indexOf(v as Atom as Variable))
  const sizes = fused.outputs.map((v) => sizeOf(v.shape))
  return (storages) => {
    const results = sizes.map((size) => engine.allocate(size))
    run(
      places.map((i) => storages[i]),
      results,
      [],
    )
    return results
  }
}
