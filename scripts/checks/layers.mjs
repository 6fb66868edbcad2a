// Dependency direction: techniques, then optim, nn, linalg, special and io, then core; backends only on core; programs on
// all of them.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { packages, readJson, root } from '../lib/paths.mjs'

const shared = ['@adjoint/linalg', '@adjoint/special', '@adjoint/io']
const learning = ['@adjoint/optim', '@adjoint/nn']
const programs = { 'adjoint-ot': ['adjoint', '@adjoint/ot'] }

/**
 * The packages of the repository that a package's sources may import; `null` stands for nothing at all.
 *
 * @param {string} name
 * @returns {readonly string[] | null}
 */
export function allowed(name) {
  if (name === '@adjoint/core') return null
  if (name === 'adjoint') return ['@adjoint/core', '@adjoint/backend-cpu']
  if (name.startsWith('@adjoint/backend-') || name === '@adjoint/conformance') return ['@adjoint/core']
  if (shared.includes(name)) return ['@adjoint/core', ...shared]
  return ['@adjoint/core', ...shared, ...learning, ...(programs[/** @type {keyof typeof programs} */ (name)] ?? [])]
}

/** @param {string} specifier */
const packageOf = (specifier) => specifier.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? specifier

/**
 * @param {string} name - of the package
 * @param {string} source - of one of its files
 * @param {readonly string[]} declared - the dependencies and peers it declares
 * @returns {string[]} what is wrong with its imports
 */
export function wrongImports(name, source, declared) {
  const { importedFiles } = ts.preProcessFile(source, true, true)
  return importedFiles
    .map((file) => file.fileName)
    .filter((specifier) => !/^[.#]/.test(specifier))
    .flatMap((specifier) => {
      const target = packageOf(specifier)
      const ours = target === 'adjoint' || target.startsWith('@adjoint/') || target in programs
      if (target === name) return []
      if (allowed(name) === null) return [`imports ${specifier}, but core stands alone`]
      if (ours && !allowed(name)?.includes(target))
        return [`imports ${specifier}, against the direction of dependencies`]
      if (!specifier.startsWith('node:') && !declared.includes(target)) return [`imports ${specifier}, undeclared`]
      return []
    })
}

/** @param {{ dir: string, manifest: any }} item */
function problemsOf({ dir, manifest }) {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const alone = allowed(manifest.name) === null && declared.length > 0
  const sources = readdirSync(join(dir, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return [
    ...(alone ? [`${manifest.name} has dependencies, but core stands alone`] : []),
    ...sources.flatMap((file) => {
      const path = join(dir, 'src', file)
      const wrong = wrongImports(manifest.name, readFileSync(path, 'utf8'), declared)
      return wrong.map((problem) => `${relative(root, path)} ${problem}`)
    }),
  ]
}

/** The checks and the examples of the documentation reach only the packages that these two list. */
function unlisted() {
  return ['docs', 'scripts'].flatMap((folder) => {
    const { devDependencies } = readJson(join(root, folder, 'package.json'))
    const missing = packages().filter(({ manifest }) => !(manifest.name in devDependencies))
    return missing.map(({ manifest }) => `${folder}/package.json does not list ${manifest.name}`)
  })
}

if (process.argv[1] === import.meta.filename) {
  const problems = [...packages().flatMap(problemsOf), ...unlisted()]
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
