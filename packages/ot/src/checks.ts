// Checks of shapes, dtypes and numbers that all solvers share; values are left to `status`.

import { AdjointError, type Aval, isTensor, type Tensor } from '@adjoint/core'

/** `float64[2, 3]`. */
export function typeOf({ dtype, shape }: Aval): string {
  return `${dtype}[${shape.join(', ')}]`
}

/** Refuses what is no float tensor of so many axes, none of them empty. */
export function requireFloats(fn: string, what: string, x: Tensor, ndim: number): void {
  if (!isTensor(x) || (x.dtype !== 'float32' && x.dtype !== 'float64')) {
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: isTensor(x) ? `${what} ${typeOf(x)}` : `${what} of type ${typeof x}`,
      expected: 'a float32 or float64 tensor',
      fix: "Wrap data with tensor(...), cast integers: x.cast('float64')",
    })
  }
  if (x.ndim === ndim && x.size > 0) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `${what} ${typeOf(x)}`,
    expected: `${['a scalar', 'a vector', 'a matrix'][ndim] ?? `a tensor of ${ndim} axes`} that is not empty`,
    fix: x.ndim === ndim + 1 ? 'Use vmap() for batches' : undefined,
  })
}

/** Refuses tensors of another dtype than the first. */
export function requireSameDType(fn: string, first: Aval, others: readonly Aval[]): void {
  const odd = others.find(({ dtype }) => dtype !== first.dtype)
  if (odd === undefined) return
  throw new AdjointError('dtype-mismatch', {
    fn,
    given: `${typeOf(first)} and ${typeOf(odd)}`,
    expected: 'one dtype',
    fix: `Cast one of them: x.cast('${first.dtype}')`,
  })
}

/** Refuses a number outside a range. */
export function requireNumber(
  fn: string,
  name: string,
  value: number,
  ok: (value: number) => boolean,
  expected: string,
): void {
  if (typeof value === 'number' && ok(value)) return
  throw new AdjointError('invalid-argument', { fn, given: `${name} ${String(value)}`, expected })
}

/** Refuses numbers that are not positive and finite. */
export function requirePositive(fn: string, name: string, value: number): void {
  requireNumber(fn, name, value, (v) => v > 0 && v < Infinity, 'a finite number above 0')
}

/** Refuses numbers that are no integers from 1. */
export function requireCount(fn: string, name: string, value: number): void {
  requireNumber(fn, name, value, (v) => Number.isInteger(v) && v >= 1, 'an integer from 1')
}

/** The one of some words, or an error that lists them. */
export function requireChoice<T extends string>(fn: string, name: string, value: T, words: readonly T[]): T {
  if (words.includes(value)) return value
  throw new AdjointError('invalid-argument', {
    fn,
    given: `${name} '${String(value)}'`,
    expected: words.map((word) => `'${word}'`).join(', '),
  })
}
