import { expect, test } from 'vitest'
import { inDocstrings, inMarkdown } from '../examples/find.mjs'
import { prelude } from '../examples/prelude.mjs'

const names = new Map([
  ['adjoint', new Map([['add', { specifier: 'adjoint', isType: false }]])],
  ['@adjoint/optim', new Map([['State', { specifier: '@adjoint/optim', isType: true }]])],
])

test('ts blocks of a page are examples, sketches and other languages are not', () => {
  const page = 'One\n\n```ts\nconst a = 1\n```\n\n```ts sketch\nnever\n```\n\n```sh\nnpm test\n```\n'
  expect(inMarkdown(page)).toEqual([{ line: 4, code: 'const a = 1' }])
})

test('an @example ends at the next tag and loses its stars', () => {
  const source = '/**\n * Adds.\n *\n * @example\n * const a = {\n *   b: 1,\n * }\n * @returns a sum\n */\n'
  expect(inDocstrings(source)).toEqual([{ line: 5, code: 'const a = {\n  b: 1,\n}' }])
})

test('an @example may fence its code', () => {
  const source = '/**\n * @example with a caption\n * ```ts\n * add(1, 2)\n * ```\n */\n'
  expect(inDocstrings(source)).toEqual([{ line: 4, code: 'add(1, 2)' }])
})

test('the prelude imports what is named and not declared, types as types', () => {
  expect(prelude('const s: State = add(1)', '@adjoint/optim', names).split('\n').sort()).toEqual([
    "import { add } from 'adjoint'",
    "import { type State } from '@adjoint/optim'",
  ])
  expect(prelude('const add = 1', 'adjoint', names)).toBe('')
})

test('an example that shows its imports gets no other', () => {
  expect(prelude("import { add } from 'elsewhere'\nadd(1)", 'adjoint', names)).toBe('')
})
