// Runs one case of a primitive on a backend and compares it with the reference kernels.

import { type Backend, bind, type Primitive, reference, type Tensor, tensor, withBackend } from '@adjoint/core'
import type { CaseInput, PrimitiveCase } from '../cases/case.js'
import { type HostValue, read, requireClose, toleranceOf } from '../checks/close.js'
import { CheckFailure } from '../checks/failure.js'

/** The operands of a case as tensors of a backend. */
export function tensorsOf({ inputs }: PrimitiveCase, backend: Backend): Tensor[] {
  return inputs.map((x) => tensorOf(x, backend))
}

/** One operand as a tensor of a backend. */
export function tensorOf({ dtype, shape, data }: CaseInput, backend: Backend): Tensor {
  return tensor(Float64Array.from(data), { dtype, shape, backend })
}

/** Applies the primitive of a case; without operands it runs on the given backend. */
export function apply(
  primitive: Primitive,
  { params }: PrimitiveCase,
  inputs: readonly Tensor[],
  backend: Backend,
): readonly Tensor[] {
  return withBackend(backend, () => bind(primitive, inputs, params))
}

/** Where a failed case comes from. */
export function subjectOf(primitive: Primitive, { name }: PrimitiveCase, backend: Backend): string {
  return `${primitive.name} (${name}) on '${backend.name}'`
}

/**
 * Compares all outputs with those of the reference rule; they must lie on the backend. Disposes all it made.
 *
 * @throws CheckFailure
 */
export async function requireParity(primitive: Primitive, c: PrimitiveCase, backend: Backend): Promise<void> {
  const inputs = tensorsOf(c, backend)
  const outputs = apply(primitive, c, inputs, backend)
  const subject = subjectOf(primitive, c, backend)
  const hint = "Compare the backend's kernel with the primitive's reference rule"
  const stray = outputs.find((y) => y.backend !== backend)
  if (stray !== undefined) {
    throw new CheckFailure({
      subject,
      check: 'staying on the backend',
      found: `an output on '${stray.backend.name}'`,
      hint,
    })
  }
  const actual = await Promise.all(outputs.map(read))
  const expected = await expectedOf(primitive, c)
  for (const x of new Set([...inputs, ...outputs])) x.dispose()
  expected.forEach((value, i) => {
    const tolerance = Math.max(c.tolerance ?? 0, toleranceOf(value.dtype))
    requireClose(
      actual[i],
      value,
      { subject, check: 'parity with the reference', hint, tolerance },
      expected.length === 1 ? '' : `output ${i}: `,
    )
  })
}

function expectedOf(primitive: Primitive, c: PrimitiveCase): Promise<HostValue[]> {
  return Promise.all(apply(primitive, c, tensorsOf(c, reference), reference).map(read))
}
