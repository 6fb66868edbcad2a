// Vectorisation: tracers hold a whole batch along axis 0 and look like one lane; primitives batch by their own rule.

import type { Backend } from '../backend/backend.js'
import { beside } from '../backend/current.js'
import { AdjointError } from '../error.js'
import type { Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Trace } from '../runtime.js'
import { type Tensor, tracer } from '../tensor.js'

/** @internal */
export class BatchTrace implements Trace {
  readonly level: number
  readonly size: number
  alive = true

  constructor(level: number, size: number) {
    this.level = level
    this.size = size
  }

  /** A tracer for one lane of `batch`, whose axis 0 counts the lanes. */
  lane(batch: Tensor): Tensor {
    return tracer({ shape: batch.shape.slice(1), dtype: batch.dtype, weak: batch.weak }, this, batch)
  }

  isBatched(x: Tensor): boolean {
    return x.trace === this
  }

  batchOf(x: Tensor): Tensor {
    return x.trace === this ? (x.payload as Tensor) : x
  }

  backendOf(x: Tensor): Backend {
    return this.batchOf(x).backend
  }

  process(primitive: Primitive, inputs: readonly Tensor[], params: object): readonly Tensor[] {
    if (primitive.vmap === undefined) {
      const program = primitive.program?.(params)
      if (program !== undefined) return evaluateProgram(program, inputs)
      throw new AdjointError('missing-rule', {
        fn: primitive.name,
        given: 'a batch from vmap',
        expected: 'a primitive with a vmap rule',
        fix: 'Give definePrimitive a `vmap`, or loop over the lanes',
      })
    }
    const rule = primitive.vmap
    const batches = inputs.map((x) => this.batchOf(x))
    const marks = inputs.map((x) => this.isBatched(x))
    const outputs = beside(batches, () => rule(batches, marks, this.size, params))
    return outputs.map((out) => this.lane(out))
  }
}
