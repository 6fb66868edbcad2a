// Installs the packed tarballs into an empty project, as a user would, then runs and type-checks an app there.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packages, root } from '../lib/paths.mjs'
import { mustRun } from '../lib/process.mjs'

const cwd = mkdtempSync(join(tmpdir(), 'adjoint-smoke-'))
try {
  const tarballs = packages().map(({ dir, manifest }) => [
    manifest.name,
    `file:${join(dir, '.reports', 'package.tgz')}`,
  ])
  const manifest = { name: 'smoke', private: true, type: 'module', dependencies: Object.fromEntries(tarballs) }
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest, null, 2))
  cpSync(join(import.meta.dirname, 'smoke'), cwd, { recursive: true })
  await mustRun('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd })
  await mustRun(process.execPath, ['app.mjs'], { cwd })
  await mustRun(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], { cwd })
} finally {
  rmSync(cwd, { recursive: true, force: true })
}
