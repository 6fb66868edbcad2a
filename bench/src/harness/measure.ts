// Times two programs in turns, so that a warm or a busy machine is equally warm and busy for both.
import type { Program } from './api.js'
import { median, quantile } from './statistics.js'

/** How long a comparison may take. */
export interface Budget {
  /** Milliseconds of warm-up for each program. */
  readonly warmup: number
  /** Milliseconds that one sample should last at least. */
  readonly sample: number
  /** Milliseconds for all samples of a comparison. */
  readonly total: number
}

export interface Timing {
  readonly ours: number
  readonly peer: number
  readonly spread: number
}

const fewestPairs = 7
const mostPairs = 201

/** Milliseconds per step over `count` steps; waits only for steps that are asynchronous. */
export async function time(program: Program, count: number): Promise<number> {
  if (program.time !== undefined) return program.time(count)
  const start = performance.now()
  for (let i = 0; i < count; i++) {
    const pending = program.step()
    if (pending instanceof Promise) await pending
  }
  return (performance.now() - start) / count
}

/** Warms a program up and says how many of its steps make a sample. */
async function warmUp(program: Program, { warmup, sample }: Budget): Promise<number> {
  const end = performance.now() + warmup
  let once = await time(program, 1)
  while (performance.now() < end) once = Math.min(once, await time(program, 1))
  return Math.max(1, Math.ceil(sample / Math.max(once, 1e-4)))
}

/** Medians of both programs, in milliseconds per step. */
export async function compare(ours: Program, peer: Program, budget: Budget): Promise<Timing> {
  const oursCount = await warmUp(ours, budget)
  const peerCount = await warmUp(peer, budget)
  const oursTimes: number[] = []
  const peerTimes: number[] = []
  const end = performance.now() + budget.total
  while (oursTimes.length < fewestPairs || (performance.now() < end && oursTimes.length < mostPairs)) {
    oursTimes.push(await time(ours, oursCount))
    peerTimes.push(await time(peer, peerCount))
  }
  const ratios = oursTimes.map((value, i) => value / peerTimes[i])
  return {
    ours: median(oursTimes),
    peer: median(peerTimes),
    spread: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / median(ratios),
  }
}
