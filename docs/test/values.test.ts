import { expect, test } from 'vitest'
import { matches, parseValues } from '../examples/values.mjs'

/** Whether an example with this comment passes when it gets these values. */
const keeps = (comment: string, ...got: unknown[]) => {
  const values = parseValues(comment)
  return values.length === got.length && values.every((value, i) => matches(value, got[i]))
}

test.each([
  ['5', 5],
  ['-2.5e-3, per step', -0.0025],
  ['0x3f800000', 0x3f800000],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['NaN: 0 / 0', Number.NaN],
  ['3, not 6', 3],
  ['64: the loop took six steps', 64],
  ['6; ys is [0, 1, 3]', 6],
  ['true', true],
  ['null', null],
  ['"a, [b]" in quotes', 'a, [b]'],
  [String.raw`'it\'s\n"so"'`, 'it\'s\n"so"'],
  ['3.000', '3.000'],
  ['[]', []],
  [
    '[[1, 2], [3, 4]], row by row',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['Float32Array [5, 25]', new Float32Array([5, 25])],
  ['[5, 25]', new Float64Array([5, 25])],
  ["{ loss: 1.5, 'a-b': [1], }", { loss: 1.5, 'a-b': [1] }],
  ['{}', {}],
])('%s is kept by what it says', (comment, got) => {
  expect(keeps(comment, got)).toBe(true)
})

test.each([
  ['5', 5.001],
  ['5', '6'],
  ['0', 1e-5],
  ['1e-8', 2e-8],
  ['true', 1],
  ["'a'", 'ab'],
  ['[1, 2]', [1, 2, 3]],
  ['[1, 2]', [2, 1]],
  ['[1]', 1],
  ['Float32Array [5]', new Float64Array([5])],
  ['{ a: 1 }', { a: 1, b: 2 }],
  ['{ a: 1, b: undefined }', { a: 1, c: undefined }],
  ['{ a: 1 }', null],
])('%s is broken by other values', (comment, got) => {
  expect(keeps(comment, got)).toBe(false)
})

test('numbers agree to a hundred-thousandth of their size', () => {
  expect(keeps('0.1', Math.fround(0.1))).toBe(true)
  expect(keeps('1000', 1000.009)).toBe(true)
  expect(keeps('2.718', Math.E)).toBe(false)
  expect(keeps('0', -1e-7)).toBe(true)
})

test('dots after digits promise the digits, cut or rounded', () => {
  expect(keeps('1.0986...', Math.log(3))).toBe(true)
  expect(keeps('2.72..., e', Math.E)).toBe(true)
  expect(keeps('-1.09...', -Math.log(3))).toBe(true)
  expect(keeps('1.07...', Math.log(3))).toBe(false)
  expect(keeps('1.5e-8...', 1.58e-8)).toBe(true)
  expect(keeps('1.5e-8...', 1.8e-8)).toBe(false)
})

test('dots among items and fields leave out the rest', () => {
  expect(keeps('[1, 2, ...]', [1, 2, 3])).toBe(true)
  expect(keeps('[[0.5..., ...], ...]', [[0.51, 1], [2]])).toBe(true)
  expect(keeps('[1, 2, ...]', [1])).toBe(false)
  expect(keeps('{ a: 1, ... }', { a: 1, b: 2 })).toBe(true)
  expect(keeps('{ a: 1, ... }', { b: 2 })).toBe(false)
})

test('several values stand one after the other, with commas or without', () => {
  expect(keeps('5, [2, 4]', 5, [2, 4])).toBe(true)
  expect(keeps("[178, 13] 'alcohol'", [178, 13], 'alcohol')).toBe(true)
  expect(keeps('2.5 -5 -3', 2.5, -5, -3)).toBe(true)
})

test.each(['words', 'near 2, -1 and 0', '2-norm', '3D points', '10% more', '[n, m] points', '{ a }', "'open", ''])(
  '"%s" promises nothing',
  (comment) => {
    expect(parseValues(comment)).toEqual([])
  },
)
