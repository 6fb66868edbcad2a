import { afterEach, expect, test, vi } from 'vitest'
import { platform } from '../src/platform/web.js'

afterEach(() => vi.unstubAllGlobals())

const bytes = new Uint8Array([1, 2, 3])

test('reads bundled files through fetch and reports a refusal', async () => {
  const answers = [new Response(bytes), new Response(null, { status: 404, statusText: 'Not Found' })]
  vi.stubGlobal('fetch', async () => answers.shift())
  const url = new URL('https://example.org/data/file.csv')
  expect(await platform.bundled(url)).toEqual(bytes)
  await expect(platform.bundled(url)).rejects.toThrow('404 Not Found')
})

test('has no environment and no local folder', async () => {
  expect(platform.environment('ADJOINT_DATA')).toBeUndefined()
  expect(await platform.local('/anywhere', 'file.csv')).toBeUndefined()
})

test('remembers through the Cache API', async () => {
  const kept = new Map<string, Response>()
  const store = {
    match: async (key: string) => kept.get(key)?.clone(),
    put: async (key: string, response: Response) => void kept.set(key, response),
  }
  vi.stubGlobal('caches', { open: async () => store })
  expect(await platform.recall('a file.csv')).toBeUndefined()
  await platform.remember('a file.csv', bytes)
  expect(await platform.recall('a file.csv')).toEqual(bytes)
})

test('forgets, without an error, where there is no Cache API', async () => {
  await platform.remember('file.csv', bytes)
  expect(await platform.recall('file.csv')).toBeUndefined()
})
