// A primitive is a value that carries its own rules, so that packages outside the core define them as the core does.

import type { Kernels } from './backend/kernel.js'
import type { ScalarRule } from './codegen/ir.js'
import type { DType, TypedArray } from './dtype.js'
import { AdjointError } from './error.js'
import type { Program } from './program/program.js'
import type { Aval, Shape } from './shape.js'
import type { Tensor } from './tensor.js'

/** A tangent or cotangent; `null` is an exact zero that is never computed. */
export type MaybeZero = Tensor | null

/** An array on the host, as reference and host rules see it. */
export interface HostArray<A extends TypedArray = TypedArray> {
  readonly data: A
  readonly shape: Shape
  readonly dtype: DType
}

/**
 * Plain TypeScript semantics: floats arrive as Float64Array, integers in their own arrays; returns one array per output.
 * It is the oracle of the conformance kit, and what runs where no backend has a kernel.
 */
export type ReferenceRule<P> = (
  inputs: readonly HostArray[],
  params: P,
  outputs: readonly Aval[],
) => readonly TypedArray[]

/** What may be said of a primitive. `shape` is required; each transform asks for its rule by name when it is missing. */
export interface PrimitiveRules<P extends object> {
  /** Types of the outputs; the place where bad shapes and dtypes get their error. */
  shape(inputs: readonly Aval[], params: P): readonly Aval[]
  /** Forward rule: tangents of the outputs, written with other primitives and linear in `tangents`. */
  jvp?(
    primals: readonly Tensor[],
    tangents: readonly MaybeZero[],
    outputs: readonly Tensor[],
    params: P,
  ): readonly MaybeZero[]
  /** Forward rule of primitives whose outputs and tangents come from one computation: calls, loops, custom rules. */
  jvpWithOutputs?(
    primals: readonly Tensor[],
    tangents: readonly MaybeZero[],
    params: P,
  ): { outputs: readonly Tensor[]; tangents: readonly MaybeZero[] }
  /**
   * Transpose of a primitive linear in some inputs: cotangents for the inputs marked linear, `null` elsewhere.
   * Linear inputs are known only by their type; the others are values.
   */
  transpose?(cotangents: readonly MaybeZero[], inputs: readonly TransposeInput[], params: P): readonly MaybeZero[]
  /** Batching rule: inputs marked in `batched` carry the batch as axis 0; every output must. */
  vmap?(inputs: readonly Tensor[], batched: readonly boolean[], size: number, params: P): readonly Tensor[]
  /** The same in simpler primitives, for backends without a kernel. */
  decompose?(inputs: readonly Tensor[], params: P): readonly Tensor[]
  /** For primitives that wrap a Program (calls, custom rules): the Program over the same inputs. */
  program?(params: P): Program
  /** How it runs on concrete tensors when it is no kernel: control flow and calls compile their Program. */
  run?(inputs: readonly Tensor[], params: P): readonly Tensor[]
  reference?: ReferenceRule<P>
  /** A host algorithm: typed arrays in, typed arrays out, on the host backend whatever the device. */
  host?: boolean
  /** The output is the input's storage under another type; nothing is computed. */
  view?: boolean
  /** An element-wise primitive as a scalar expression: it fuses on every codegen backend. */
  scalar?: ScalarRule<P>
  /** Kernels by backend name, and `ir` for one in the scalar IR. */
  kernels?: Kernels<P>
}

/** An input of a transpose rule. */
export type TransposeInput =
  | { readonly linear: true; readonly aval: Aval }
  | { readonly linear: false; readonly aval: Aval; readonly value: Tensor }

/** A primitive operation: a name with rules. The type parameter is its static parameters. */
export interface Primitive<P extends object = object> extends PrimitiveRules<P> {
  readonly name: string
}

/**
 * Makes a primitive from its rules.
 *
 * @param name - unique; packages prefix theirs, `@scope/package:name`
 * @param rules - what each transform and backend needs to know; only `shape` is required
 * @returns a value to give to `bind`
 * @throws AdjointError `invalid-argument` for an empty name
 * @example
 * const double: Primitive = definePrimitive('@me/double:double', {
 *   shape: ([x]) => [x],
 *   jvp: (_, [dx]) => [dx === null ? null : dx.mul(2)],
 *   vmap: (inputs) => bind(double, inputs),
 *   reference: ([x]) => [x.data.map((v) => 2 * v)],
 * })
 * bind(double, [tensor([1, 2])])[0].dataSync()   // Float32Array [2, 4]
 */
export function definePrimitive<P extends object = object>(name: string, rules: PrimitiveRules<P>): Primitive<P> {
  if (name === '') {
    throw new AdjointError('invalid-argument', {
      fn: 'definePrimitive',
      given: 'an empty name',
      expected: 'a unique name',
    })
  }
  return { name, ...rules }
}
