// Writes every example of the guides, the READMEs and the docstrings into out, one module each.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findExamples } from './find.mjs'
import { prelude, publicNames } from './prelude.mjs'

const out = join(import.meta.dirname, '..', 'out')
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

const names = publicNames()
const index = findExamples().map(({ origin, line, code, packageName }) => {
  const file = `${origin.replace(/[^A-Za-z0-9]+/g, '-')}-${line}.ts`
  const head = `// ${origin}:${line}\n${prelude(code, packageName, names)}`
  writeFileSync(join(out, file), `${head}\n${code}\n\nexport {}\n`)
  return { name: `${origin}:${line}`, file }
})
writeFileSync(join(out, 'index.json'), JSON.stringify(index, null, 2))
