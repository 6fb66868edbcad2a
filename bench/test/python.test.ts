import { beforeAll, describe, expect, test } from 'vitest'
import { Missing, type Program } from '../src/harness/api.js'
import { Child } from '../src/peers/child.js'
import { type Input, numpyScript, python, pythonVersions } from '../src/peers/python.js'

const a = { data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] }

const script = (setup: string, inputs: Record<string, Input> = {}, file = 'scripts') =>
  numpyScript({ file: `../test/fixtures/${file}.py`, setup, inputs }).numpy()

/** Why there is no NumPy here. */
let reason: string | undefined

beforeAll(async () => {
  try {
    const program = await numpyScript({ file: 'suites/core/matmul.py', inputs: { a, b: a } }).numpy()
    program.dispose?.()
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    reason = error.message
  }
})

describe('a Python peer', () => {
  test('gets arrays and numbers, and gives a result', async ({ skip }) => {
    skip(reason !== undefined, reason)
    const program = await script('setup', { a, factor: 2 })
    expect(Array.from(await program.result())).toEqual([2, 4, 6, 8, 10, 12])
    const floats = await script('setup', { a: { data: Float32Array.of(0.1), shape: [1] }, factor: 1 })
    expect(Array.from(await floats.result())).toEqual([Math.fround(0.1)])
  })
  test('may say what of its result to compare', async ({ skip }) => {
    skip(reason !== undefined, reason)
    expect(Array.from(await (await script('transposed', { a })).result())).toEqual([1, 4, 2, 5, 3, 6])
  })
  test('is timed by its own clock, and its result is that of a first step', async ({ skip }) => {
    skip(reason !== undefined, reason)
    const program = await script('counting')
    expect(await program.time?.(5)).toBeGreaterThanOrEqual(0)
    expect(Array.from(await program.result())).toEqual([1])
  })
  test('takes many arrays of megabytes, several programs at once', async ({ skip }) => {
    skip(reason !== undefined, reason)
    const large = { data: new Float64Array(2 ** 18).fill(3), shape: [2 ** 18] }
    const programs = await Promise.all([1, 2, 3].map((factor) => script('setup', { a: large, factor })))
    const results = await Promise.all(programs.map((program: Program) => program.result()))
    expect(results.map((values) => [values.length, values[0], values[values.length - 1]])).toEqual([
      [2 ** 18, 3, 3],
      [2 ** 18, 6, 6],
      [2 ** 18, 9, 9],
    ])
  })
  test('tells the versions of what scripts import', ({ skip }) => {
    skip(reason !== undefined, reason)
    expect(pythonVersions()).toMatchObject({ python: expect.stringMatching(/^3\./) })
  })
  test('reports the error of a script', async ({ skip }) => {
    skip(reason !== undefined, reason)
    await expect(script('failing')).rejects.toThrow(/scripts\.py, failing: ValueError: wrong on purpose/)
    await expect(script('nothing')).rejects.toThrow(/AttributeError/)
    const dropped = await script('counting')
    dropped.dispose?.()
    await expect(dropped.result()).rejects.toThrow(/KeyError/)
  })
  test('is missing where its package is', async ({ skip }) => {
    skip(reason !== undefined, reason)
    await expect(script('absent')).rejects.toThrow(new Missing('Python has no no_such_package'))
    await expect(script('setup', {}, 'absent')).rejects.toThrow(Missing)
    expect(Object.keys(python('other', { file: 'x.py', inputs: {} }))).toEqual(['other'])
  })
})

describe('a child process', () => {
  test('is missing where its command is', async () => {
    const child = new Child('no-such-command', [], {})
    await expect(child.ask({}, [])).rejects.toThrow(new Missing('there is no no-such-command'))
    await expect(child.ask({}, [])).rejects.toThrow(Missing)
  })
  test('fails its open requests when it ends', async () => {
    const child = new Child(process.execPath, ['--eval', 'process.exitCode = 3'], {})
    await expect(child.ask({}, [])).rejects.toThrow(/ended with code 3/)
  })
})
