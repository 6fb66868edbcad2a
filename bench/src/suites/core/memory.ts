// Whether memory stays flat while a network is trained: in a process of its own, which does nothing else.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Figure } from '../../harness/api.js'
import { network } from './network.js'
import { training } from './train-step.js'

const samples = 100

type Weights = 'donated' | 'dropped'

/** Resident bytes, a hundred times in the course of `steps` training steps; `collect` goes before each. */
export function residentMemory(steps: number, weights: Weights, collect?: () => void): number[] {
  const { step } = training(network(64, 128, 64), weights)
  return Array.from({ length: samples }, () => {
    for (let i = 0; i < steps / samples; i++) step()
    collect?.()
    return process.memoryUsage.rss()
  })
}

/** By how many percent the peak of the last half exceeds that of the half before. */
export function growth(resident: readonly number[]): number {
  const half = resident.length / 2
  return Math.max(0, 100 * (Math.max(...resident.slice(half)) / Math.max(...resident.slice(0, half)) - 1))
}

/** 20,000 steps in one synchronous loop, by a process that does nothing else. */
async function sampled(short: boolean, weights: Weights, collect: boolean): Promise<number[]> {
  const code = `import { residentMemory } from ${JSON.stringify(import.meta.url)}
    console.log(JSON.stringify(residentMemory(${short ? 2000 : 20_000}, '${weights}', globalThis.gc)))`
  const flags = ['--input-type=module', ...(collect ? ['--expose-gc'] : [])]
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--eval', code])
  return JSON.parse(stdout) as number[]
}

/** What remains after garbage collections must not grow. */
const growthOf = (weights: Weights): Figure => ({
  name: `memory-growth-${weights}`,
  unit: '%',
  limit: 5,
  measure: async (short) => growth(await sampled(short, weights, true)),
})

/** The most there is when the engine collects as it sees fit. */
const peakOf = (weights: Weights): Figure => ({
  name: `memory-peak-${weights}`,
  unit: 'MB',
  measure: async (short) => Math.max(...(await sampled(short, weights, false))) / 1e6,
})

/** Old weights are donated to the step that makes new ones, or left to the garbage collector. */
export const memoryOfTraining: readonly Figure[] = [
  growthOf('donated'),
  growthOf('dropped'),
  peakOf('donated'),
  peakOf('dropped'),
]
