// Tree shaking: importing a package for nothing leaves nothing, and one function leaves the others behind.
import { build } from 'esbuild'
import { packages } from '../lib/paths.mjs'

/** What a small import must leave out, as parts of file names under dist. */
const rules = [
  { code: "export { tensor } from '@adjoint/core'", without: ['/compile/', '/program/', '/transforms/', '/control/'] },
  { code: "export { add } from '@adjoint/core'", without: ['/compile/', '/transforms/', '/control/', '/random/'] },
  { code: "export { grad } from '@adjoint/core'", without: ['/compile/', '/random/', 'einsum'] },
  { code: "export { sgd } from '@adjoint/optim'", without: ['adam', 'minimize', 'schedule'] },
  { code: "export { blobs } from '@adjoint/datasets'", without: ['papaparse', 'jpeg', 'ondemand'] },
  { code: "export { checkGrads } from '@adjoint/conformance'", without: ['teaching'] },
]

/**
 * The files whose code is still in the bundle of a module.
 *
 * @param {string} code
 */
async function kept(code) {
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    outfile: 'bundle.js',
  })
  const [{ inputs }] = Object.values(metafile.outputs)
  return Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0)
}

const problems = []
for (const { manifest } of packages()) {
  if (manifest.sideEffects !== false) continue
  const files = await kept(`import '${manifest.name}'`)
  if (files.length > 0) problems.push(`import '${manifest.name}' keeps ${files.join(', ')}`)
}
for (const { code, without } of rules) {
  const wrong = (await kept(code)).filter((file) => without.some((part) => file.includes(part)))
  if (wrong.length > 0) problems.push(`${code} keeps ${wrong.join(', ')}`)
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
