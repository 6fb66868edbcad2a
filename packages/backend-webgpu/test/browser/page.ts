// The conformance kit in a page, on the page's own `navigator.gpu`.

import { backendChecks } from '@adjoint/conformance'
import { jit, type Tensor, tensor } from '@adjoint/core'
import { runCases } from '../../../../scripts/browser/page.js'
import { webgpu } from '../../src/index.js'
import { CAPABILITIES } from '../capabilities.js'

const checks = backendChecks(() => webgpu(), { capabilities: CAPABILITIES })

await runCases({
  'a jitted function': async () => {
    const gpu = await webgpu()
    const x = tensor([1, 2, 3], { backend: gpu })
    return Array.from(await jit((v: Tensor) => v.mul(v).sum())(x).data())
  },
  'the whole kit': async () => {
    const failed: string[] = []
    for (const { name, run } of checks) await run().catch((error: Error) => failed.push(`${name}: ${error.message}`))
    return { checks: checks.length, failed }
  },
})
