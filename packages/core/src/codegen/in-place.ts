// Which inputs of a kernel an output may overwrite: those read only where it is written, and never after that.

import type { Scalar, ScalarKernel, Statement } from './ir.js'

interface Access {
  readonly kind: 'load' | 'store'
  readonly buffer: number
  readonly index: Scalar
}

/** The inputs, by position, that may share the storage of an output; each element of it is stored once. */
export function overwritableInputs({ buffers, body }: ScalarKernel, output: number): number[] {
  const accesses = body.flatMap(accessesOf)
  const stored = accesses.findIndex((a) => a.kind === 'store' && a.buffer === output)
  if (stored < 0) return []
  const place = JSON.stringify(accesses[stored].index)
  const { dtype, size } = buffers[output]
  return buffers.flatMap((buffer, input) => {
    if (buffer.access !== 'read' || buffer.dtype !== dtype || buffer.size !== size) return []
    const fits = accesses.every((a, i) => a.buffer !== input || (i < stored && JSON.stringify(a.index) === place))
    return fits ? [input] : []
  })
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
