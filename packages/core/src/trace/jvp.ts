// Forward differentiation: tracers pair a primal with its tangent; each primitive pushes tangents by its own rule.

import type { Backend } from '../backend/backend.js'
import { beside } from '../backend/current.js'
import { bind } from '../bind.js'
import { isFloat } from '../dtype.js'
import { AdjointError } from '../error.js'
import type { MaybeZero, Primitive } from '../primitive.js'
import type { ReadableTrace } from '../reading.js'
import { formatAval } from '../shape.js'
import { type Tensor, tracer } from '../tensor.js'

interface Dual {
  readonly primal: Tensor
  readonly tangent: MaybeZero
}

/** @internal */
export class JvpTrace implements ReadableTrace {
  readonly level: number
  alive = true

  constructor(level: number) {
    this.level = level
  }

  /** A tracer of this trace; without a tangent, the primal itself. */
  dual(primal: Tensor, tangent: MaybeZero): Tensor {
    return tangent === null ? primal : tracer(primal, this, { primal, tangent } satisfies Dual)
  }

  primalOf(x: Tensor): Tensor {
    return x.trace === this ? (x.payload as Dual).primal : x
  }

  tangentOf(x: Tensor): MaybeZero {
    return x.trace === this ? (x.payload as Dual).tangent : null
  }

  backendOf(x: Tensor): Backend {
    return this.primalOf(x).backend
  }

  process(primitive: Primitive, inputs: readonly Tensor[], params: object): readonly Tensor[] {
    const primals = inputs.map((x) => this.primalOf(x))
    return beside(primals, () => this.push(primitive, inputs, primals, params))
  }

  private push(
    primitive: Primitive,
    inputs: readonly Tensor[],
    primals: readonly Tensor[],
    params: object,
  ): readonly Tensor[] {
    const tangents = inputs.map((x) => this.tangentOf(x))
    if (primitive.jvpWithOutputs !== undefined) {
      const { outputs, tangents: pushed } = primitive.jvpWithOutputs(primals, tangents, params)
      return outputs.map((out, i) => this.dual(out, pushed[i]))
    }
    const outputs = bind(primitive, primals, params)
    if (primitive.jvp === undefined) {
      if (!outputs.some((out) => isFloat(out.dtype))) return outputs
      throw noRule(primitive.name, primals)
    }
    const pushed = primitive.jvp(primals, tangents, outputs, params)
    return outputs.map((out, i) => this.dual(out, pushed[i]))
  }
}

function noRule(fn: string, inputs: readonly Tensor[]): AdjointError {
  return new AdjointError('missing-rule', {
    fn,
    given: `a derivative with respect to ${inputs.map(formatAval).join(', ')}`,
    expected: 'a primitive with a jvp rule',
    fix: 'Give definePrimitive a `jvp`, or use customJvp or stopGradient',
  })
}
