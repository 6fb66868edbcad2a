// Whether memory stays flat while a network is trained: in a process of its own, which does nothing else.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Figure } from '../../harness/api.js'
import { median } from '../../harness/statistics.js'
import { network } from './network.js'
import { training } from './train-step.js'

const samples = 100

/** Resident bytes, a hundred times in the course of `steps` training steps; old weights are left to the garbage collector. */
export function residentMemory(steps: number): number[] {
  const { step } = training(network(64, 128, 64))
  return Array.from({ length: samples }, () => {
    for (let i = 0; i < steps / samples; i++) step()
    return process.memoryUsage.rss()
  })
}

/** By how many percent the largest sample exceeds the early ones: the second tenth, when everything is warm. */
export function growth(resident: readonly number[]): number {
  const tenth = resident.length / 10
  const early = median(resident.slice(tenth, 2 * tenth))
  return Math.max(0, 100 * (Math.max(...resident.slice(2 * tenth)) / early - 1))
}

/** 20,000 training steps. */
export const memoryOfTraining: Figure = {
  name: 'memory-growth-20k-steps',
  unit: '%',
  limit: 5,
  measure: async (short) => {
    const code = `import { residentMemory } from ${JSON.stringify(import.meta.url)}
      console.log(JSON.stringify(residentMemory(${short ? 2000 : 20_000})))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code])
    return growth(JSON.parse(stdout) as number[])
  },
}
