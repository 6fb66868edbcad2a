// Between the user's functions of pytrees and the engine's functions of flat lists of tensors.

import { defaultBackend, refusePromise } from '../backend/current.js'
import { isFloat } from '../dtype.js'
import { AdjointError } from '../error.js'
import type { FlatFunction } from '../program/trace.js'
import { checkInteger, formatAval, pick } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { flatten, type Leaf, type Structure, unflatten } from '../tree.js'

/** A flat function that remembers the structure of what it last returned. */
export interface Flattened {
  readonly fn: FlatFunction
  /** Structure of the results; known once `fn` has run. */
  result(): Structure
}

/** @internal A number as the weak scalar it is. */
export function leafTensor(leaf: Leaf): Tensor {
  if (typeof leaf !== 'number') return leaf
  return literalTensor(leaf, weakDType(), true)
}

/** @internal The dtype that carries JavaScript numbers without loss, where the backend has it. */
export function weakDType(): 'float64' | 'float32' {
  return defaultBackend().dtypes.includes('float64') ? 'float64' : 'float32'
}

/** @internal */
export function flattenFunction(name: string, fn: (...args: never[]) => unknown, args: Structure): Flattened {
  let structure: Structure | undefined
  return {
    fn: (inputs) => {
      const value = refusePromise(name, fn(...(unflatten(args, inputs) as never[])))
      const flat = flatten(value)
      structure = flat.structure
      return flat.leaves.map(leafTensor)
    },
    result: () => structure as Structure,
  }
}

/** @internal The leaves of the arguments, which of them are differentiated, and the structures on both sides. */
export interface Split {
  readonly structure: Structure
  readonly leaves: readonly Leaf[]
  readonly primals: readonly Tensor[]
  readonly wrt: readonly boolean[]
  /** Where the leaves of the differentiated arguments stand, in the order of `argnums`. */
  readonly places: readonly number[]
  /** Structure of the differentiated arguments. */
  readonly selected: Structure
}

/** @internal Takes arguments apart; those in `argnums` must be float. */
export function splitArguments(fn: string, args: readonly unknown[], argnums: number | readonly number[]): Split {
  const chosen = typeof argnums === 'number' ? [argnums] : argnums
  for (const i of chosen) checkInteger(fn, i, { what: 'argnums', low: 0, high: args.length - 1 })
  const parts = args.map(flatten)
  const leaves = parts.flatMap((part) => part.leaves)
  const primals = leaves.map(leafTensor)
  let count = 0
  const numbered = parts.map((part) => part.leaves.map(() => count++))
  const places = chosen.flatMap((i) => numbered[i])
  const integer = pick(primals, places).find((x) => !isFloat(x.dtype))
  if (integer !== undefined) {
    throw new AdjointError('not-differentiable', {
      fn,
      given: `a derivative with respect to ${formatAval(integer)}`,
      expected: 'float32 or float64',
      fix: 'Cast it, or choose others with `argnums`',
    })
  }
  const structures = chosen.map((i) => parts[i].structure)
  return {
    structure: { kind: 'array', children: parts.map((part) => part.structure) },
    leaves,
    primals,
    wrt: parts.flatMap((part, i) => part.leaves.map(() => chosen.includes(i))),
    places,
    selected: typeof argnums === 'number' ? structures[0] : { kind: 'array', children: structures },
  }
}
