import { describe, expect, test } from 'vitest'
import { mustAgree } from '../src/harness/suite.js'
import { core } from '../src/suites/core/index.js'

describe.each(core.cases)('$name', (item) => {
  test.each(Object.entries(item.peers))('computes what %s computes', async (name, setup) => {
    await expect(mustAgree(item, await item.ours(), await setup(), name)).resolves.toBeUndefined()
  })
})
