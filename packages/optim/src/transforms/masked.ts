// Applies an optimizer to some leaves of the parameter tree and leaves the others alone.

import { AdjointError, type Optimizer, type Tensor, tree, type UpdateContext, zerosLike } from '@adjoint/core'
import type { Mask } from '../api.js'

/** Options of `masked`. */
export interface MaskedOptions {
  /**
   * What happens outside the mask: `freeze` makes updates of zeros, `pass` hands gradients on to the next part of a
   * `chain`. @defaultValue 'freeze'
   */
  readonly rest?: 'freeze' | 'pass'
}

/**
 * An optimizer for the leaves that the mask names. The inner one sees them as a list, and keeps state for them alone.
 *
 * @param mask - true or false for each leaf, or once for a whole branch
 * @throws AdjointError `tree-mismatch` when the mask does not fit the parameters
 * @example
 * const optimizer = masked(adam(0.001), { encoder: false, head: true })   // trains the head alone
 */
export function masked<S>(inner: Optimizer<S>, mask: Mask, { rest = 'freeze' }: MaskedOptions = {}): Optimizer<S> {
  if (rest !== 'freeze' && rest !== 'pass') {
    throw new AdjointError('invalid-argument', {
      fn: 'masked',
      given: `rest '${String(rest)}'`,
      expected: "'freeze' or 'pass'",
    })
  }
  return {
    init: (params) => inner.init(select(params, chosenLeaves(mask, params))),
    update(grads, state, context) {
      const chosen = chosenLeaves(mask, grads)
      const result = inner.update(select(grads, chosen), state, context && narrowed(context, chosen))
      const others = rest === 'pass' ? grads : tree.map((g: Tensor) => zerosLike(g), grads)
      return { updates: merge(others, chosen, result.updates), state: result.state }
    },
  }
}

/** The context as the inner optimizer sees it: lists of the chosen leaves. */
function narrowed<G>(context: UpdateContext<G>, chosen: readonly boolean[]): UpdateContext<tree.Leaf[]> {
  const { params } = context
  return {
    ...context,
    params: params === undefined ? undefined : select(params, chosen),
    valueAndGrad:
      context.valueAndGrad === undefined || params === undefined
        ? undefined
        : (part) => {
            const at = context.valueAndGrad?.(merge(params, chosen, part as tree.Leaf[]))
            return { value: at?.value as Tensor, grad: select(at?.grad, chosen) }
          },
  }
}

function select(values: unknown, chosen: readonly boolean[]): tree.Leaf[] {
  return tree.leaves(values).filter((_, i) => chosen[i])
}

function merge<T>(values: T, chosen: readonly boolean[], part: readonly tree.Leaf[]): T {
  const { leaves, structure } = tree.flatten(values)
  let next = 0
  return tree.unflatten(
    structure,
    leaves.map((leaf, i) => (chosen[i] ? part[next++] : leaf)),
  ) as T
}

function chosenLeaves(mask: Mask, values: unknown): boolean[] {
  const chosen: boolean[] = []
  spread(mask, tree.flatten(values).structure, 'mask', chosen)
  return chosen
}

/** Booleans of the mask for the leaves below `structure`, in order. */
function spread(mask: unknown, structure: tree.Structure, path: string, chosen: boolean[]): void {
  if (structure.kind === 'static') return
  if (structure.kind === 'leaf') {
    if (typeof mask !== 'boolean') throw misfit(path, mask, 'true or false')
    chosen.push(mask)
    return
  }
  const { children } = structure
  const keys = structure.kind === 'object' ? structure.keys : children.map((_, i) => i)
  const parts = typeof mask === 'boolean' ? children.map(() => mask) : partsOf(mask, structure, keys, path)
  for (const [i, child] of children.entries()) spread(parts[i], child, `${path}.${keys[i]}`, chosen)
}

function partsOf(mask: unknown, { kind }: tree.Structure, keys: readonly (string | number)[], path: string): unknown[] {
  const fits =
    kind === 'array' ? Array.isArray(mask) && mask.length === keys.length : kind === 'object' && isRecord(mask)
  const extra = fits && kind === 'object' ? Object.keys(mask as object).find((key) => !keys.includes(key)) : undefined
  if (fits && extra === undefined) return keys.map((key) => (mask as Record<string | number, unknown>)[key])
  const expected =
    kind === 'array'
      ? `a list of ${keys.length}`
      : kind === 'object'
        ? `the keys ${keys.join(', ')}`
        : 'one boolean for all of it'
  throw misfit(path, extra ?? mask, expected)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function misfit(path: string, given: unknown, expected: string): AdjointError {
  return new AdjointError('tree-mismatch', {
    fn: 'masked',
    given: `${JSON.stringify(given) ?? 'nothing'} at ${path}`,
    expected,
    fix: 'Give the mask the structure of the parameters, or one boolean for a whole branch',
  })
}
