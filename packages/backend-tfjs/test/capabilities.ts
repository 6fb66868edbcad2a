// What each tfjs backend declares.

import type { Capabilities } from '@adjoint/conformance'

/** Primitives that tfjs has nothing for, or not for all their calls. */
const HOST = ['and', 'or', 'xor', 'not', 'shiftLeft', 'shiftRight', 'bitcast', 'sort', 'scatter']

/** The capabilities of a device. */
export function capabilities(device: 'cpu' | 'wasm' | 'webgl' | 'webgpu'): Capabilities {
  const shared = { dtypes: ['float32', 'int32', 'bool'], hostPrimitives: HOST, memory: 'counted' } as const
  if (device === 'cpu' || device === 'wasm') return shared
  return { ...shared, syncRead: false, nonFinite: false, manyTurns: false, integerBits: 24, tolerance: 5e-4 }
}
