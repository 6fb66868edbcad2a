// Two photographs exchange their colours: entropic optimal transport between samples of their colours, written on the
// core. M. Cuturi, Sinkhorn distances, 2013; the map beyond the samples: A.-A. Pooladian, J. Niles-Weed, 2021.

import { type Photograph, photographs } from '@adjoint/datasets'
import { fori, jit, logSumExp, random, softmax, type Tensor, take, zeros } from 'adjoint'
import { breathe, type ChapterContext, type ChapterResult, type Picture } from './chapter.js'
import { runAlone } from './run-alone.js'

export const name = 'colour-transfer'
export const title = 'Two photographs exchange their colours'
export const text =
  'Each photograph is a cloud of colours. Entropic optimal transport finds the cheapest way to move one cloud onto the other; ' +
  'its dual potentials extend the move from a sample of colours to every pixel, in both directions from one solution.'

const EPSILON = 0.02
const CHUNK = 8192

/** Squared distances between colours: `[n, 3]` and `[m, 3]` to `[n, m]`. */
function squaredDistances(x: Tensor, y: Tensor): Tensor {
  const cross = x.matmul(y.T).mul(2)
  return x.square().sum(1, { keepDims: true }).sub(cross).add(y.square().sum(1)).maximum(0)
}

/** Sinkhorn's iteration in the log domain, uniform weights: the dual potentials and the error of the row sums. */
function sinkhorn(x: Tensor, y: Tensor, epsilon: number, steps: number): { f: Tensor; g: Tensor; error: Tensor } {
  const cost = squaredDistances(x, y)
  const [n, m] = cost.shape
  const softMinimum = (potential: Tensor, axis: number, count: number): Tensor =>
    logSumExp(potential.sub(cost).div(epsilon), axis).sub(Math.log(count)).mul(-epsilon)
  const rows = (g: Tensor): Tensor => softMinimum(g, 1, m)
  const columns = (f: Tensor): Tensor => softMinimum(f.expandDims(1), 0, n)
  const step = (_: Tensor, { g }: { f: Tensor; g: Tensor }): { f: Tensor; g: Tensor } => {
    const f = rows(g)
    return { f, g: columns(f) }
  }
  const { f, g } = fori(0, steps, step, { f: zeros([n]), g: zeros([m]) })
  return { f, g, error: f.sub(rows(g)).div(epsilon).exp().sub(1).abs().mean() }
}

/** Where the plan sends any colour: the mean of `targets`, weighted by the plan's density. */
function transport(colours: Tensor, targets: Tensor, potential: Tensor, epsilon: number): Tensor {
  return softmax(potential.sub(squaredDistances(colours, targets)).div(epsilon), 1).matmul(targets)
}

const solve = jit((x: Tensor, y: Tensor, steps: number) => sinkhorn(x, y, EPSILON, steps), { static: [2] })
const move = jit((z: Tensor, y: Tensor, potential: Tensor) => transport(z, y, potential, EPSILON))

/** Transports the colours both ways. */
export async function run({ seed, quick, signal, progress }: ChapterContext): Promise<ChapterResult> {
  const { china, flower } = await photographs()
  const stride = quick ? 4 : 1
  const [samples, steps] = quick ? [128, 100] : [400, 200]
  const before = { china: thin(china.pixels, stride), flower: thin(flower.pixels, stride) }
  const [height, width] = before.china.shape
  const flat = { china: before.china.reshape([-1, 3]), flower: before.flower.reshape([-1, 3]) }
  const chunks = Math.ceil((width * height) / CHUNK)
  progress.begin(1 + 2 * chunks, 'colour-transfer')

  const [chinaKey, flowerKey] = random.split(random.key(seed), 2)
  const x = sample(flat.china, chinaKey, samples)
  const y = sample(flat.flower, flowerKey, samples)
  const { f, g, error } = solve(x, y, steps)
  const marginalError = (await error.data())[0]
  progress.advance(1, { marginalError })

  let done = 1
  const recolour = async (pixels: Tensor, targets: Tensor, potential: Tensor): Promise<Float32Array> => {
    const out = new Float32Array(pixels.size)
    for (let row = 0; row < pixels.shape[0]; row += CHUNK) {
      const moved = move(pixels.slice([row, Math.min(row + CHUNK, pixels.shape[0])]), targets, potential)
      out.set(await moved.data(), 3 * row)
      progress.advance(++done, { marginalError })
      await breathe(signal)
    }
    return out
  }
  const after = { china: await recolour(flat.china, y, g), flower: await recolour(flat.flower, x, f) }
  progress.end()

  const original = { china: await flat.china.data(), flower: await flat.flower.data() }
  const colourGapBefore = gap(original.china, original.flower)
  const colourGapAfter = Math.max(gap(after.china, original.flower), gap(after.flower, original.china))
  const show = (what: string, alt: string, values: ArrayLike<number>): Picture => ({
    title: what,
    alt,
    width,
    height,
    rgb: Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
  })
  return {
    ok: marginalError < 0.05 && colourGapAfter < 0.5 * colourGapBefore,
    metrics: { marginalError, colourGapBefore, colourGapAfter, samples, iterations: steps },
    summary: `The mean colours were ${colourGapBefore.toFixed(2)} apart and are ${colourGapAfter.toFixed(2)} from the other photograph's now; the plan's row sums are off by ${(100 * marginalError).toPrecision(2)} %.`,
    figures: [
      {
        kind: 'pictures',
        caption: `Before and after. ${credit(china)}; ${credit(flower)}; colours changed.`,
        pictures: [
          show('Temple, before', 'A temple with curved roofs among trees under a pale blue sky', original.china),
          show('Temple, after', 'The same temple in the dark green and orange of the flower', after.china),
          show('Flower, before', 'A yellow and red dahlia against dark green leaves', original.flower),
          show('Flower, after', 'The same dahlia in the white, grey and brown of the temple', after.flower),
        ],
      },
      { kind: 'code', caption: 'The solver and the map, as compiled', text: `${sinkhorn}\n\n${transport}` },
    ],
  }
}

function thin(pixels: Tensor, stride: number): Tensor {
  const [height, width] = pixels.shape
  return pixels.slice([0, height, stride], [0, width, stride])
}

function sample(colours: Tensor, key: random.Key, count: number): Tensor {
  return take(colours, random.permutation(key, colours.shape[0]).slice([0, count]), 0)
}

/** Distance between the mean colours of two pictures. */
function gap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const means = [a, b].map((values) => {
    const sums = [0, 0, 0]
    for (let i = 0; i < values.length; i++) sums[i % 3] += values[i]
    return sums.map((sum) => (3 * sum) / values.length)
  })
  return Math.hypot(...means[0].map((mean, i) => mean - means[1][i]))
}

const credit = ({ info }: Photograph): string => `${info.title}: ${info.source}, ${info.licence}`

await runAlone(import.meta.url, { name, title, text, run })
