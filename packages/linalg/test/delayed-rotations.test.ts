// Rotations kept back come out as if they were applied at once, also where sweeps cover different rows.

import { expect, it } from 'vitest'
import { delayedRotations } from '../src/kernels/delayed-rotations.js'
import { rotateDown, rotateUp } from '../src/kernels/rotations.js'
import { plainGemm } from '../src/kernels/tools.js'
import { normal, values } from './support.js'

const tools = { scratch: (length: number) => new Float64Array(length), gemm: plainGemm }

/** What sweep number i of many rotates, from row `[0]` to row `[1]`. */
const ranges: Record<string, (i: number, n: number) => [number, number]> = {
  'all rows': (_, n) => [0, n - 1],
  'shrinking from below': (i, n) => [Math.min(i, n - 2), n - 1],
  'shrinking from above': (i, n) => [0, Math.max(n - 1 - i, 1)],
  'here and there': (i, n) => (i % 3 === 0 ? [i % n, i % n] : i % 3 === 1 ? [n - 40, n - 1] : [5, 50]),
}

it.each(['up', 'down'] as const)('%s', (order) => {
  const rotate = order === 'up' ? rotateUp : rotateDown
  const [n, width, count] = [90, 7, 75]
  const angles = Float64Array.from(values(normal(1, [count, n])))
  for (const [kind, range] of Object.entries(ranges)) {
    const now = Float64Array.from(values(normal(2, [n, width])))
    const later = now.slice()
    const delayed = delayedRotations(tools, later, n, width, order)
    for (let i = 0; i < count; i++) {
      const [from, to] = range(i, n)
      const sweep = delayed.next()
      for (let j = from; j < to; j++) {
        sweep.c[j] = Math.cos(angles[i * n + j])
        sweep.s[j] = Math.sin(angles[i * n + j])
      }
      rotate(now, 0, width, width, from, to, { c: sweep.c.slice(), s: sweep.s.slice() })
      delayed.push(from, to)
    }
    delayed.flush()
    for (const [i, value] of later.entries()) expect(Math.abs(value - now[i]), kind).toBeLessThan(1e-13)
  }
})
