// The conformance kit on the tfjs backends that run in Node.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { backendChecks } from '@adjoint/conformance'
import { describe, expect, it } from 'vitest'
import { createTfjs } from '../src/index.js'
import { capabilities } from './capabilities.js'
import { kitRecord } from './kit.js'

describe.each(['cpu', 'wasm'] as const)('tfjs on %s', (device) => {
  const checks = backendChecks(() => createTfjs({ device }), { capabilities: capabilities(device) })
  let passed = 0
  for (const { name, run } of checks) {
    it(name, async () => {
      await run()
      passed++
    })
  }

  it('is what the documentation says: `-u` writes it', async (ctx) => {
    ctx.skip(passed < checks.length, 'not all checks ran and passed')
    await expect(kitRecord(passed, capabilities(device))).toMatchFileSnapshot(`kit/tfjs-${device}.json`)
  })
})
