import { expect, test } from 'vitest'
import { transport } from '../src/suites/ot/index.js'
import { online } from '../src/suites/ot/online.js'
import { agree } from './support.js'

const small = /-100$|^(sinkhorn-scaling|sliced)-1000(-float32)?$/

// The larger cases run the same code for seconds. POT is rarely installed, and would only be skipped: each benchmark compares
// its results before it times.
const cases = transport.cases
  .filter(({ name }) => small.test(name))
  .map((item) => ({
    ...item,
    peers: Object.fromEntries(Object.entries(item.peers).filter(([name]) => !name.startsWith('pot-'))),
  }))

agree(cases)

test('online transport takes time, and tells it', () => {
  const { seconds, bytes } = online(50)
  expect(seconds).toBeGreaterThan(0)
  expect(bytes).toBeGreaterThanOrEqual(0)
})
