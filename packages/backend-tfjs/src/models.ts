// The two kinds of tfjs models, as far as they are used: run with some weights exchanged, read, and written.

import type { NamedTensorMap, Tensor as TfTensor } from '@tensorflow/tfjs-core'

/** What is used of a `tf.LayersModel`. */
export interface LayersModelLike {
  readonly weights: readonly LayerWeight[]
  /** The output for inputs, recorded by tfjs. */
  apply(inputs: never, kwargs?: never): unknown
}

/** What is used of a layer's weight. */
export interface LayerWeight {
  readonly name: string
  /** The value now. */
  read(): TfTensor
  /** Replaces the value. */
  write(value: TfTensor): unknown
}

/** What is used of a `tf.GraphModel`. */
export interface GraphModelLike {
  readonly weights: Record<string, TfTensor[]>
  /** The outputs, synchronously. */
  execute(inputs: TfTensor | TfTensor[] | NamedTensorMap, outputs?: string | string[]): TfTensor | TfTensor[]
}

/** A model of either kind. */
export interface ModelPort {
  readonly names: readonly string[]
  weight(name: string): TfTensor
  /** Takes the tensor over. */
  assign(name: string, value: TfTensor): void
  /** The output for the inputs, with the weights of these names exchanged. */
  run(inputs: TfTensor[], names: readonly string[], weights: readonly TfTensor[]): TfTensor
}

/** The model behind an object, if it is one. */
export function portOf(model: unknown): ModelPort | undefined {
  if (typeof model !== 'object' || model === null || !('weights' in model)) return undefined
  if ('apply' in model && Array.isArray(model.weights)) return layersPort(model as unknown as LayersModelLike)
  if ('execute' in model) return graphPort(model as unknown as GraphModelLike)
  return undefined
}

function layersPort(model: LayersModelLike): ModelPort {
  const named = new Map(model.weights.map((weight) => [weight.name, weight]))
  const find = (name: string): LayerWeight => named.get(name) as LayerWeight
  return {
    names: [...named.keys()],
    weight: (name) => find(name).read(),
    assign(name, value) {
      find(name).write(value)
      value.dispose()
    },
    run(inputs, names, weights) {
      // A layer reads its weights through `val`: while it runs they are the tensors that tfjs's tape follows.
      const holders = names.map((name) => find(name) as unknown as { val: TfTensor })
      const own = holders.map((holder) => holder.val)
      try {
        holders.forEach((holder, i) => {
          holder.val = weights[i]
        })
        return first(model.apply((inputs.length === 1 ? inputs[0] : inputs) as never, {} as never))
      } finally {
        holders.forEach((holder, i) => {
          holder.val = own[i]
        })
      }
    },
  }
}

function graphPort(model: GraphModelLike): ModelPort {
  const floats = Object.keys(model.weights).filter((name) => model.weights[name]?.length === 1)
  return {
    names: floats,
    weight: (name) => model.weights[name][0],
    assign(name, value) {
      model.weights[name][0].dispose()
      model.weights[name][0] = value
    },
    run(inputs, names, weights) {
      const own = names.map((name) => model.weights[name][0])
      try {
        names.forEach((name, i) => {
          model.weights[name][0] = weights[i]
        })
        return first(model.execute(inputs.length === 1 ? inputs[0] : inputs))
      } finally {
        names.forEach((name, i) => {
          model.weights[name][0] = own[i]
        })
      }
    },
  }
}

function first(result: unknown): TfTensor {
  return (Array.isArray(result) ? result[0] : result) as TfTensor
}
