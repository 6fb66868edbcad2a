import { testBackend } from '@adjoint/conformance/vitest'
import { CAPABILITIES } from './capabilities.js'
import { onGpu, open } from './support.js'

onGpu('on the GPU', () => {
  testBackend('webgpu', () => open(), {
    capabilities: CAPABILITIES,
  })
})
