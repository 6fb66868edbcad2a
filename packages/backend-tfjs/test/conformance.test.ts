// The conformance kit on the tfjs backends that run in Node.

import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import { testBackend } from '@adjoint/conformance/vitest'
import { createTfjs } from '../src/index.js'
import { capabilities } from './capabilities.js'

testBackend('tfjs on cpu', () => createTfjs({ device: 'cpu' }), { capabilities: capabilities('cpu') })

testBackend('tfjs on wasm', () => createTfjs({ device: 'wasm' }), { capabilities: capabilities('wasm') })
