// Finds examples: ```ts blocks of guides and READMEs, and the @example tags of the packages' docstrings.
// A block marked ```ts sketch is there to be read and is left out.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packages, root } from '../../scripts/lib/paths.mjs'

/** @typedef {{ origin: string, line: number, code: string, packageName: string }} Example - `line` is the first of its code */

/** @param {string} text @param {number} offset */
const lineAt = (text, offset) => text.slice(0, offset).split('\n').length

/**
 * @param {string} text - of a Markdown page
 * @returns {{ line: number, code: string }[]}
 */
export function inMarkdown(text) {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    line: lineAt(text, match.index) + 1,
    code: match[1].trimEnd(),
  }))
}

/**
 * @param {string} text - of a TypeScript file
 * @returns {{ line: number, code: string }[]}
 */
export function inDocstrings(text) {
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const lines = comment[0].slice(3, -2).replace(/^[ \t]*\* ?/gm, '')
    return [...lines.matchAll(/^@example(.*(?:\n(?!@[a-z]).*)*)/gm)].flatMap((tag) => {
      const line = lineAt(text, comment.index) + lineAt(lines, tag.index) - 1
      if (/^```/m.test(tag[1])) return inMarkdown(tag[1]).map((block) => ({ ...block, line: line + block.line - 1 }))
      return [{ line: line + lineAt(tag[1], tag[1].search(/\S/)) - 1, code: tag[1].trim() }]
    })
  })
}

/** @returns {Example[]} */
export function findExamples() {
  const guides = ['docs', 'docs/guides'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  )
  const pages = ['README.md', 'CONTRIBUTING.md', ...guides].map((origin) => ({
    origin,
    packageName: 'adjoint',
  }))
  const readmes = packages().map(({ dir, manifest }) => ({
    origin: relative(root, join(dir, 'README.md')),
    packageName: manifest.name,
  }))
  const sources = packages().flatMap(({ dir, manifest }) => {
    const files = readdirSync(join(dir, 'src'), { recursive: true, encoding: 'utf8' })
    return files
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({ origin: relative(root, join(dir, 'src', name)), packageName: manifest.name }))
  })
  return [...pages, ...readmes, ...sources]
    .filter(({ origin }) => existsSync(join(root, origin)))
    .flatMap(({ origin, packageName }) => {
      const text = readFileSync(join(root, origin), 'utf8')
      const found = origin.endsWith('.md') ? inMarkdown(text) : inDocstrings(text)
      return found.map((example) => ({ origin, packageName, ...example }))
    })
}
