// The imports of an example that shows none: what it names, from its own package, from `adjoint`, or from a subpath of core.
import { join } from 'node:path'
import ts from 'typescript'
import { packages, root } from '../../scripts/lib/paths.mjs'

/** @typedef {Map<string, { specifier: string, isType: boolean }>} Names */

/** The sources behind a package's entries, by import specifier. @param {{ dir: string, manifest: any }} item */
function entries({ dir, manifest }) {
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object' && '@adjoint/source' in target)
    .map(([path, target]) => ({
      specifier: manifest.name + path.slice(1),
      packageName: manifest.name,
      file: join(dir, target['@adjoint/source']),
    }))
}

/** What each package exports. @returns {Map<string, Names>} */
export function publicNames() {
  const all = packages().flatMap(entries)
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram({ rootNames: all.map((entry) => entry.file), options })
  const checker = program.getTypeChecker()
  /** @type {Map<string, Names>} */
  const names = new Map(packages().map(({ manifest }) => [manifest.name, new Map()]))
  for (const { specifier, packageName, file } of all) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      const isType = (target.flags & ts.SymbolFlags.Value) === 0
      const known = names.get(packageName)
      if (!known?.has(symbol.name)) known?.set(symbol.name, { specifier, isType })
    }
  }
  return names
}

/**
 * @param {string} code
 * @param {string} packageName - of the package the example stands in
 * @param {Map<string, Names>} names
 */
export function prelude(code, packageName, names) {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  if (source.statements.some(ts.isImportDeclaration)) return ''
  const used = new Set()
  const declared = new Set()
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isIdentifier(node)) used.add(node.text)
    if ('name' in node && isDeclaration(node)) declared.add(/** @type {ts.Identifier} */ (node.name).text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  const order =
    packageName === '@adjoint/core' ? ['adjoint', '@adjoint/core'] : [packageName, 'adjoint', '@adjoint/core']
  const available = new Map(order.toReversed().flatMap((name) => [...(names.get(name) ?? [])]))
  return [...used]
    .filter((name) => available.has(name) && !declared.has(name))
    .map((name) => ({ name, ...available.get(name) }))
    .map(({ name, specifier, isType }) => `import { ${isType ? 'type ' : ''}${name} } from '${specifier}'`)
    .join('\n')
}

/** @param {ts.Node} node */
const isDeclaration = (node) =>
  ts.isVariableDeclaration(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isBindingElement(node) ||
  ts.isParameter(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node)
