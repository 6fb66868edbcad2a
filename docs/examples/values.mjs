// The values that a comment beside an example promises: `// 5, [2, 4]`, `// { loss: 1.5, ... }`, `// 1.0986...; in nats`.
// What follows the values is for the reader. Three dots leave out digits, items or fields.

/**
 * @typedef {{ kind: 'number', value: number, text: string, dots: boolean }
 *   | { kind: 'exact', value: string | boolean | null | undefined }
 *   | { kind: 'array', type: string | undefined, items: Value[], dots: boolean }
 *   | { kind: 'object', fields: [string, Value][], dots: boolean }} Value
 */

const SPACE = /\s*/y
const COMMA = /\s*,?\s*/y
const NUMBER = /([-+]?(?:0x[\da-f]+|\d+(?:\.\d+)?(?:e[-+]?\d+)?|Infinity\b|NaN\b))(\.\.\.)?(?![\w%/^]|-\w)/iy
const WORD = /(true|false|null|undefined)\b/y
const STRING = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y
const ARRAY = /(?:(\w+Array) ?)?\[/y
const FIELD = /(?:'([^']*)'|([\w$]+))\s*:\s*/y
const DOTS = /\.\.\./y
const ESCAPES = new Map([
  ['n', '\n'],
  ['t', '\t'],
])
/** @type {Record<string, boolean | null | undefined>} */
const WORDS = { true: true, false: false, null: null, undefined: undefined }

/**
 * The values at the start of a comment; none where it starts with words.
 *
 * @param {string} comment
 * @returns {Value[]}
 */
export function parseValues(comment) {
  let at = 0
  /** @param {RegExp} pattern - sticky */
  const take = (pattern) => {
    pattern.lastIndex = at
    const match = pattern.exec(comment)
    if (match) at = pattern.lastIndex
    return match
  }

  /** @returns {Value | undefined} */
  const value = () => {
    const number = take(NUMBER)
    if (number) return { kind: 'number', value: Number(number[1]), text: number[1], dots: number[2] !== undefined }
    const word = take(WORD)
    if (word) return { kind: 'exact', value: WORDS[word[1]] }
    const string = take(STRING)
    if (string) return { kind: 'exact', value: unescape(string[1] ?? string[2]) }
    const array = take(ARRAY)
    if (array) {
      const { items, dots, closed } = list(value, /\]/y)
      return closed ? { kind: 'array', type: array[1], items, dots } : undefined
    }
    if (!take(/\{/y)) return undefined
    const { items, dots, closed } = list(field, /\}/y)
    return closed ? { kind: 'object', fields: items, dots } : undefined
  }

  /** @returns {[string, Value] | undefined} */
  const field = () => {
    const name = take(FIELD)
    const content = name && value()
    return content ? [name[1] ?? name[2], content] : undefined
  }

  /** @template T @param {() => T | undefined} next @param {RegExp} end */
  const list = (next, end) => {
    take(SPACE)
    const items = []
    for (let item = next(); item !== undefined; item = next()) {
      items.push(item)
      take(COMMA)
    }
    const dots = take(DOTS) !== null
    take(SPACE)
    return { items, dots, closed: take(end) !== null }
  }

  return list(value, /$/y).items
}

/** @param {string} text - between quotes */
const unescape = (text) => text.replace(/\\(.)/g, (_, letter) => ESCAPES.get(letter) ?? letter)

/**
 * Whether an example kept its promise: numbers to the digits shown before dots, otherwise to 1e-5 of their size.
 *
 * @param {Value} promised
 * @param {unknown} got - plain: numbers, booleans, strings, (typed) arrays and objects of them
 * @returns {boolean}
 */
export function matches(promised, got) {
  switch (promised.kind) {
    case 'exact':
      return got === promised.value
    case 'number':
      return typeof got === 'number' ? isNear(promised, got) : got === promised.text
    case 'array': {
      const { type, items, dots } = promised
      if (!Array.isArray(got) && !ArrayBuffer.isView(got)) return false
      if (type !== undefined && got.constructor.name !== type) return false
      const list = [.../** @type {Iterable<unknown>} */ (got)]
      return hasLength(list, items, dots) && items.every((item, i) => matches(item, list[i]))
    }
    case 'object': {
      const { fields, dots } = promised
      if (typeof got !== 'object' || got === null || Array.isArray(got)) return false
      const entries = new Map(Object.entries(got))
      return (
        hasLength([...entries], fields, dots) &&
        fields.every(([name, value]) => entries.has(name) && matches(value, entries.get(name)))
      )
    }
  }
}

/** @param {unknown[]} got @param {unknown[]} promised @param {boolean} dots */
const hasLength = (got, promised, dots) => got.length === promised.length || (dots && got.length > promised.length)

/** @param {Extract<Value, { kind: 'number' }>} promised @param {number} got */
function isNear({ value, text, dots }, got) {
  if (Object.is(value, got) || value === got) return true
  const [digits, exponent = '0'] = text.split('e')
  const lastDigit = 10 ** (Number(exponent) - (digits.split('.')[1]?.length ?? 0))
  return Math.abs(got - value) <= (dots ? lastDigit : value === 0 ? 1e-6 : 1e-5 * Math.abs(value))
}
