import { testBackend } from '@adjoint/conformance/vitest'
import { createCpu } from '../src/index.js'

testBackend('cpu', () => createCpu())

testBackend('cpu without code generation', () => createCpu({ codeGeneration: false }))
