// Which buffers of a kernel may be one: an output takes the place of what is used only where it is written, and not after.

import type { Scalar, ScalarKernel, Statement } from './ir.js'
import type { Lowered } from './lower.js'

interface Access {
  readonly kind: 'load' | 'store'
  readonly buffer: number
  readonly index: Scalar
}

/** The inputs, by position, that may share the storage of an output; each element of it is stored once. */
export function overwritableInputs({ buffers, body }: ScalarKernel, output: number): number[] {
  const accesses = body.flatMap(accessesOf)
  const inputs = buffers.flatMap(({ access }, i) => (access === 'read' ? [i] : []))
  return inputs.filter((input) => mayShare(buffers, accesses, input, output))
}

/** Values that one sweep stores for the next lie in an output where they can; `wanted` outputs come first. */
export function sharingOutputs(lowered: Lowered, wanted: number): Lowered {
  const { kernel, inputs, outputs } = lowered
  const first = inputs.length
  let body = kernel.body
  for (let spilled = first + wanted; spilled < kernel.buffers.length; spilled++) {
    const accesses = body.flatMap(accessesOf)
    const candidates = Array.from({ length: wanted }, (_, i) => first + i)
    const home = candidates.find((o) => mayShare(kernel.buffers, accesses, spilled, o))
    if (home === undefined) return lowered
    body = body.map((s) => renamed(s, spilled, home))
  }
  return {
    ...lowered,
    outputs: outputs.slice(0, wanted),
    kernel: { ...kernel, buffers: kernel.buffers.slice(0, first + wanted), body },
  }
}

function mayShare(
  buffers: ScalarKernel['buffers'],
  accesses: readonly Access[],
  buffer: number,
  output: number,
): boolean {
  const stored = accesses.findIndex((a) => a.kind === 'store' && a.buffer === output)
  if (stored < 0 || buffers[buffer].dtype !== buffers[output].dtype || buffers[buffer].size !== buffers[output].size)
    return false
  const place = JSON.stringify(accesses[stored].index)
  return accesses.every(
    (a, i) =>
      (a.buffer !== buffer || (i < stored && JSON.stringify(a.index) === place)) &&
      (a.buffer !== output || i >= stored),
  )
}

/** Loads and stores in the order of the code. */
function accessesOf(s: Statement): Access[] {
  switch (s.kind) {
    case 'declare':
    case 'assign':
      return loads(s.value)
    case 'store':
      return [...loads(s.index), ...loads(s.value), { kind: 'store', buffer: s.buffer, index: s.index }]
    case 'storeLocal':
      return [...loads(s.index), ...loads(s.value)]
    case 'loop':
      return [...loads(s.start), ...loads(s.end), ...s.body.flatMap(accessesOf)]
    case 'while':
      return [...loads(s.condition), ...s.body.flatMap(accessesOf)]
    case 'if':
      return [...loads(s.condition), ...s.then.flatMap(accessesOf), ...s.otherwise.flatMap(accessesOf)]
    default:
      return []
  }
}

function loads(x: Scalar): Access[] {
  if (x.op === 'load') return [...loads(x.index), { kind: 'load', buffer: x.buffer, index: x.index }]
  if (x.op === 'loadLocal') return loads(x.index)
  return 'args' in x ? x.args.flatMap(loads) : []
}

function renamed<T extends Statement | Scalar>(node: T, from: number, to: number): T {
  const visit = (x: unknown): unknown => {
    if (Array.isArray(x)) return x.map(visit)
    if (typeof x !== 'object' || x === null) return x
    const copy = Object.fromEntries(Object.entries(x).map(([key, value]) => [key, visit(value)]))
    return copy.buffer === from ? { ...copy, buffer: to } : copy
  }
  return visit(node) as T
}
