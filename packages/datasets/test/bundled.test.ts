import { isAdjointError, type Tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { classifiedTable } from '../src/bundled/classified-table.js'
import { readBundled } from '../src/bundled/read-bundled.js'
import { digits, iris, photographs, wine } from '../src/index.js'
import { gunzip } from '../src/read/gunzip.js'
import { decodeJpeg } from '../src/read/jpeg.js'
import { classes, numbers, readTable } from '../src/read/table.js'

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const counts = async (labels: Tensor): Promise<number[]> => {
  const out: number[] = []
  for (const label of await values(labels)) out[label] = (out[label] ?? 0) + 1
  return out
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'no error'
  } catch (error) {
    if (isAdjointError(error)) return error.code
    throw error
  }
}

describe('digits', () => {
  test('has the published sizes, range and class counts', async () => {
    const { images, labels, info } = await digits()
    expect(images.shape).toEqual([1797, 8, 8])
    expect([images.dtype, labels.dtype]).toEqual(['float32', 'int32'])
    const pixels = await values(images)
    expect(Math.min(...pixels.slice(0, 6400))).toBe(0)
    expect(pixels.every((p) => p >= 0 && p <= 1 && Number.isInteger(p * 16))).toBe(true)
    expect(await counts(labels)).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    expect(info).toMatchObject({ licence: 'CC-BY-4.0', shape: [1797, 8, 8] })
  })

  test('reads in float64 too', async () => {
    const { images } = await digits({ dtype: 'float64' })
    expect(images.dtype).toBe('float64')
  })

  test('splits by seed, without losing or repeating a sample', async () => {
    const { images, labels, split } = await digits()
    const { train, test: held } = split({ seed: 4, testFraction: 0.2 })
    expect([train.images.shape, held.images.shape]).toEqual([
      [1438, 8, 8],
      [359, 8, 8],
    ])
    const all = [...(await counts(train.labels)).entries()].map(([i, c]) => [i, c])
    const rest = await counts(held.labels)
    expect(all.map(([i, c]) => c + (rest[i] ?? 0))).toEqual(await counts(labels))
    const total = (await values(images)).reduce((a, b) => a + b, 0)
    const parts =
      (await values(train.images)).reduce((a, b) => a + b, 0) + (await values(held.images)).reduce((a, b) => a + b, 0)
    expect(parts).toBeCloseTo(total, 6)
    expect(await values(split({ seed: 4, testFraction: 0.2 }).test.labels)).toEqual(await values(held.labels))
    expect(await values(split({ seed: 5, testFraction: 0.2 }).test.labels)).not.toEqual(await values(held.labels))
  })

  test.each([0, 1, -0.5, 2, Number.NaN])('refuses to split off a fraction of %s', async (testFraction) => {
    const { split } = await digits()
    expect(() => split({ testFraction })).toThrow(/digits\(\).split.*testFraction/s)
  })
})

describe('tables', () => {
  test('wine has the published sizes and means', async () => {
    const { features, labels, classNames, featureNames, info } = await wine({ dtype: 'float64' })
    expect(features.shape).toEqual([178, 13])
    expect(await counts(labels)).toEqual([59, 71, 48])
    expect([classNames.length, featureNames.length]).toEqual([3, 13])
    const means = await values(features.mean(0))
    expect(means[0]).toBeCloseTo(13.0006, 3)
    expect(means[12]).toBeCloseTo(746.893, 2)
    expect(info.licence).toBe('CC-BY-4.0')
  })

  test('iris has the published sizes and means', async () => {
    const { features, labels, classNames, split } = await iris({ dtype: 'float64' })
    expect(await counts(labels)).toEqual([50, 50, 50])
    const means = await values(features.mean(0))
    for (const [i, mean] of [5.8433, 3.0573, 3.758, 1.1993].entries()) expect(means[i]).toBeCloseTo(mean, 3)
    expect(classNames).toEqual(['setosa', 'versicolor', 'virginica'])
    expect(split().test.features.shape).toEqual([38, 4])
  })
})

describe('photographs', () => {
  test('are two pictures of one size with their authors', async () => {
    const { china, flower } = await photographs()
    expect([china.pixels.shape, flower.pixels.shape]).toEqual([
      [427, 640, 3],
      [427, 640, 3],
    ])
    expect(china.pixels.dtype).toBe('float32')
    const corner = (await china.pixels.data()).slice(0, 3)
    // The sky above the temple, to a few steps of the decoder's rounding.
    for (const [i, level] of [173, 200, 231].entries()) expect(Math.abs(corner[i] * 255 - level)).toBeLessThan(4)
    expect(china.info.source).toContain('danielbuechele')
    expect(flower.info.source).toContain('vultilion')
  })
})

describe('damaged files', () => {
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
  const format = { fn: 'made', file: 'made.csv', rows: 2, columns: 3, headerLines: 0 }

  test.each([
    ['too few rows', '1,2,0\n'],
    ['a short row', '1,2,0\n3,4\n'],
    ['an unclosed quote', '1,2,0\n"3,4,1\n'],
  ])('a table with %s is corrupt', async (_, text) => {
    expect(await codeOf(readTable(bytes(text), format))).toBe('corrupt-data')
  })

  test.each(['x', '', 'Infinity', 'NaN'])('a cell "%s" is corrupt and named', async (cell) => {
    const table = await readTable(bytes(`1,2,0\n3,${cell},1\n`), format)
    expect(() => numbers(table, format, 0, 2)).toThrow(/made\.csv.*row 2/s)
  })

  test.each(['-1', '0.5', '2'])('a label %s is corrupt', async (label) => {
    const table = await readTable(bytes(`1,2,0\n3,4,${label}\n`), format)
    expect(() => classes(table, format, 2, 2)).toThrow(/labels 0 to 1/)
  })

  test('a table that announces other classes is corrupt', async () => {
    const info = { title: 'made', source: 'made', licence: 'CC0-1.0', shape: [1, 2] }
    const described = { fn: 'made', file: 'made.csv', info, classNames: ['a', 'b'], featureNames: ['x', 'y'] }
    expect(await codeOf(classifiedTable(bytes('1,2,a,c\n1,2,0\n'), described, {}))).toBe('corrupt-data')
    const { labels } = await classifiedTable(bytes('1,2,a,b\n1,2,1\n'), described, {})
    expect(await values(labels)).toEqual([1])
  })

  test('a gzip stream that is cut short is corrupt, and inflated bytes pass through', async () => {
    const packed = new Response(new Blob(['1,2,0\n'.repeat(99)]).stream().pipeThrough(new CompressionStream('gzip')))
    const whole = new Uint8Array(await packed.arrayBuffer())
    expect((await gunzip('made', 'made.gz', whole)).length).toBe(6 * 99)
    expect(await codeOf(gunzip('made', 'made.gz', whole.slice(0, whole.length - 12)))).toBe('corrupt-data')
    expect(await gunzip('made', 'made.gz', bytes('plain'))).toEqual(bytes('plain'))
  })

  test('a picture that does not decode is corrupt', async () => {
    expect(await codeOf(decodeJpeg('made', 'made.jpg', bytes('no picture')))).toBe('corrupt-data')
  })

  test('a bundled file that was left behind is named', async () => {
    const url = new URL('../data/absent.csv', import.meta.url)
    expect(await codeOf(readBundled('made', url))).toBe('missing-data')
    await expect(readBundled('made', url)).rejects.toThrow('absent.csv')
  })
})
