// Every example of the documentation runs to its end, and gives the values that its comments promise.
import { readFileSync } from 'node:fs'
import { cpu, setBackend, setHostBackend } from 'adjoint'
import { beforeEach, describe, expect, test } from 'vitest'
import { takeShown } from '../examples/shows.mjs'

const folder = new URL('../out/', import.meta.url)
const examples: { name: string; file: string; promises: number }[] = JSON.parse(
  readFileSync(new URL('index.json', folder), 'utf8'),
)
const promising = examples.filter(({ promises }) => promises > 0)
const lines = promising.reduce((total, { promises }) => total + promises, 0)

describe(`${examples.length} examples, ${promising.length} of them with ${lines} lines of promised values`, () => {
  beforeEach(async () => {
    // One example may choose backends; the next starts as a program does.
    setBackend(cpu)
    setHostBackend(cpu)
    await takeShown()
  })

  test.each(examples)('$name', async ({ file, promises }) => {
    await import(new URL(file, folder).pathname)
    const { compared, broken } = await takeShown()
    expect(broken.join('\n')).toBe('')
    expect(compared).toBeGreaterThanOrEqual(promises)
  })
})
