// A tfjs LayersModel learns the handwritten digits by Adjoint's optimizers; then its weights are saved as tfjs saves them.
// D. Kingma, J. Ba, Adam, 2015. Run it alone, after a build: node examples/dist/tfjs-digits.js

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import '@tensorflow/tfjs-backend-wasm'
import { createTfjs, differentiable, fromTfjs, type TfjsBackend, toTfjs } from '@adjoint/backend-tfjs'
import { digits } from '@adjoint/datasets'
import { adam, cosineDecay } from '@adjoint/optim'
import { io } from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import {
  applyUpdates,
  argMax,
  grad,
  logSoftmax,
  oneHot,
  random,
  scope,
  type Tensor,
  take,
  tree,
  withBackend,
} from 'adjoint'

const CLASSES = 10
const BATCH = 64

type Weights = Record<string, Tensor>

/** What came of it. */
export interface Trained {
  /** Share of unseen digits that are read correctly, by the tfjs model itself. */
  readonly accuracy: number
  /** The model as tfjs saves it: topology, and weights as bytes. */
  readonly artifacts: io.ModelArtifacts
}

function network(seed: number): layers.LayersModel {
  const kernelInitializer = layers.initializers.heNormal({ seed })
  return layers.sequential({
    layers: [
      layers.layers.dense({ units: 64, inputShape: [64], activation: 'relu', kernelInitializer }),
      layers.layers.dense({ units: CLASSES, kernelInitializer }),
    ],
  })
}

/** Trains the model and saves it. */
export async function run({ epochs = 12, seed = 0 }: { epochs?: number; seed?: number } = {}): Promise<Trained> {
  const backend = await createTfjs({ device: 'wasm' })
  const { train, test } = (await digits()).split({ seed, testFraction: 0.2 })
  const onDevice = (x: Tensor) => x.to(backend)
  const [pixels, labels] = [onDevice(train.images.reshape([-1, 64])), onDevice(train.labels)]
  const batches = Math.floor(pixels.shape[0] / BATCH)

  const model = network(seed + 1)
  const net = differentiable(model, { backend })
  const loss = (weights: Weights, x: Tensor, y: Tensor) =>
    logSoftmax(net(x, weights), -1).mul(oneHot(y, CLASSES)).sum(-1).mean().neg()
  const optimizer = adam(cosineDecay(1e-2, epochs * batches))

  let weights = net.weights()
  let state = withBackend(backend, () => optimizer.init(weights))
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = onDevice(random.permutation(random.key(seed + epoch), pixels.shape[0]))
    for (let batch = 0; batch < batches; batch++) {
      const before = { weights, state }
      const after = scope(() => step(backend, { ...before, rows: order.slice([batch * BATCH, (batch + 1) * BATCH]) }))
      free(before, after)
      weights = after.weights
      state = after.state
    }
  }

  function step(on: TfjsBackend, at: { weights: Weights; state: typeof state; rows: Tensor }) {
    return withBackend(on, () => {
      const slopes = grad(loss)(at.weights, take(pixels, at.rows, 0), take(labels, at.rows, 0))
      const { updates, state: next } = optimizer.update(slopes, at.state)
      return { weights: applyUpdates(at.weights, updates), state: next }
    })
  }

  await net.assign(weights)
  const accuracy = await accuracyOf(model, backend, test.images.reshape([-1, 64]), test.labels)
  const saved: io.ModelArtifacts[] = []
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved.push(artifacts)
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } }
    }),
  )
  model.dispose()
  return { accuracy, artifacts: saved[0] }
}

/** Disposes what is in one tree and not in the other. */
function free(before: unknown, after: unknown): void {
  const kept = new Set(tree.leaves(after))
  for (const leaf of tree.leaves(before)) if (typeof leaf !== 'number' && !kept.has(leaf)) leaf.dispose()
}

async function accuracyOf(model: layers.LayersModel, backend: TfjsBackend, x: Tensor, labels: Tensor): Promise<number> {
  const input = await toTfjs(x, { backend })
  const scores = model.predict(input) as ReturnType<typeof input.clone>
  const expected = await labels.data()
  const read = await argMax(fromTfjs(scores, { backend }), -1).data()
  input.dispose()
  scores.dispose()
  return read.filter((label, i) => label === expected[i]).length / expected.length
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { accuracy, artifacts } = await run()
  const { weightData } = artifacts
  const bytes = Array.isArray(weightData)
    ? weightData.reduce((n, part) => n + part.byteLength, 0)
    : weightData?.byteLength
  console.log(
    `${(100 * accuracy).toFixed(1)} % of the unseen digits are read correctly; ${bytes} bytes of weights saved.`,
  )
}
