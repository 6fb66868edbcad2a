// What the tests of the suites share: each case computes what its peers compute, where the machine has them.
import { describe, expect, test } from 'vitest'
import { type Case, Missing, type Program, type Setup } from '../src/harness/api.js'
import { mustAgree } from '../src/harness/suite.js'

/** A test for each peer of each case. */
export function agree(cases: readonly Case[]): void {
  for (const item of cases) {
    describe(item.name, () => {
      for (const [name, setup] of Object.entries(item.peers)) {
        test(`computes what ${name} computes`, async (context) => {
          const peer = await prepare(setup)
          if (typeof peer === 'string') return context.skip(peer)
          await expect(mustAgree(item, await item.ours(), peer, name)).resolves.toBeUndefined()
          peer.dispose?.()
        })
      }
    })
  }
}

/** The program, or why there is none. */
async function prepare(setup: Setup): Promise<Program | string> {
  try {
    return await setup()
  } catch (error) {
    if (error instanceof Missing) return error.message
    throw error
  }
}
