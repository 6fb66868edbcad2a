// Pytrees: nested objects and arrays with tensors at the leaves, taken apart and put together again.

import { AdjointError } from './error.js'
import { composed } from './temporaries.js'
import { isTensor, type Tensor, type TensorLike } from './tensor.js'

/** Opts a class into pytrees: its instances are flattened into children and rebuilt from them. */
export const TREE: unique symbol = Symbol.for('adjoint.tree') as never

/** What a class puts under `TREE`. */
export interface TreeNode<Self = unknown, Children extends readonly unknown[] = readonly unknown[]> {
  /** The parts that may hold tensors. */
  flatten(self: Self): Children
  /** The instance with other parts. */
  unflatten(children: Children, self: Self): Self
  /** Fields that belong to the structure: equal ones may share compiled code. */
  static?(self: Self): string
}

/** A leaf: a tensor, or a number that becomes a weak scalar. */
export type Leaf = Tensor | number

/** The shape of a pytree, with its leaves taken out. */
export type Structure =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'static'; readonly value: unknown }
  | { readonly kind: 'array'; readonly children: readonly Structure[] }
  | { readonly kind: 'object'; readonly keys: readonly string[]; readonly children: readonly Structure[] }
  | { readonly kind: 'node'; readonly node: TreeNode; readonly self: unknown; readonly children: readonly Structure[] }

const LEAF: Structure = { kind: 'leaf' }

/**
 * A tree's leaves, in order, and what is needed to rebuild it. Object keys are taken in alphabetical order.
 *
 * @throws AdjointError `invalid-argument` for functions, promises and class instances that did not opt in
 * @example
 * tree.flatten({ w: ones([2]), b: 0 }).leaves.length   // 2
 */
export function flatten(value: unknown): { leaves: Leaf[]; structure: Structure } {
  const leaves: Leaf[] = []
  const structure = walk(value, leaves)
  return { leaves, structure }
}

function walk(value: unknown, leaves: Leaf[]): Structure {
  if (isTensor(value) || typeof value === 'number') {
    leaves.push(value)
    return LEAF
  }
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'function' || typeof value === 'symbol') throw notTree(value)
    return { kind: 'static', value }
  }
  if (Array.isArray(value)) return { kind: 'array', children: value.map((child) => walk(child, leaves)) }
  const node = (value as { constructor?: { [TREE]?: TreeNode } }).constructor?.[TREE]
  if (node !== undefined)
    return { kind: 'node', node, self: value, children: node.flatten(value).map((child) => walk(child, leaves)) }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw notTree(value)
  const keys = Object.keys(value).sort()
  return { kind: 'object', keys, children: keys.map((key) => walk((value as Record<string, unknown>)[key], leaves)) }
}

function notTree(value: unknown): AdjointError {
  const name = typeof value === 'object' ? `an instance of ${value?.constructor.name}` : `a ${typeof value}`
  return new AdjointError(
    typeof (value as { then?: unknown }).then === 'function' ? 'promise-in-trace' : 'invalid-argument',
    {
      fn: 'tree',
      given: `${name} in a pytree`,
      expected: 'objects, arrays, tensors and numbers',
      fix: 'Pass other values by closure or as `static` arguments; classes opt in with TREE',
    },
  )
}

/**
 * The tree with the given leaves.
 *
 * @example
 * const { leaves, structure } = tree.flatten([1, { a: 2 }])
 * tree.unflatten(structure, leaves)   // [1, { a: 2 }]
 */
export function unflatten(structure: Structure, leaves: readonly unknown[]): unknown {
  let next = 0
  const build = (s: Structure): unknown => {
    switch (s.kind) {
      case 'leaf':
        return leaves[next++]
      case 'static':
        return s.value
      case 'array':
        return s.children.map(build)
      case 'object': {
        const out: Record<string, unknown> = {}
        s.keys.forEach((key, i) => {
          out[key] = build(s.children[i])
        })
        return out
      }
      case 'node':
        return s.node.unflatten(s.children.map(build), s.self)
    }
  }
  return build(structure)
}

/** @internal Text that is equal for equal structures. */
export function structureKey(structure: Structure): string {
  switch (structure.kind) {
    case 'leaf':
      return '*'
    case 'static':
      return `=${typeof structure.value}:${String(structure.value)}`
    case 'array':
      return `[${structure.children.map(structureKey).join()}]`
    case 'object':
      return `{${structure.children.map((child, i) => `${JSON.stringify(structure.keys[i])}:${structureKey(child)}`).join()}}`
    case 'node':
      return `${nodeId(structure.node)}<${structure.node.static?.(structure.self) ?? ''}>(${structure.children.map(structureKey).join()})`
  }
}

const nodeIds = /* @__PURE__ */ new WeakMap<TreeNode, number>()
let nextNode = 0

function nodeId(node: TreeNode): number {
  const id = nodeIds.get(node) ?? ++nextNode
  nodeIds.set(node, id)
  return id
}

/**
 * The tensors and numbers of a tree.
 *
 * @example
 * tree.leaves({ a: 1, b: [2, 3] })   // [1, 2, 3]
 */
export function leaves(value: unknown): Leaf[] {
  return flatten(value).leaves
}

/** Whether a type has methods, as class instances do: those stay what they are. */
export type HasMethods<T> = true extends {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? true : never
}[keyof T]
  ? true
  : false

/** A tree like `T` with tensors in place of its tensors and numbers. */
export type TensorsOf<T> = T extends Tensor | number
  ? Tensor
  : T extends readonly unknown[]
    ? { [K in keyof T]: TensorsOf<T[K]> }
    : T extends object
      ? HasMethods<T> extends true
        ? T
        : { [K in keyof T]: TensorsOf<T[K]> }
      : T

/** Arguments as `T` has them, with numbers welcome in place of tensors. */
export type ArgumentsOf<T> = T extends Tensor
  ? TensorLike
  : T extends readonly unknown[]
    ? { [K in keyof T]: ArgumentsOf<T[K]> }
    : T extends object
      ? HasMethods<T> extends true
        ? T
        : { [K in keyof T]: ArgumentsOf<T[K]> }
      : T

/**
 * Applies a function to corresponding leaves of trees of one structure.
 *
 * @throws AdjointError `tree-mismatch` when the structures differ
 * @example
 * tree.map((x, y) => add(x, y), { a: tensor(1) }, { a: tensor(2) })   // { a: 3 }
 */
export function map<T, R = Tensor>(
  fn: (leaf: never, ...others: never[]) => R,
  first: T,
  ...others: readonly unknown[]
): T
export function map(fn: (...leaves: never[]) => unknown, first: unknown, ...others: readonly unknown[]): unknown {
  const { leaves: own, structure } = flatten(first)
  const rest = others.map((other) => matching('tree.map', structure, other))
  return unflatten(
    structure,
    own.map((leaf, i) => fn(leaf as never, ...rest.map((r) => r[i] as never))),
  )
}

/** @internal The leaves of a tree that must have the given structure. */
export function matching(fn: string, structure: Structure, other: unknown): Leaf[] {
  const flat = flatten(other)
  if (structureKey(flat.structure) !== structureKey(structure)) {
    throw new AdjointError('tree-mismatch', {
      fn,
      given: `trees ${structureKey(structure)} and ${structureKey(flat.structure)}`,
      expected: 'trees of one structure',
    })
  }
  return flat.leaves
}

/**
 * The Euclidean norm over all leaves; float64 when one of them is.
 *
 * @example
 * tree.norm({ a: tensor([3]), b: tensor([4]) })   // 5
 */
export function norm(value: unknown): Tensor {
  const list = leaves(value)
  return composed(list, () => total('tree.norm', list, (leaf) => (leaf as Tensor).square()).sqrt())
}

/**
 * The inner product over all leaves of two trees.
 *
 * @example
 * tree.dot({ a: tensor([1, 2]) }, { a: tensor([3, 4]) })   // 11
 */
export function dot(a: unknown, b: unknown): Tensor {
  const { leaves: own, structure } = flatten(a)
  const other = matching('tree.dot', structure, b)
  return total('tree.dot', own, (x, i) => (x as Tensor).mul(other[i]))
}

function total(fn: string, list: readonly Leaf[], terms: (leaf: Leaf, i: number) => Tensor): Tensor {
  if (list.length === 0)
    throw new AdjointError('invalid-argument', { fn, given: 'a tree without tensors', expected: 'at least one' })
  return composed(list, () => {
    const sums = list.map((leaf, i) => terms(leaf, i).sum())
    const wide = sums.some((x) => x.dtype === 'float64') ? 'float64' : sums[0].dtype
    return sums.map((x) => x.cast(wide)).reduce((x, y) => x.add(y))
  })
}
