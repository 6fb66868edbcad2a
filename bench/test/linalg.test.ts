import { describe, expect, test } from 'vitest'
import { mustAgree } from '../src/harness/suite.js'
import { linalg } from '../src/suites/linalg/index.js'

// The larger cases run the same code for seconds.
const small = linalg.cases.filter(({ name }) => !/-(256|512)/.test(name))

describe.each(small)('$name', (item) => {
  test.each(Object.entries(item.peers))('computes what %s computes', async (name, setup) => {
    await expect(mustAgree(item, await item.ours(), await setup(), name)).resolves.toBeUndefined()
  })
})
