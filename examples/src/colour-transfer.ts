// Two photographs exchange their colours at full resolution: entropic optimal transport between samples of their colours.
// M. Cuturi, Sinkhorn distances, 2013; the map beyond the samples: A.-A. Pooladian, J. Niles-Weed, 2021.

import { type Photograph, photographs } from '@adjoint/datasets'
import { type ColorMap, colorMap, type EntropicMap } from '@adjoint/ot'
import { jit, random, type Tensor } from 'adjoint'
import { breathe, type ChapterContext, type ChapterResult, type Picture } from './chapter.js'
import { runAlone } from './run-alone.js'

export const name = 'colour-transfer'
export const title = 'Two photographs exchange their colours'
export const text =
  'Each photograph is a cloud of colours. Entropic optimal transport finds the cheapest way to move one cloud onto the other; ' +
  'its dual potentials extend the move from a sample of colours to every pixel, in both directions from one solution.'

const CHUNK = 16384

/** The map between the colours of two photographs, both ways. */
const learn = (x: Tensor, y: Tensor, samples: number, key: random.Key): ColorMap =>
  colorMap(x, y, { samples, key, epsilon: 0.02, epsilonScale: 'absolute' })

/** Colours of the one in those of the other. */
const there = (map: EntropicMap, colours: Tensor): Tensor => map.apply(colours)
const back = (map: EntropicMap, colours: Tensor): Tensor => map.inverse(colours)
const move = { there: jit(there), back: jit(back) }

/** Transports the colours both ways. */
export async function run({ seed, quick, signal, progress }: ChapterContext): Promise<ChapterResult> {
  const { china, flower } = await photographs()
  const stride = quick ? 4 : 1
  const samples = quick ? 128 : 500
  const before = { china: thin(china.pixels, stride), flower: thin(flower.pixels, stride) }
  const [height, width] = before.china.shape
  const flat = { china: before.china.reshape([-1, 3]), flower: before.flower.reshape([-1, 3]) }
  const chunks = Math.ceil((width * height) / CHUNK)
  progress.begin(1 + 2 * chunks, 'colour-transfer')

  const { map, transport } = learn(flat.china, flat.flower, samples, random.key(seed))
  const [marginalError] = await transport.marginalError.data()
  const [iterations] = await transport.iterations.data()
  progress.advance(1, { marginalError })

  let done = 1
  const recolour = async (pixels: Tensor, way: 'there' | 'back'): Promise<Float32Array> => {
    const out = new Float32Array(pixels.size)
    for (let row = 0; row < pixels.shape[0]; row += CHUNK) {
      const moved = move[way](map, pixels.slice([row, Math.min(row + CHUNK, pixels.shape[0])]))
      out.set(await moved.data(), 3 * row)
      progress.advance(++done, { marginalError })
      await breathe(signal)
    }
    return out
  }
  const after = { china: await recolour(flat.china, 'there'), flower: await recolour(flat.flower, 'back') }
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
    metrics: { marginalError, colourGapBefore, colourGapAfter, samples, iterations },
    summary: `The mean colours were ${colourGapBefore.toFixed(2)} apart and are ${colourGapAfter.toFixed(2)} from the other photograph's now; the plan's marginals are off by ${(100 * marginalError).toPrecision(2)} %.`,
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
      { kind: 'code', caption: 'The map, and its use both ways, as compiled', text: [learn, there, back].join('\n\n') },
    ],
  }
}

function thin(pixels: Tensor, stride: number): Tensor {
  const [height, width] = pixels.shape
  return pixels.slice([0, height, stride], [0, width, stride])
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
