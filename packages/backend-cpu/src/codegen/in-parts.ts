// Totals over everything in fixed parts: one kernel makes a total for each part, which threads may share, another adds them up.
// The parts depend on the sizes alone, and they are used with one thread too: the bits do not depend on the number of threads.

import type { BinaryOp, KernelBuffer, Scalar, ScalarKernel, Statement } from '@adjoint/core/codegen'
import { binary, int, plus, variable } from '@adjoint/core/codegen'

/** Elements of one part, and the fewest parts that are worth it. */
const ELEMENTS = 1 << 14
const FEWEST = 4

const REDUCING = new Set<string>(['add', 'mul', 'max', 'min', 'and', 'or'])

type Loop = Extract<Statement, { kind: 'loop' }>
type Declare = Extract<Statement, { kind: 'declare' }>

/** A kernel in two; both have a buffer for each total behind the kernel's own, and the number of parts as last parameter. */
export interface InParts {
  readonly parts: ScalarKernel
  readonly finish: ScalarKernel
  readonly totals: readonly KernelBuffer['dtype'][]
  /** How many parts there are; 0 where the kernel had better run whole. */
  count(scalars: readonly number[]): number
}

/** The kernel in parts, if it begins with a sweep that does nothing but reduce; `null` otherwise. */
export function inParts(kernel: ScalarKernel): InParts | null {
  const at = kernel.body.findIndex((s) => s.kind !== 'declare')
  const sweep = kernel.body[at]
  if (kernel.grid.length > 0 || sweep?.kind !== 'loop' || !isInt(sweep.start, 0)) return null
  if (sweep.end.op !== 'const' && sweep.end.op !== 'parameter') return null
  const before = kernel.body.slice(0, at) as Declare[]
  const ops = reductionsOf(sweep, before)
  if (ops === null || ops.size === 0) return null
  const names = [...ops.keys()]
  const totals = names.map((name) => (before.find((s) => s.name === name) as Declare).value.dtype)
  const { end } = sweep
  const size = sizeOfPart(sweep)
  const last: Scalar = { op: 'parameter', index: kernel.parameters.length, dtype: 'int32' }
  const shell = (name: string, access: KernelBuffer['access'], body: readonly Statement[]): ScalarKernel => ({
    ...kernel,
    name: `${kernel.name}_${name}`,
    buffers: [...kernel.buffers, ...totals.map((dtype) => ({ dtype, size: 0, access }))],
    parameters: [...kernel.parameters, 'int32'],
    body,
  })
  const part = variable('part')
  const eachPart = (body: readonly Statement[], independent: boolean): Loop => ({
    kind: 'loop',
    name: 'part',
    start: int(0),
    end: last,
    step: 1,
    independent,
    body,
  })
  const own = (i: number) => kernel.buffers.length + i
  const [from, to] = [variable('partStart'), variable('partEnd')]
  const bounds: Statement[] = [
    { kind: 'declare', name: 'partStart', value: binary('mul', part, int(size)), mutable: false },
    { kind: 'declare', name: 'partEnd', value: binary('min', plus(from, int(size)), end), mutable: false },
  ]
  const stores = names.map(
    (name, i): Statement => ({ kind: 'store', buffer: own(i), index: part, value: variable(name, totals[i]) }),
  )
  const sums = names.map((name, i): Statement => {
    const value: Scalar = { op: 'load', buffer: own(i), index: part, dtype: totals[i] }
    return { kind: 'assign', name, value: binary(ops.get(name) as BinaryOp, variable(name, totals[i]), value) }
  })
  return {
    parts: shell('parts', 'write', [
      eachPart([...bounds, ...before, { ...sweep, start: from, end: to }, ...stores], true),
    ]),
    finish: shell('finish', 'read', [...before, eachPart(sums, false), ...kernel.body.slice(at + 1)]),
    totals,
    count(scalars) {
      const length = end.op === 'const' ? end.value : scalars[end.index]
      const count = Math.ceil(length / size)
      return count < FEWEST ? 0 : count
    },
  }
}

/** The totals that a sweep adds to, with their operations; `null` where it does anything else that lasts. */
function reductionsOf(sweep: Loop, before: readonly Declare[]): Map<string, BinaryOp> | null {
  const ops = new Map<string, BinaryOp>()
  const mutable = new Set(before.filter((s) => s.mutable).map((s) => s.name))
  const reads = new Map<string, number>()
  const own = new Set<string>()
  const count = (e: Scalar): void => {
    if (e.op === 'variable') reads.set(e.name, (reads.get(e.name) ?? 0) + 1)
    else if (e.op === 'load' || e.op === 'loadLocal') count(e.index)
    else if ('args' in e) for (const arg of e.args) count(arg)
  }
  const visit = (s: Statement): boolean => {
    switch (s.kind) {
      case 'declare':
        own.add(s.name)
        count(s.value)
        return true
      case 'loop':
        count(s.start)
        count(s.end)
        return s.body.every(visit)
      case 'assign': {
        count(s.value)
        if (own.has(s.name)) return true
        const { value } = s
        if (!mutable.has(s.name) || ops.has(s.name) || !('args' in value) || !REDUCING.has(value.op)) return false
        ops.set(s.name, value.op as BinaryOp)
        return value.args.some((arg) => arg.op === 'variable' && arg.name === s.name)
      }
      default:
        return false
    }
  }
  if (!sweep.body.every(visit)) return null
  // A total is read where it is added to, and nowhere else.
  for (const name of ops.keys()) if (reads.get(name) !== 1) return null
  return ops
}

/** Iterations of one part: a multiple of the loop's step and of the lanes that may run side by side. */
function sizeOfPart({ step, body }: Loop): number {
  const inner = Math.max(1, ...body.map(constantIterations))
  return step > 1 ? step * Math.ceil(ELEMENTS / step) : 16 * Math.ceil(ELEMENTS / inner / 16)
}

/** How often the innermost body of constant loops runs. */
function constantIterations(s: Statement): number {
  if (s.kind !== 'loop' || s.start.op !== 'const' || s.end.op !== 'const') return 1
  const own = Math.ceil((s.end.value - s.start.value) / s.step)
  return own * Math.max(1, ...s.body.map(constantIterations))
}

function isInt(x: Scalar, value: number): boolean {
  return x.op === 'const' && x.value === value
}
