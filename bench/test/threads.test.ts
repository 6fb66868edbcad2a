import { expect, test } from 'vitest'
import { mustAgree } from '../src/harness/suite.js'
import { threaded } from '../src/suites/threads/index.js'

test.each(threaded.cases)('$name: two threads compute what one computes', async (item) => {
  const [[name, setup]] = Object.entries(item.peers)
  await expect(mustAgree(item, await item.ours(), await setup(), name)).resolves.toBeUndefined()
})
