// The network of the suite: one hidden layer, a batch of inputs and labels, and its mean cross entropy in each library.
import type { nn, numpy } from '@jax-js/jax'
import type * as tf from '@tensorflow/tfjs-core'
import { logSoftmax, type Tensor, tensor } from 'adjoint'
import { numbers } from '../../harness/numbers.js'
import type { Input } from '../../peers/python.js'

export type JaxValue = InstanceType<typeof numpy.Array>
export type Weights<T> = { w1: T; b1: T; w2: T; b2: T }

/** A float32 array in no library's form. */
export interface Values {
  readonly data: Float32Array<ArrayBuffer>
  readonly shape: number[]
}

/** A network `inside`-`hidden`-10 and a batch for it. */
export interface Network {
  readonly batch: number
  readonly weights: Weights<Values>
  readonly x: Values
  readonly y: Values
}

/** Each library's weights and batch, as it makes them. */
export function each<T>(weights: Weights<Values>, make: (values: Values) => T): Weights<T> {
  const { w1, b1, w2, b2 } = weights
  return { w1: make(w1), b1: make(b1), w2: make(w2), b2: make(b2) }
}

/** Weights with entries up to `scale`, biases `bias` times as large. */
export function weights(inside: number, hidden: number, seed: number, bias: number): Weights<Values> {
  const made = (at: number, shape: number[], by: number): Values => {
    const size = shape.reduce((a, b) => a * b, 1)
    return { data: numbers(at, size).map((v) => v * by), shape }
  }
  return {
    w1: made(seed, [inside, hidden], 0.2),
    b1: made(seed + 2, [hidden], 0.2 * bias),
    w2: made(seed + 1, [hidden, 10], 0.2),
    b2: made(seed + 2, [10], 0.2 * bias),
  }
}

export function network(inside: number, hidden: number, batch: number): Network {
  const labels = Float32Array.from({ length: batch * 10 }, (_, i) => (i % 10 === Math.floor(i / 10) % 10 ? 1 : 0))
  return {
    batch,
    weights: weights(inside, hidden, 1, 0),
    x: { data: numbers(3, batch * inside), shape: [batch, inside] },
    y: { data: labels, shape: [batch, 10] },
  }
}

export const ours = ({ data, shape }: Values): Tensor => tensor(data, { shape })

/** Our mean cross entropy. */
export function loss({ w1, b1, w2, b2 }: Weights<Tensor>, x: Tensor, y: Tensor): Tensor {
  const logits = x.matmul(w1).add(b1).relu().matmul(w2).add(b2)
  return logSoftmax(logits, 1).mul(y).sum().div(-x.shape[0])
}

/** The same in tfjs, of weights in their order. */
export function tfjsLoss(library: typeof tf, [w1, b1, w2, b2]: tf.Tensor[], x: tf.Tensor, y: tf.Tensor): tf.Scalar {
  const hidden = library.relu(library.add(library.matMul(x, w1), b1))
  const logits = library.add(library.matMul(hidden, w2), b2)
  return library.div(library.sum(library.mul(library.logSoftmax(logits), y)), -x.shape[0])
}

/** The same in jax-js, which uses its arguments up. */
export function jaxLoss(library: { nn: typeof nn; numpy: typeof numpy }) {
  return ({ w1, b1, w2, b2 }: Weights<JaxValue>, x: JaxValue, y: JaxValue): JaxValue => {
    const batch = x.shape[0]
    const logits = library.numpy.matmul(library.nn.relu(library.numpy.matmul(x, w1).add(b1)), w2).add(b2)
    return library.numpy.sum(library.nn.logSoftmax(logits, 1).mul(y)).mul(-1 / batch)
  }
}

/** What a script of `network.py` gets. */
export function scriptInputs({ weights, x, y }: Network): Record<string, Input> {
  return { ...weights, x, y }
}
