// Kernels of the scalar IR in pieces: one of its outer loops gets its bounds handed in, so that threads run parts of it.

import type { Scalar, ScalarKernel, Statement } from '@adjoint/core/codegen'
import { int } from '@adjoint/core/codegen'

/** Pieces start at multiples of this where a loop is as long: the lanes of a loop then meet the same elements as in one run. */
const LANES = 16

type Loop = Extract<Statement, { kind: 'loop' }>

/** The kernel with its grid as loops around the body. */
function asLoops({ grid, body }: ScalarKernel): readonly Statement[] {
  return grid.reduceRight<readonly Statement[]>(
    (inside, size, axis) => [
      { kind: 'loop', name: `g${axis}`, start: int(0), end: int(size), step: 1, independent: true, body: inside },
    ],
    body,
  )
}

/** The loops, from the outermost, whose iterations do not depend on each other; each is all that the one around it runs. */
export function splittable(kernel: ScalarKernel): readonly Loop[] {
  const out: Loop[] = []
  for (let inside = onlyLoop(asLoops(kernel)); inside !== undefined; inside = onlyLoop(inside.body)) out.push(inside)
  return out
}

/** The loop of a block that holds nothing else but constants. */
function onlyLoop(body: readonly Statement[]): Loop | undefined {
  const last = body[body.length - 1]
  if (last?.kind !== 'loop' || last.independent !== true || !isInt(last.start, 0)) return undefined
  if (last.end.op !== 'const' && last.end.op !== 'parameter') return undefined
  return body.slice(0, -1).every((s) => s.kind === 'declare' && !s.mutable) ? last : undefined
}

/** How many iterations a splittable loop has. */
export function lengthOf({ end }: Loop, scalars: readonly number[]): number {
  if (end.op === 'const') return end.value
  return end.op === 'parameter' ? scalars[end.index] : 0
}

/** How many iterations a piece has at least. */
export function unitOf({ step }: Loop, length: number): number {
  return step > 1 ? step : length >= LANES ? LANES : 1
}

/** The kernel for a part of its splittable loop number `depth`: two more parameters say from where to where. */
export function split(kernel: ScalarKernel, depth: number): ScalarKernel {
  const { parameters } = kernel
  const bound = (i: number): Scalar => ({ op: 'parameter', index: parameters.length + i, dtype: 'int32' })
  const within = (body: readonly Statement[], level: number): readonly Statement[] => {
    const loop = body[body.length - 1] as Loop
    const inner =
      level === depth ? { ...loop, start: bound(0), end: bound(1) } : { ...loop, body: within(loop.body, level + 1) }
    return [...body.slice(0, -1), inner]
  }
  return { ...kernel, grid: [], parameters: [...parameters, 'int32', 'int32'], body: within(asLoops(kernel), 0) }
}

function isInt(x: Scalar, value: number): boolean {
  return x.op === 'const' && x.value === value
}
