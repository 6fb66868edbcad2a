// Sinkhorn's iteration between clouds of points without a table of costs, in a process of its own: its memory and its time.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pointCloud, sinkhorn } from '@adjoint/ot'
import { jit, type Tensor, wrap } from 'adjoint'
import type { Figure } from '../../harness/api.js'
import { clouds } from './inputs.js'

/** What a solve takes. */
export interface Taken {
  readonly seconds: number
  /** The largest resident set, beyond that of the process before. */
  readonly bytes: number
}

const [points, few, iterations] = [20_000, 2_000, 10]

/** A number of iterations between n points and n points. */
export function online(n: number): Taken {
  const { x, y } = clouds(n)
  const solve = jit((from: Tensor, to: Tensor) => {
    const { potentials } = sinkhorn(pointCloud(from, to), {
      maxIterations: iterations,
      tolerance: 1e-30,
      newton: false,
    })
    return potentials.f
  })
  const before = process.resourceUsage().maxRSS
  const start = performance.now()
  solve(wrap(x, [n, 2]), wrap(y, [n, 2])).dataSync()
  const seconds = (performance.now() - start) / 1000
  return { seconds, bytes: (process.resourceUsage().maxRSS - before) * 1024 }
}

async function measured(short: boolean): Promise<Taken> {
  const code = `import { online } from ${JSON.stringify(import.meta.url)}
    console.log(JSON.stringify(online(${short ? few : points})))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code])
  return JSON.parse(stdout) as Taken
}

export const onlineFigures: readonly Figure[] = [
  {
    name: `online-${points}-memory`,
    unit: 'MB',
    limit: 100,
    measure: async (short) => (await measured(short)).bytes / 1e6,
  },
  {
    name: `online-${points}-${iterations}-iterations`,
    unit: 's',
    measure: async (short) => (await measured(short)).seconds,
  },
]
