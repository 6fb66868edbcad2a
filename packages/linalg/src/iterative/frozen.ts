// A search that reads an operator but is not differentiated: whatever the operator captures is lifted out of it by a
// linear system whose "solution" is what the search found.

import { gt, linearSolve, stopGradient, type Tensor, tree, zerosLike } from '@adjoint/core'
import { scalar } from './vectors.js'

interface Slots<S, R> {
  /** By which the search reaches the operator. */
  readonly probe: Tensor
  readonly start: S
  readonly found: R
  /** 1 for the search itself, 0 where a derivative would repeat it for nothing. */
  readonly active: Tensor
}

/** What a search is given. */
export interface Search<S> {
  /** The operator, on vectors. */
  readonly apply: (v: Tensor) => Tensor
  readonly start: S
  /** No steps are to be taken where this is false. */
  readonly active: Tensor
}

/**
 * What `search` finds, as a constant to derivatives.
 *
 * @param apply - linear, on vectors like `like`
 * @param start - a tree of float tensors that the search is given
 * @param template - a tree shaped like what the search finds, of float tensors
 */
export function frozen<S, R>(
  apply: (v: Tensor) => Tensor,
  like: Tensor,
  start: S,
  template: R,
  search: (given: Search<S>) => R,
): R {
  const given: Slots<S, R> = {
    probe: zerosLike(like),
    start: tree.map(stopGradient, start),
    found: template,
    active: scalar(like, 1),
  }
  const lifted = ({ probe, ...rest }: Slots<S, R>): Slots<S, R> => ({ probe: apply(probe), ...rest })
  const solve = (matvec: (v: Slots<S, R>) => Slots<S, R>, right: Slots<S, R>): Slots<S, R> => {
    const none: Slots<S, R> = tree.map(zerosLike, right)
    const product = (probe: Tensor) => matvec({ ...none, probe }).probe
    return { ...none, found: search({ apply: product, start: right.start, active: gt(right.active, 0) }) }
  }
  return tree.map(stopGradient, (linearSolve(lifted, given, solve) as Slots<S, R>).found)
}
