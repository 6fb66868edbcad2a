// A cost between two points: a traceable function, with the tensors that it depends on.

import { type Tensor, TREE } from '@adjoint/core'

/** The cost of two points `[d]`: a scalar. */
export type CostFunction = (x: Tensor, y: Tensor, parameters: readonly Tensor[]) => Tensor

const numbers = /* @__PURE__ */ new WeakMap<object, number>()
let count = 0

/** A number for each function: it is part of what compiled code is found by. */
function numberOf(fn: object): number {
  const known = numbers.get(fn)
  if (known !== undefined) return known
  numbers.set(fn, ++count)
  return count
}

/** A cost between points, with parameters that get gradients; see `cost`. */
export class Cost {
  readonly name: string
  readonly between: CostFunction
  readonly parameters: readonly Tensor[]

  constructor(name: string, between: CostFunction, parameters: readonly Tensor[] = []) {
    this.name = name
    this.between = between
    this.parameters = parameters
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ parameters }: Cost) => parameters,
    unflatten: (parameters: readonly Tensor[], { name, between }: Cost) => new Cost(name, between, parameters),
    static: ({ name, between }: Cost) => `${name} ${numberOf(between)}`,
  }
}

/**
 * A cost of your own. Define it once: compiled code is found by the function itself.
 *
 * @param between - traceable, from points `[d]` and the parameters to a scalar; symmetric or not
 * @param parameters - tensors that the cost depends on and gradients may be wanted for; what else the function captures
 * is constant
 * @example
 * const weighted = cost((x, y, [w]) => x.sub(y).square().mul(w).sum(), [tensor([1, 10])])
 * weighted.between(tensor([0, 0]), tensor([1, 1]), weighted.parameters)   // 11
 */
export function cost(between: CostFunction, parameters: readonly Tensor[] = []): Cost {
  return new Cost(between.name || 'cost', between, parameters)
}
