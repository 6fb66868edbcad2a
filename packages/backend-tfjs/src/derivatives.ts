// First derivatives of tfjs functions as tfjs functions: backwards by tfjs's tape, forwards by the transpose of that.
// B. Christianson, Automatic Hessians by reverse accumulation, 1992, for products by transposing twice.

import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import type { TfjsCore } from './api.js'
import type { TfjsCall } from './call.js'

/** What is differentiated, and by which of its inputs. */
export interface Differentiated {
  readonly tf: TfjsCore
  readonly fn: TfjsCall
  /** Positions of float inputs. */
  readonly along: readonly number[]
}

/** The tangents of the float outputs, for tangents and then inputs. */
export interface Pushforward {
  readonly call: TfjsCall
  /** False where tfjs cannot transpose its gradient: a reverse pass for each entry of the outputs is needed. */
  readonly oneSweep: (...operands: TfTensor[]) => boolean
}

/** Cotangents of the float outputs, then the inputs -> cotangents of the inputs of `along`. */
export function pullback({ tf, fn, along }: Differentiated, outputs: number): TfjsCall {
  return (...operands) => {
    const [cotangents, inputs] = [operands.slice(0, outputs), operands.slice(outputs)]
    const objective = (): TfTensor =>
      listOf(fn(...inputs))
        .filter((y) => y.dtype === 'float32')
        .map((y, i) => tf.sum(tf.mul(y, cotangents[i])))
        .reduce((a, b) => tf.add(a, b))
    return slopes(
      tf,
      objective,
      along.map((i) => inputs[i]),
    )
  }
}

/**
 * Tangents of the inputs of `along`, then the inputs -> tangents of the float outputs.
 *
 * The pullback is linear in its cotangents: the transpose of its derivative by them is the pushforward, in one more sweep. For
 * operations whose gradient has no gradient in tfjs each entry of the outputs takes a reverse pass.
 *
 * @param shapesOf - shapes of the float outputs
 */
export function pushforward(
  { tf, fn, along }: Differentiated,
  shapesOf: (inputs: readonly TfTensor[]) => readonly (readonly number[])[],
): Pushforward {
  let refused = false

  function sweep(tangents: TfTensor[], inputs: TfTensor[], shapes: readonly (readonly number[])[]): TfTensor[] {
    const pull = pullback({ tf, fn, along }, shapes.length)
    const cotangents = shapes.map((shape) => tf.zeros([...shape]))
    return slopes(tf, () => inner(tf, listOf(pull(...cotangents, ...inputs)), tangents), cotangents)
  }

  function byEntries(tangents: TfTensor[], inputs: TfTensor[], shapes: readonly (readonly number[])[]): TfTensor[] {
    const pull = pullback({ tf, fn, along }, shapes.length)
    const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1))
    return shapes.map((shape, output) => {
      const entries = Array.from({ length: sizes[output] }, (_, entry) =>
        tf.tidy(() => {
          const units = shapes.map((other, i) => {
            const values = new Float32Array(sizes[i])
            if (i === output) values[entry] = 1
            return tf.tensor(values, [...other])
          })
          return inner(tf, listOf(pull(...units, ...inputs)), tangents)
        }),
      )
      return entries.length === 0 ? tf.zeros([...shape]) : tf.reshape(tf.stack(entries), [...shape])
    })
  }

  function run(operands: TfTensor[]): TfTensor[] {
    const [tangents, inputs] = [operands.slice(0, along.length), operands.slice(along.length)]
    const shapes = shapesOf(inputs)
    if (!refused) {
      try {
        return sweep(tangents, inputs, shapes)
      } catch (error) {
        if (!lacksDerivative(error)) throw error
        refused = true
        dropTape(tf)
      }
    }
    return byEntries(tangents, inputs, shapes)
  }

  return {
    call: (...operands) => run(operands),
    oneSweep(...operands) {
      if (!refused) tf.tidy(() => void run(operands))
      return !refused
    },
  }
}

/** Whether an error of tfjs says that it lacks a gradient, or a kernel that the gradient needs. */
function lacksDerivative(error: unknown): boolean {
  return error instanceof Error && /gradient|not registered for backend/i.test(error.message)
}

/** Lets go of what the tape of a gradient that failed has saved; one that is still being recorded stays. */
function dropTape(tf: TfjsCore): void {
  const { state } = tf.engine()
  if (state.gradientDepth > 0) return
  for (const { saved } of state.activeTape ?? []) for (const tensor of saved ?? []) tensor.dispose()
  state.activeTape = []
}

function slopes(tf: TfjsCore, objective: () => TfTensor, by: TfTensor[]): TfTensor[] {
  const { grads } = tf.engine().gradients(objective, by, undefined, true)
  return by.map((x, i) => grads[i] ?? tf.zeros(x.shape))
}

function inner(tf: TfjsCore, xs: readonly TfTensor[], ys: readonly TfTensor[]): TfTensor {
  return xs.map((x, i) => tf.sum(tf.mul(x, ys[i]))).reduce((a, b) => tf.add(a, b))
}

/** @internal One result or several as a list. */
export function listOf(result: TfTensor | TfTensor[]): TfTensor[] {
  return Array.isArray(result) ? result : [result]
}
