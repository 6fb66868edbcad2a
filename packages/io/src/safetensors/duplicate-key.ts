// Finds a key that an object of a JSON text has twice: `JSON.parse` keeps the last without a word.

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g

/** The first repeated key of valid JSON, if there is one. */
export function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | null)[] = []
  let last = ''
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const key = JSON.parse(last) as string
      const keys = open.at(-1)
      if (keys?.has(key)) return key
      keys?.add(key)
    }
    last = token
  }
  return undefined
}
