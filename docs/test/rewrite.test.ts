import { tensor } from 'adjoint'
import { beforeEach, expect, test } from 'vitest'
import { rewrite } from '../examples/rewrite.mjs'
import { $shows, takeShown } from '../examples/shows.mjs'

const rewritten = (code: string) => rewrite(code, 'a.md', 1).code

beforeEach(async () => {
  await takeShown()
})

test('an expression is wrapped', () => {
  expect(rewritten('x.add(1) // 5')).toBe('$shows("a.md:1", "5", x.add(1)) // 5')
  expect(rewritten('await x.data();   // [5]')).toBe('$shows("a.md:1", "[5]", await x.data());   // [5]')
})

test('the comment may stand on the line below, and the line is that of the statement', () => {
  expect(rewritten("const a = 1\nname(\n  a,\n)\n// 'a'")).toBe(
    'const a = 1\n$shows("a.md:4", "\'a\'", name(\n  a,\n))\n// \'a\'',
  )
  expect(rewritten('name()\n\n// 5')).toBe('name()\n\n// 5')
})

test('console.log gives its arguments, inside a callback as well', () => {
  expect(rewritten('console.log(a, b[0]) // 1 2')).toBe('$shows("a.md:1", "1 2", a, b[0]) // 1 2')
  expect(rewritten('run(() => console.log(a)) // 1')).toBe('run(() => $shows("a.md:1", "1", a)) // 1')
})

test('a declaration gives what it names, in order', () => {
  expect(rewritten('const x = f()   // 5')).toBe('const x = f(); $shows("a.md:1", "5", x)   // 5')
  expect(rewritten('const { a, b: [c, , d] } = f() // 1, 2, 3')).toBe(
    'const { a, b: [c, , d] } = f(); $shows("a.md:1", "1, 2, 3", a, c, d) // 1, 2, 3',
  )
})

test('comments of words, and statements inside functions, stay as they are', () => {
  const code = 'f() // any\nconst g = (x: Tensor) => {\n  x.add(1) // 5\n}\ntype A = 1 // 1'
  expect(rewrite(code, 'a.md', 1)).toEqual({ code, promises: 0 })
})

test('what an example shows is read from tensors, in trees and at once', async () => {
  const changing = new Float32Array([1])
  $shows('a.md:1', '{ loss: 1.5, done: true, x: [[1]] }', {
    loss: tensor(1.5),
    done: tensor(true),
    x: tensor([[1]]),
  })
  $shows('a.md:2', 'Float32Array [1]', changing)
  changing[0] = 2
  expect(await takeShown()).toEqual({ compared: 2, broken: [] })
})

test('a broken promise names the place, the promise and what came', async () => {
  $shows('a.md:1', '5, [2, 4]', tensor(5), tensor([2, 5]))
  const { broken } = await takeShown()
  expect(broken).toEqual(['a.md:1 promises 5, [2, 4]\n  and gets 5, [ 2, 5 ]'])
})

test('a value that cannot be read breaks its promise', async () => {
  const x = tensor([1])
  x.dispose()
  $shows('a.md:1', '[1]', x)
  expect((await takeShown()).broken[0]).toMatch(/^a\.md:1 promises \[1\]\n {2}and cannot be read: .*released/s)
})
