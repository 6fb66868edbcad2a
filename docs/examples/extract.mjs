// Writes every example of the guides, the READMEs and the docstrings into out, one module each.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findExamples } from './find.mjs'
import { prelude, publicNames } from './prelude.mjs'
import { rewrite } from './rewrite.mjs'

const out = join(import.meta.dirname, '..', 'out')
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

const names = publicNames()
const index = findExamples().map(({ origin, line, code, packageName }) => {
  const file = `${origin.replace(/[^A-Za-z0-9]+/g, '-')}-${line}.ts`
  const { code: body, promises } = rewrite(code, origin, line)
  const shows = promises > 0 ? "import { $shows } from '../examples/shows.mjs'\n" : ''
  const head = `// ${origin}:${line}\n${shows}${prelude(code, packageName, names)}`
  writeFileSync(join(out, file), `${head}\n${body}\n\nexport {}\n`)
  return { name: `${origin}:${line}`, file, promises }
})
writeFileSync(join(out, 'index.json'), JSON.stringify(index, null, 2))
