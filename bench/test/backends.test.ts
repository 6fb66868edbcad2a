import { describe, expect, test } from 'vitest'
import { mustAgree } from '../src/harness/suite.js'
import { backends } from '../src/suites/backends/index.js'

describe.each(backends.cases)('$name', (item) => {
  test.each(Object.entries(item.peers))('computes on %s what it computes on cpu', async (name, setup) => {
    await expect(mustAgree(item, await item.ours(), await setup(), name)).resolves.toBeUndefined()
  })
})
