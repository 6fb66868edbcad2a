// Installs the workspace from its frozen lockfile, only where the lockfile is not the installed one.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { mustPnpm } from './pnpm.mjs'

const marker = join(root, 'node_modules', '.installed')

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, name)))
  return hash.digest('hex')
}

export async function install() {
  const wanted = fingerprint()
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  await mustPnpm(['install', '--frozen-lockfile'])
  writeFileSync(marker, wanted)
}
