// Threads in a page: how many it gets, the bits of one thread and of two, and a worker that hangs.

import { isAdjointError, jit, softmax, type Tensor, tensor, withBackend } from '@adjoint/core'
import { runCases } from '../../../../scripts/browser/page.js'
import { createCpu, threads } from '../../src/index.js'
import { storeOf } from '../../src/internals.js'
import { hangs } from '../threads/modules.js'

const [one, two] = [1, 2].map((count) => createCpu({ name: `cpu-${count}`, webassemblyFrom: 1 }))
const notices: string[] = []
console.warn = (text: string) => void notices.push(text)

const team = () => storeOf(two)?.heap()?.team ?? null

function results(): Float32Array[] {
  const work = jit((x: Tensor) => softmax(x.matmul(x.transpose()).mul(0.1)).sum(0))
  return [one, two].map((backend) =>
    withBackend(backend, () => {
      const data = Float32Array.from({ length: 200 * 70 }, (_, i) => Math.sin(i))
      return work(tensor(data, { shape: [200, 70] })).dataSync() as Float32Array
    }),
  )
}

await runCases({
  isolated: () => crossOriginIsolated,
  threads: async () => {
    try {
      return await threads(2, { backend: two, from: 0, patience: 1000 })
    } catch (error) {
      return isAdjointError(error) ? [error.code, error.fix] : String(error)
    }
  },
  notices: () => notices.length,
  'the same bits': () => {
    const [a, b] = results()
    return a.length === 200 && a.every((value, i) => Object.is(value, b[i]))
  },
  'memory of their own': () => results().every(({ buffer }) => buffer instanceof ArrayBuffer),
  'a worker that hangs': async () => {
    const before = team()
    const task = before?.task(hangs())
    if (!task) return 'no threads'
    try {
      for (let i = 0; i < 1e6; i++) before?.run(task, [], 64, 1)
    } catch (error) {
      await team()?.ready
      const [a, b] = results()
      return [isAdjointError(error) && error.code, team() !== before, a.every((value, i) => Object.is(value, b[i]))]
    }
    return 'nothing hung'
  },
})
