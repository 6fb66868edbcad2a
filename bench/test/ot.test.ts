import { expect, test } from 'vitest'
import { transport } from '../src/suites/ot/index.js'
import { online } from '../src/suites/ot/online.js'
import { agree } from './support.js'

// The larger cases run the same code for seconds.
agree(
  transport.cases.filter(({ name }) =>
    /^emd-(100|500)$|^(assignment|sinkhorn-scaling|sinkhorn-stabilized|sliced)-1000$/.test(name),
  ),
)

test('online transport takes time, and tells it', () => {
  const { seconds, bytes } = online(50)
  expect(seconds).toBeGreaterThan(0)
  expect(bytes).toBeGreaterThanOrEqual(0)
})
