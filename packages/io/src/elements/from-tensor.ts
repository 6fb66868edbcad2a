// Tensors as the bytes of files: little-endian, rows first.

import { AdjointError, isTensor, type Tensor } from '@adjoint/core'

/** The named tensors that a writer was given. @throws AdjointError `invalid-argument` for anything else */
export function namedTensors(fn: string, tensors: unknown): readonly (readonly [string, Tensor])[] {
  if (typeof tensors !== 'object' || tensors === null || isTensor(tensors)) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: isTensor(tensors) ? 'a tensor' : `a value of type ${typeof tensors}`,
      expected: 'an object of tensors by name',
      fix: 'Name it: { x }',
    })
  }
  return Object.entries(tensors).map(([name, value]) => [name, checkedTensor(fn, value, `'${name}'`)])
}

/** @throws AdjointError `invalid-argument` for anything but a tensor */
export function checkedTensor(fn: string, value: unknown, what: string): Tensor {
  if (isTensor(value)) return value
  throw new AdjointError('invalid-argument', {
    fn,
    given: `a value of type ${value === null ? 'null' : typeof value} for ${what}`,
    expected: 'a tensor',
    fix: 'Make one with tensor(); trees of tensors, numbers and text go through serialize()',
  })
}

/** The values of a tensor as bytes. */
export async function tensorBytes(x: Tensor): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await x.data()
  return new Uint8Array(buffer, byteOffset, byteLength)
}
