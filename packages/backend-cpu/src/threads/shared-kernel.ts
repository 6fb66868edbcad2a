// Runs a kernel on all threads where it is known to take long enough: what it costs is measured while one thread runs it.

import type { ScalarKernel } from '@adjoint/core/codegen'
import { MOST_ARGUMENTS } from './layout.js'
import { isPlenty, stepOf } from './pieces.js'
import { lengthOf, split, splittable, unitOf } from './split.js'
import type { Task } from './task.js'
import type { Team } from './team.js'

/** Calls on one thread before any is shared: code is slow at first. */
const TRIALS = 2

/** Runs a kernel: pointers and scalars, and the length of its longest operand. */
export type Runner = (pointers: readonly number[], scalars: readonly number[], elements: number) => void

/** A kernel that threads may share; `run` is the whole of it, `moduleOf` makes modules of its parts. */
export function sharedKernel(
  kernel: ScalarKernel,
  team: Team,
  run: (...numbers: number[]) => void,
  moduleOf: (kernel: ScalarKernel) => Uint8Array<ArrayBuffer>,
): Runner {
  const loops = splittable(kernel)
  const fits = kernel.buffers.length + kernel.parameters.length + 2 <= MOST_ARGUMENTS
  if (loops.length === 0 || !fits) return (pointers, scalars) => run(...pointers, ...scalars)
  const tasks = new Map<number, Task | null>()
  // Microseconds of work for an element: the least seen, since threads may be held up. Shapes share code, hence by element.
  let cost = Infinity
  let trials = team.from === 0 ? 0 : TRIALS

  function taskAt(depth: number): Task | null {
    let task = tasks.get(depth)
    if (task === undefined) {
      task = team.task(moduleOf(split(kernel, depth)))
      tasks.set(depth, task)
    }
    return task
  }

  /** Notes what a call has cost that began at `began` and ran on so many threads. */
  function note(began: number, threads: number, elements: number): void {
    cost = Math.min(cost, (1000 * threads * (performance.now() - began)) / elements)
  }

  /** The outermost loop with enough iterations for all threads, or the longest. */
  function bestLoop(scalars: readonly number[]): { readonly depth: number; readonly pieces: number } {
    let best = { depth: 0, pieces: 0 }
    for (let depth = 0; depth < loops.length; depth++) {
      const length = lengthOf(loops[depth], scalars)
      const pieces = Math.floor(length / unitOf(loops[depth], length))
      if (pieces > best.pieces) best = { depth, pieces }
      if (isPlenty(pieces, team.size)) break
    }
    return best
  }

  return (pointers, scalars, elements) => {
    const work = cost * elements
    const { depth, pieces } = bestLoop(scalars)
    const task = pieces < 2 || trials > 0 || work <= team.from ? null : taskAt(depth)
    const began = performance.now()
    if (task === null) {
      run(...pointers, ...scalars)
      trials--
      note(began, 1, elements)
    } else {
      const length = lengthOf(loops[depth], scalars)
      team.run(task, [...pointers, ...scalars], length, stepOf(length, unitOf(loops[depth], length), work, team.size))
      if (team.from > 0) note(began, team.size, elements)
    }
  }
}
