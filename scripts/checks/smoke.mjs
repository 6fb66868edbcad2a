// Installs the packed tarballs into an empty project, as a user would, then runs an app there on Node, Bun and Deno,
// and type-checks it.
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packages, root } from '../lib/paths.mjs'
import { mustRun } from '../lib/process.mjs'

/** Runtimes whose binaries the npm registry holds, by platform; elsewhere Node alone runs the app. */
const runtimes =
  process.platform === 'linux' && process.arch === 'x64'
    ? [
        { name: '@oven/bun-linux-x64', version: '1.4.5', binary: 'bin/bun', args: [] },
        {
          name: '@deno/linux-x64-glibc',
          version: '2.9.6',
          binary: 'deno',
          args: ['run', '--allow-all', '--no-remote'],
        },
      ]
    : []

const cwd = mkdtempSync(join(tmpdir(), 'adjoint-smoke-'))
try {
  const tarballs = packages().map(({ dir, manifest }) => [
    manifest.name,
    `file:${join(dir, '.reports', 'package.tgz')}`,
  ])
  const manifest = {
    name: 'smoke',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries([...tarballs, ...runtimes.map(({ name, version }) => [name, version])]),
  }
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest, null, 2))
  cpSync(join(import.meta.dirname, 'smoke'), cwd, { recursive: true })
  await mustRun('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd })
  await mustRun(process.execPath, ['app.mjs'], { cwd })
  await mustRun(join(cwd, 'node_modules', '.bin', 'adjoint-ot'), ['points.csv', 'points.csv', '--exact', '--json'], {
    cwd,
  })
  for (const { name, binary, args } of runtimes) {
    const program = join(cwd, 'node_modules', name, binary)
    chmodSync(program, 0o755)
    await mustRun(program, [...args, 'app.mjs'], { cwd })
  }
  await mustRun(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], { cwd })
} finally {
  rmSync(cwd, { recursive: true, force: true })
}
