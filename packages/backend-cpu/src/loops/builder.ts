// Builds kernels in the scalar IR whose lengths, strides and offsets are handed in: one piece of code serves all shapes.

import type { CpuKernelApi, DType, TypedArray } from '@adjoint/core'
import type { Scalar, ScalarKernel, Statement } from '@adjoint/core/codegen'
import { binary, int, variable } from '@adjoint/core/codegen'

/** Runs compiled loops over arrays: inputs and outputs in the order of the kernel's buffers. */
export type Loops = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void

/** The numbers and names of a kernel under construction. */
export interface Builder {
  /** A length or stride: a constant where it is 0 or 1, which the code exploits; otherwise handed in at each run. */
  number(value: number): Scalar
  /** A number that may be changed between runs, and its place in `values`. */
  slot(value: number): { readonly scalar: Scalar; readonly index: number }
  /** A fresh variable name. */
  name(): string
  /** What is handed in at each run. */
  readonly values: number[]
}

/** An empty kernel. */
export function newBuilder(): Builder {
  const values: number[] = []
  let names = 0
  const slot = (value: number) => {
    const index = values.push(value) - 1
    return { scalar: { op: 'parameter', index, dtype: 'int32' } as const, index }
  }
  return {
    values,
    slot,
    number: (value) => (value === 0 || value === 1 ? int(value) : slot(value).scalar),
    name: () => `v${names++}`,
  }
}

/** Compiles statements that read the first `reads` buffers and write the others. */
export function compileLoops(
  api: CpuKernelApi,
  name: string,
  buffers: readonly DType[],
  reads: number,
  builder: Builder,
  body: readonly Statement[],
): Loops {
  const kernel: ScalarKernel = {
    name,
    buffers: buffers.map((dtype, i) => ({ dtype, size: 0, access: i < reads ? 'read' : 'write' })),
    parameters: builder.values.map(() => 'int32'),
    grid: [],
    workgroup: 1,
    body,
  }
  const run = api.compile(kernel)
  return (inputs, outputs) => run(inputs, outputs, builder.values)
}

/** `a * b` of indices. */
export function times(a: Scalar, b: Scalar): Scalar {
  if (isInt(a, 0) || isInt(b, 1)) return a
  return isInt(b, 0) || isInt(a, 1) ? b : binary('mul', a, b)
}

function isInt(x: Scalar, value: number): boolean {
  return x.op === 'const' && x.value === value
}

/** One element of a buffer. */
export function load(buffer: number, index: Scalar, dtype: DType): Scalar {
  return { op: 'load', buffer, index, dtype }
}

/** The value in another dtype. */
export function cast(value: Scalar, dtype: DType): Scalar {
  return value.dtype === dtype ? value : { op: 'cast', args: [value], dtype }
}

/** Writes one element of a buffer. */
export function store(buffer: number, index: Scalar, value: Scalar): Statement {
  return { kind: 'store', buffer, index, value }
}

/** A named value; `mutable` ones may be assigned. */
export function declare(name: string, value: Scalar, mutable = false): Statement {
  return { kind: 'declare', name, value, mutable }
}

/** Changes a mutable variable. */
export function assign(name: string, value: Scalar): Statement {
  return { kind: 'assign', name, value }
}

/** Runs `then` where the condition holds. */
export function when(condition: Scalar, then: readonly Statement[], otherwise: readonly Statement[] = []): Statement {
  return { kind: 'if', condition, then, otherwise }
}

/** `for (i = start; i < end; i += step)`. */
export function loop(
  builder: Builder,
  start: Scalar,
  end: Scalar,
  step: number,
  body: (i: Scalar) => readonly Statement[],
): Statement {
  const name = builder.name()
  return { kind: 'loop', name, start, end, step, body: body(variable(name)) }
}

/** The same for a loop whose iterations do not depend on each other: threads may share them. */
export function independent(s: Statement): Statement {
  return s.kind === 'loop' ? { ...s, independent: true } : s
}

/** Gives a value a name unless it is one already, then uses it. */
export function named(builder: Builder, value: Scalar, body: (value: Scalar) => readonly Statement[]): Statement[] {
  if (value.op === 'variable' || value.op === 'const' || value.op === 'parameter') return [...body(value)]
  const name = builder.name()
  return [declare(name, value), ...body(variable(name, value.dtype))]
}
