// The Python literals that headers of NPY files are made of: dictionaries, tuples, lists, text, integers, truth.

/** A literal; a dictionary becomes a map, tuples and lists become arrays. */
export type Literal = string | number | boolean | null | readonly Literal[] | ReadonlyMap<Literal, Literal>

const TOKENS = /\s*(?:([{}()[\],:])|(True|False|None)\b|(-?\d+)L?\b|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/y
const MAX_DEPTH = 50

/** The value of a literal, or `undefined` for text that is none. */
export function parseLiteral(text: string): Literal | undefined {
  const tokens = tokenize(text.trim())
  if (tokens === undefined) return undefined
  const parser = new Parser(tokens)
  const value = parser.value(0)
  return parser.atEnd ? value : undefined
}

/** A mark is a bare character; a value stands in an object of its own. */
type Token = string | { readonly value: Literal }

const WORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null }

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  const pattern = new RegExp(TOKENS)
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) return undefined
    const [, mark, word, digits, single, double] = match
    if (mark !== undefined) tokens.push(mark)
    else if (word !== undefined) tokens.push({ value: WORDS[word] })
    else if (digits !== undefined) tokens.push({ value: Number(digits) })
    else tokens.push({ value: single ?? double })
  }
  return tokens
}

/** By recursive descent; `undefined` spreads from wherever the text stops making sense. */
class Parser {
  private readonly tokens: readonly Token[]
  private at = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  get atEnd(): boolean {
    return this.at === this.tokens.length
  }

  value(depth: number): Literal | undefined {
    const token = this.tokens[this.at++]
    if (typeof token === 'object') return token.value
    if (depth > MAX_DEPTH) return undefined
    if (token === '(') return this.items(')', depth)
    if (token === '[') return this.items(']', depth)
    return token === '{' ? this.dictionary(depth) : undefined
  }

  private items(close: string, depth: number): readonly Literal[] | undefined {
    const items: Literal[] = []
    while (!this.skip(close)) {
      const item = this.value(depth + 1)
      if (item === undefined || !this.separated(close)) return undefined
      items.push(item)
    }
    return items
  }

  private dictionary(depth: number): ReadonlyMap<Literal, Literal> | undefined {
    const entries = new Map<Literal, Literal>()
    while (!this.skip('}')) {
      const key = this.value(depth + 1)
      if (key === undefined || entries.has(key) || !this.skip(':')) return undefined
      const value = this.value(depth + 1)
      if (value === undefined || !this.separated('}')) return undefined
      entries.set(key, value)
    }
    return entries
  }

  /** Behind an item: a comma, or the end in sight. */
  private separated(close: string): boolean {
    return this.skip(',') || this.tokens[this.at] === close
  }

  private skip(mark: string): boolean {
    const found = this.tokens[this.at] === mark
    if (found) this.at++
    return found
  }
}
