// Functions of one float32 array: the same input for everyone, one array out.
import type { nn, numpy } from '@jax-js/jax'
import type * as tf from '@tensorflow/tfjs-core'
import { type Tensor, tensor } from 'adjoint'
import type { Case } from '../../harness/api.js'
import { numbers } from '../../harness/numbers.js'
import { jaxjs, making as onJax } from '../../peers/jax.js'
import { making } from '../../peers/ours.js'
import { type Input, numpyScript } from '../../peers/python.js'
import { making as onTfjs, tfjs } from '../../peers/tfjs.js'

type JaxArray = InstanceType<typeof numpy.Array>
type Jax = { readonly numpy: typeof numpy; readonly nn: typeof nn; jit: <F>(f: F) => F }

/** One function in the words of each library; peers that lack it are left out. */
export interface OfArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly tolerance?: number
  /** Prepares the function. */
  readonly ours: () => (x: Tensor) => Tensor
  readonly tfjs?: (library: typeof tf, x: tf.Tensor) => tf.Tensor
  /** Prepares the function; its argument may be used up. */
  readonly jax?: (library: Jax) => (x: JaxArray) => JaxArray
  /** Its name in `arrays.py`, and what it needs besides the array `x`. */
  readonly numpy: readonly [name: string, inputs?: Readonly<Record<string, Input>>]
  /** How often a step goes over the whole array, at least: reads and writes. */
  readonly passes: number
}

/** The case of a function. */
export function ofArray({
  name,
  shape,
  tolerance = 1e-4,
  passes,
  ours,
  tfjs: inTfjs,
  jax: inJax,
  numpy: [inNumpy, more],
}: OfArray): Case {
  const x = numbers(
    1,
    shape.reduce((a, b) => a * b, 1),
  )
  return {
    name,
    tolerance,
    work: { bytes: 4 * passes * x.length },
    ours: () => {
      const a = tensor(x, { shape: [...shape] })
      const run = ours()
      return making(() => run(a))
    },
    peers: {
      ...(inTfjs === undefined
        ? {}
        : tfjs((library) => {
            const a = library.tensor(x, [...shape])
            return onTfjs(() => library.tidy(() => inTfjs(library, a)))
          })),
      ...(inJax === undefined
        ? {}
        : jaxjs((library) => {
            const a = library.numpy.array(x, { shape: [...shape] })
            const run = inJax(library as unknown as Jax)
            return onJax(() => run(a.ref))
          })),
      ...numpyScript({ file: 'suites/core/arrays.py', setup: inNumpy, inputs: { x: { data: x, shape }, ...more } }),
    },
  }
}
