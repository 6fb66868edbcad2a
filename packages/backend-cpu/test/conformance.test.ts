import { testBackend } from '@adjoint/conformance/vitest'
import { createCpu, threads } from '../src/index.js'

testBackend('cpu in WebAssembly', () => createCpu({ webassemblyFrom: 1 }))

const shared = createCpu({ webassemblyFrom: 1 })
await threads(2, { backend: shared, from: 0 })
testBackend('cpu on two threads', () => shared)

testBackend('cpu in JavaScript', () => createCpu({ codeGeneration: 'javascript' }))

testBackend('cpu without code generation', () => createCpu({ codeGeneration: 'none' }))
