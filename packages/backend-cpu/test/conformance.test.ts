import { testBackend } from '@adjoint/conformance/vitest'
import { createCpu } from '../src/index.js'

testBackend('cpu in WebAssembly', () => createCpu({ webassemblyFrom: 1 }))

testBackend('cpu in JavaScript', () => createCpu({ codeGeneration: 'javascript' }))

testBackend('cpu without code generation', () => createCpu({ codeGeneration: 'none' }))
