// Tree shaking: one function leaves the others behind, and the front door keeps the backend it registers.
import { build } from 'esbuild'

/**
 * What a small import must leave out or keep, as parts of file names.
 *
 * @type {{ code: string, without?: string[], having?: string[] }[]}
 */
const rules = [
  { code: "export { tensor } from '@adjoint/core'", without: ['/compile/', '/program/', '/transforms/', '/control/'] },
  { code: "export { add } from '@adjoint/core'", without: ['/compile/', '/transforms/', '/control/', '/random/'] },
  { code: "export { grad } from '@adjoint/core'", without: ['/compile/', '/random/', 'einsum'] },
  { code: "export { sgd } from '@adjoint/optim'", without: ['adam', 'minimize', '/schedules/'] },
  { code: "export { cholesky } from '@adjoint/linalg'", without: ['/iterative/', '/operators/', 'svd', 'eigh'] },
  { code: "export { erf } from '@adjoint/special'", without: ['/distributions/', '/quasirandom/', 'bessel', 'linalg'] },
  { code: "export { blobs } from '@adjoint/datasets'", without: ['papaparse', 'jpeg', 'ondemand'] },
  { code: "export { npy } from '@adjoint/io'", without: ['papaparse', 'fflate', '/csv/', '/npz/', '/safetensors/'] },
  {
    code: "export { pointCloud } from '@adjoint/ot'",
    without: ['/entropic/', '/exact/', '/sliced/', '/barycenters/', 'linalg', 'optim'],
  },
  { code: "export { tensor } from 'adjoint'", having: ['backend-cpu'] },
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
    external: ['node:*', 'stream'],
    outfile: 'bundle.js',
  })
  const [{ inputs }] = Object.values(metafile.outputs)
  return Object.keys(inputs).filter((file) => inputs[file].bytesInOutput > 0)
}

const problems = []
for (const { code, without = [], having = [] } of rules) {
  const files = await kept(code)
  const wrong = files.filter((file) => without.some((part) => file.includes(part)))
  const lost = having.filter((part) => !files.some((file) => file.includes(part)))
  if (wrong.length > 0) problems.push(`${code} keeps ${wrong.join(', ')}`)
  if (lost.length > 0) problems.push(`${code} loses ${lost.join(', ')}`)
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
