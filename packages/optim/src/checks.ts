// Checks of options and parameters that all optimizers share.

import { AdjointError, isTensor, type Tensor, tree } from '@adjoint/core'

/** Refuses a number outside a range. */
export function checkNumber(
  fn: string,
  name: string,
  value: number,
  ok: (value: number) => boolean,
  expected: string,
): void {
  if (typeof value === 'number' && !Number.isNaN(value) && ok(value)) return
  throw new AdjointError('invalid-argument', { fn, given: `${name} ${String(value)}`, expected })
}

/** Refuses negative and infinite numbers. */
export function checkRate(fn: string, name: string, value: number): void {
  checkNumber(fn, name, value, (v) => v >= 0 && v < Infinity, 'a finite number, not negative')
}

/** Refuses numbers that are not positive and finite. */
export function checkPositive(fn: string, name: string, value: number): void {
  checkNumber(fn, name, value, (v) => v > 0 && v < Infinity, 'a finite number above 0')
}

/** Refuses decay rates outside [0, 1). */
export function checkDecay(fn: string, name: string, value: number): void {
  checkNumber(fn, name, value, (v) => v >= 0 && v < 1, 'a number from 0 to 1, without 1')
}

/** The leaves of a parameter tree: float tensors. */
export function checkParams(fn: string, params: unknown): Tensor[] {
  return tree.leaves(params).map((leaf) => {
    if (isTensor(leaf) && (leaf.dtype === 'float32' || leaf.dtype === 'float64')) return leaf
    throw new AdjointError('invalid-argument', {
      fn,
      given: isTensor(leaf)
        ? `a parameter ${leaf.dtype}[${leaf.shape.join(', ')}]`
        : `the number ${leaf} as a parameter`,
      expected: 'float tensors',
      fix: isTensor(leaf) ? 'Keep integers out of the parameters, or cast them to float' : `Write tensor(${leaf})`,
    })
  })
}
