// The code of the guide on backends is that of the teaching backends, word for word.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

test('write-a-backend quotes the teaching backends', () => {
  const sources = ['op-tier', 'codegen-tier'].map((name) => read(`../../packages/conformance/src/teaching/${name}.ts`))
  const quotes = [...read('../guides/write-a-backend.md').matchAll(/```ts sketch\n(.*?)\n```/gs)].map(
    ([, code]) => code,
  )
  expect(quotes.length).toBeGreaterThan(5)
  expect(quotes.filter((code) => !sources.some((source) => source.includes(code)))).toEqual([])
})
