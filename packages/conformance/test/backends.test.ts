import { reference } from '@adjoint/core'
import { coreCases, createCodegenTier, createFakeAsync, createOpTier, opTierKernels } from '../src/index.js'
import { testBackend } from '../src/vitest.js'

const primitives = coreCases().map(({ primitive }) => primitive)
/** Primitives that need a kernel: neither views nor made of others. */
const named = primitives.filter((p) => p.view !== true && p.decompose === undefined)

testBackend('reference', () => reference)

testBackend('op tier', () => createOpTier(), {
  capabilities: {
    dtypes: ['float32', 'int32', 'bool'],
    hostPrimitives: named.map((p) => p.name).filter((name) => !opTierKernels().includes(name)),
  },
})

testBackend('codegen tier', () => createCodegenTier(), {
  capabilities: { hostPrimitives: ['randomBits', ...named.filter((p) => p.scalar === undefined).map((p) => p.name)] },
})

testBackend('fake async', () => createFakeAsync(), {
  capabilities: { dtypes: ['float32', 'int32', 'uint32', 'bool'], syncRead: false, memory: 'counted' },
})
