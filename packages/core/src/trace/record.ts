// Recording: tracers stand for variables of a Program under construction. What is not a tracer of it becomes an input.

import type { Backend } from '../backend/backend.js'
import { AdjointError, callSite } from '../error.js'
import type { Primitive } from '../primitive.js'
import { type Atom, type Equation, newVariable, type Program, type Variable } from '../program/program.js'
import type { Trace } from '../runtime.js'
import type { Aval } from '../shape.js'
import { type Tensor, tracer } from '../tensor.js'

/** A Program with the tensors it captured, which are its first inputs. */
export interface Closed {
  readonly program: Program
  readonly captured: readonly Tensor[]
}

/** @internal */
export class RecordTrace implements Trace {
  readonly level: number
  alive = true
  private readonly backend: Backend
  private readonly equations: Equation[] = []
  private readonly inputs: Variable[] = []
  private readonly captured = new Map<Tensor, Variable>()
  /** Whether equations remember the user's line; not worth its cost on the tape of eager differentiation. */
  private readonly lines: boolean

  constructor(level: number, backend: Backend, lines: boolean) {
    this.level = level
    this.backend = backend
    this.lines = lines
  }

  /** A tracer for a new input. */
  input(aval: Aval): Tensor {
    const variable = newVariable(aval)
    this.inputs.push(variable)
    return tracer(aval, this, variable)
  }

  backendOf(): Backend {
    return this.backend
  }

  process(primitive: Primitive, inputs: readonly Tensor[], params: object): readonly Tensor[] {
    if (primitive.name === 'to' && this.lines) {
      throw new AdjointError('invalid-argument', {
        fn: 'to',
        given: 'a move between backends inside a compiled function',
        expected: 'one backend per program',
        fix: 'Move tensors before or after the call',
      })
    }
    const avals = primitive.shape(inputs, params)
    const outputs = avals.map(newVariable)
    this.equations.push({
      primitive,
      inputs: inputs.map((x) => this.atomOf(x)),
      outputs,
      params,
      site: this.lines ? callSite() : undefined,
    })
    return outputs.map((variable) => tracer(variable, this, variable))
  }

  /** The operand that stands for a tensor: its variable, a literal, or a captured input. */
  atomOf(x: Tensor): Atom {
    if (x.trace === this) return x.payload as Variable
    if (x.literal !== undefined)
      return { kind: 'literal', value: x.literal, shape: x.shape, dtype: x.dtype, weak: x.weak }
    const known = this.captured.get(x)
    if (known !== undefined) return known
    const variable = newVariable(x)
    this.captured.set(x, variable)
    return variable
  }

  close(outputs: readonly Tensor[]): Closed {
    const results = outputs.map((x) => this.atomOf(x))
    return {
      program: { inputs: [...this.captured.values(), ...this.inputs], equations: this.equations, outputs: results },
      captured: [...this.captured.keys()],
    }
  }
}
