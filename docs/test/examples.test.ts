// Every example of the documentation runs to its end.
import { readFileSync } from 'node:fs'
import { describe, test } from 'vitest'

const folder = new URL('../out/', import.meta.url)
const examples: { name: string; file: string }[] = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'))

describe('examples', () => {
  test.each(examples)('$name', async ({ file }) => {
    await import(new URL(file, folder).pathname)
  })
})
