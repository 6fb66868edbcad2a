// TensorFlow.js as a peer: its cpu and wasm backends, with the gradients its layers package registers.
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import '@tensorflow/tfjs-layers'
import type { Program, Setup } from '../harness/api.js'

/** The same program on both backends, each set up when its turn comes. */
export function tfjs(setup: (library: typeof tf) => Program): Record<string, Setup> {
  const on =
    (backend: string): Setup =>
    async () => {
      await tf.setBackend(backend)
      await tf.ready()
      return setup(tf)
    }
  return { 'tfjs-cpu': on('cpu'), 'tfjs-wasm': on('wasm') }
}

/** A program that makes one tensor and lets it go: tfjs frees nothing by itself. */
export function making(make: () => tf.Tensor): Program {
  return {
    step: () => make().dispose(),
    result: async () => {
      const made = make()
      const values = await made.data()
      made.dispose()
      return values
    },
  }
}
