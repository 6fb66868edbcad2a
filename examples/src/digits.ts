// A network with one hidden layer learns the handwritten digits: data, parameters, loss, a compiled training step.
// D. Kingma, J. Ba, Adam, 2015; label smoothing: C. Szegedy et al., Rethinking the Inception Architecture, 2016.

import { digits } from '@adjoint/datasets'
import { adam, cosineDecay } from '@adjoint/optim'
import {
  applyUpdates,
  argMax,
  jit,
  logSoftmax,
  oneHot,
  random,
  stack,
  type Tensor,
  take,
  valueAndGrad,
  zeros,
} from 'adjoint'
import { breathe, type ChapterContext, type ChapterResult, type Figure, type Point } from './chapter.js'
import { runAlone } from './run-alone.js'

export const name = 'digits'
export const title = 'A network learns handwritten digits'
export const text =
  'A network with one hidden layer of 256 units learns from four fifths of 1797 images of 8 by 8 pixels and is tested on the rest. ' +
  'The whole training step, forward pass, gradient and Adam update, is one compiled function.'

const CLASSES = 10
const HIDDEN = 256
const BATCH = 64
const GOAL = 0.97

type Layer = { weight: Tensor; bias: Tensor }
type Network = { hidden: Layer; output: Layer }

function layer(key: random.Key, inputs: number, outputs: number): Layer {
  return { weight: random.normal(key, [inputs, outputs]).mul(Math.sqrt(2 / inputs)), bias: zeros([outputs]) }
}

function logits({ hidden, output }: Network, x: Tensor): Tensor {
  return x.matmul(hidden.weight).add(hidden.bias).relu().matmul(output.weight).add(output.bias)
}

function loss(network: Network, x: Tensor, labels: Tensor): Tensor {
  const target = oneHot(labels, CLASSES)
    .mul(0.9)
    .add(0.1 / CLASSES)
  return logSoftmax(logits(network, x), -1).mul(target).sum(-1).mean().neg()
}

const evaluate = jit((network: Network, x: Tensor, labels: Tensor) => {
  const predicted = argMax(logits(network, x), -1)
  return { predicted, loss: loss(network, x, labels) }
})

/** Trains and tests the network. */
export async function run({ seed, quick, signal, progress }: ChapterContext): Promise<ChapterResult> {
  const { train, test } = (await digits()).split({ seed, testFraction: 0.2 })
  const pixels = { train: train.images.reshape([-1, 64]), test: test.images.reshape([-1, 64]) }
  const count = train.labels.shape[0]
  const epochs = quick ? 6 : 30
  const batches = Math.floor(count / BATCH)
  const optimizer = adam(cosineDecay(1e-2, epochs * batches))
  const [hiddenKey, outputKey, orderKey] = random.split(random.key(seed), 3)

  const step = jit((network: Network, state: ReturnType<typeof optimizer.init>, x: Tensor, labels: Tensor) => {
    const { value, grad } = valueAndGrad(loss)(network, x, labels)
    const { updates, state: next } = optimizer.update(grad, state)
    return { network: applyUpdates(network, updates), state: next, value }
  })

  let network: Network = { hidden: layer(hiddenKey, 64, HIDDEN), output: layer(outputKey, HIDDEN, CLASSES) }
  let state = optimizer.init(network)
  const history: { trained: Point[]; tested: Point[]; accuracy: Point[] } = { trained: [], tested: [], accuracy: [] }
  const labels = Array.from(await test.labels.data())
  let predicted: number[] = []

  progress.begin(epochs * batches, 'digits')
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = random.permutation(random.foldIn(orderKey, epoch), count)
    const losses: Tensor[] = []
    for (let batch = 0; batch < batches; batch++) {
      const rows = order.slice([batch * BATCH, (batch + 1) * BATCH])
      const result = step(network, state, take(pixels.train, rows, 0), take(train.labels, rows, 0))
      network = result.network
      state = result.state
      losses.push(result.value)
    }
    await breathe(signal)
    const tested = evaluate(network, pixels.test, test.labels)
    predicted = Array.from(await tested.predicted.data())
    const shown = {
      loss: (await stack(losses, 0).mean().data())[0],
      accuracy: predicted.filter((label, i) => label === labels[i]).length / labels.length,
    }
    history.trained.push([epoch, shown.loss])
    history.tested.push([epoch, (await tested.loss.data())[0]])
    history.accuracy.push([epoch, shown.accuracy])
    progress.advance(epoch * batches, shown)
  }
  progress.end()

  const accuracy = history.accuracy[epochs - 1][1]
  return {
    ok: accuracy >= (quick ? 0.9 : GOAL),
    metrics: { accuracy, loss: history.trained[epochs - 1][1], epochs },
    summary: `${(100 * accuracy).toFixed(1)} % of ${labels.length} unseen digits are read correctly after ${epochs} epochs.`,
    figures: figures(history, labels, predicted, await pixels.test.data()),
  }
}

function figures(
  { trained, tested, accuracy }: { trained: Point[]; tested: Point[]; accuracy: Point[] },
  labels: readonly number[],
  predicted: readonly number[],
  pixels: ArrayLike<number>,
): Figure[] {
  const counts = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0))
  for (const [i, label] of labels.entries()) counts[label][predicted[i]]++
  const wrong = [...labels.keys()].filter((i) => labels[i] !== predicted[i])
  const tiles = wrong.slice(0, 12).map((i) => ({
    label: `${labels[i]} read as ${predicted[i]}`,
    pixels: Array.from({ length: 64 }, (_, j) => pixels[64 * i + j]),
  }))
  const lossCurves = [
    { name: 'training', points: trained },
    { name: 'test', points: tested },
  ]
  return [
    { kind: 'curves', caption: 'Loss by epoch', x: 'epoch', y: 'cross entropy', logarithmic: true, series: lossCurves },
    {
      kind: 'curves',
      caption: 'Test accuracy by epoch',
      x: 'epoch',
      y: 'share of digits read correctly',
      logarithmic: false,
      series: [{ name: 'test', points: accuracy }],
    },
    { kind: 'confusion', caption: 'Confusion matrix on the test digits', counts },
    { kind: 'tiles', caption: 'Test digits that it misreads', size: 8, tiles },
  ]
}

await runAlone(import.meta.url, { name, title, text, run })
