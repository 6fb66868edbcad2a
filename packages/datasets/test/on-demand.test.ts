import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAdjointError } from '@adjoint/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { natsBench, sachs } from '../src/index.js'
import { obtain, type SourceFile } from '../src/ondemand/source.js'
import { localData, WHY_SKIPPED } from './local-data.js'

const CONTENT = new TextEncoder().encode('a,b\n1,2\n')
const MADE: SourceFile = {
  file: 'made.csv',
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
  bytes: CONTENT.length,
}

let folder: string
let cache: string
let server: Server | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adjoint-data-'))
  cache = await mkdtemp(join(tmpdir(), 'adjoint-cache-'))
  vi.stubEnv('ADJOINT_CACHE', cache)
  vi.stubEnv('ADJOINT_DATA', undefined)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  server?.close()
  server = undefined
  await Promise.all([rm(folder, { recursive: true }), rm(cache, { recursive: true })])
})

async function serve(answer: (path: string) => Uint8Array | undefined): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = []
  const started = createServer((request, response) => {
    const path = request.url ?? ''
    seen.push(path)
    const body = answer(path)
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(started.address() as AddressInfo).port}/files`, seen }
}

async function refusal(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work
  } catch (error) {
    if (isAdjointError(error)) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 'no error', message: '' }
}

describe('files that are not bundled', () => {
  test('come from the folder option and from ADJOINT_DATA', async () => {
    await writeFile(join(folder, MADE.file), CONTENT)
    expect(await obtain('made', MADE, { folder })).toEqual(CONTENT)
    vi.stubEnv('ADJOINT_DATA', folder)
    expect(await obtain('made', MADE, {})).toEqual(CONTENT)
  })

  test('come from the address once, then from the cache', async () => {
    const { url, seen } = await serve(() => CONTENT)
    expect(await obtain('made', MADE, { url })).toEqual(CONTENT)
    expect(await obtain('made', MADE, { url: `${url}/` })).toEqual(CONTENT)
    expect(await obtain('made', MADE, {})).toEqual(CONTENT)
    expect(seen).toEqual(['/files/made.csv'])
    expect((await readdir(cache)).every((name) => name.endsWith('made.csv'))).toBe(true)
  })

  test('are fetched again when the cached copy is damaged', async () => {
    const { url, seen } = await serve(() => CONTENT)
    await obtain('made', MADE, { url })
    const [name] = await readdir(cache)
    await writeFile(join(cache, name), 'damaged')
    expect(await obtain('made', MADE, { url })).toEqual(CONTENT)
    expect(seen.length).toBe(2)
  })

  test('load even where the cache cannot be written', async () => {
    vi.stubEnv('ADJOINT_CACHE', join(folder, 'taken', 'below'))
    await writeFile(join(folder, 'taken'), 'a file, not a folder')
    const { url } = await serve(() => CONTENT)
    expect((await refusal(obtain('made', MADE, { url }))).code).toBe('no error')
  })

  test('that are nowhere give an error with the checksum and what to put where', async () => {
    const { code, message } = await refusal(obtain('made', MADE, { folder }))
    expect(code).toBe('missing-data')
    for (const part of [MADE.sha256, `${MADE.bytes} bytes`, folder, cache, 'ADJOINT_DATA', 'url']) {
      expect(message).toContain(part)
    }
  })

  test.each(['folder', 'url'])('with the wrong checksum from a %s are refused', async (kind) => {
    const wrong = new TextEncoder().encode('a,b\n1,3\n')
    await writeFile(join(folder, MADE.file), wrong)
    const options = kind === 'folder' ? { folder } : { url: (await serve(() => wrong)).url }
    const { code, message } = await refusal(obtain('made', MADE, options))
    expect(code).toBe('checksum-mismatch')
    expect(message).toContain(MADE.sha256)
    expect(await readdir(cache)).toEqual([])
  })

  test('that the server does not have, or a stopped download, say so', async () => {
    const { url } = await serve(() => undefined)
    const absent = await refusal(obtain('made', MADE, { url }))
    expect(absent).toMatchObject({ code: 'missing-data', message: expect.stringContaining('404') })
    const stopped = await refusal(obtain('made', MADE, { url, signal: AbortSignal.abort() }))
    expect(stopped.code).toBe('aborted')
  })

  test('sachs and natsBench without their files name every one of them', async () => {
    expect((await refusal(sachs())).message).toMatch(/sachs(-adjacency)?\.csv/)
    expect((await refusal(natsBench())).message).toContain('nats-bench-tss-200.csv.gz')
  })
})

describe('the real files', () => {
  test('sachs has 853 cells, 11 proteins and 17 edges', async ({ skip }) => {
    skip(localData === undefined, WHY_SKIPPED)
    const { samples, adjacency, names } = await sachs({ folder: localData })
    expect([samples.shape, adjacency.shape]).toEqual([
      [853, 11],
      [11, 11],
    ])
    expect(adjacency.dtype).toBe('int32')
    expect(names.slice(0, 2)).toEqual(['Akt', 'Erk'])
    expect(Array.from(await adjacency.data()).reduce((a, b) => a + b, 0)).toBe(17)
  })

  test('natsBench has all 15,625 cells', async ({ skip }) => {
    skip(localData === undefined, WHY_SKIPPED)
    const { accuracy, operations, operationNames, uniqueStrings } = await natsBench({ folder: localData })
    expect(operations.shape).toEqual([15625, 6])
    expect(uniqueStrings.length).toBe(15625)
    const counts = new Array<number>(operationNames.length).fill(0)
    for (const operation of await operations.data()) counts[operation]++
    expect(counts).toEqual([18750, 18750, 18750, 18750, 18750])
    const best = Math.max(...(await accuracy.cifar10.data()))
    expect(best).toBeGreaterThan(94)
    expect(best).toBeLessThan(95)
  })
})
