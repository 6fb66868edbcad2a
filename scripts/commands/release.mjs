// npm run release: publishes what the changesets ask for; --dry-run versions, packs and validates in a copy.

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { packages, readJson, root } from '../lib/paths.mjs'
import { mustPnpm, pnpm } from '../lib/pnpm.mjs'
import { mustRun } from '../lib/process.mjs'
import { mustTurbo } from '../lib/turbo.mjs'

const pending = () =>
  readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md')

/** The files of the working tree that git knows or would take. */
function workingFiles() {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0')
  return listed.filter((path) => path !== '' && existsSync(join(root, path)))
}

/** Versions and packs everything in a copy that is a repository of its own: changesets reads its history. */
async function dryRun() {
  const cwd = mkdtempSync(join(tmpdir(), 'adjoint-release-'))
  try {
    for (const path of workingFiles()) cpSync(join(root, path), join(cwd, path))
    const author = ['-c', 'user.name=release', '-c', 'user.email=release@localhost', '-c', 'commit.gpgsign=false']
    for (const args of [
      ['init', '--quiet', '--initial-branch=main'],
      ['add', '--all'],
      [...author, 'commit', '--quiet', '-m', 'release'],
    ]) {
      await mustRun('git', args, { cwd })
    }
    await mustPnpm(['install', '--frozen-lockfile', '--prefer-offline'], { cwd })
    await mustPnpm(['exec', 'changeset', 'version'], { cwd })
    await mustTurbo(['package', '--output-logs=errors-only', '--log-prefix=none'], { cwd })
    for (const name of readdirSync(join(cwd, 'packages'))) {
      const before = readJson(join(root, 'packages', name, 'package.json')).version
      const after = readJson(join(cwd, 'packages', name, 'package.json'))
      const fate = after.version === before ? 'unchanged at' : `${before} ->`
      console.log(`${after.name} ${fate} ${after.version}`)
    }
    console.log('Dry run: versioned, packed and validated in a copy; nothing was published.')
    return 0
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

/** Publishes the versions that are in the tree; the changesets have been consumed by `changeset version`. */
async function publish() {
  if (!process.env.NPM_TOKEN) {
    console.error(
      'npm run release publishes to npm and needs NPM_TOKEN; npm run release -- --dry-run shows what it would do.',
    )
    return 1
  }
  if (pending().length > 0) {
    console.error(`Run npx changeset version and commit first: ${pending().join(', ')} pending.`)
    return 1
  }
  await mustTurbo(['package', 'smoke'])
  console.log(
    `Publishing what npm lacks of ${packages()
      .map(({ manifest }) => `${manifest.name}@${manifest.version}`)
      .join(', ')}`,
  )
  return pnpm(['exec', 'changeset', 'publish'], { env: { NODE_AUTH_TOKEN: process.env.NPM_TOKEN } })
}

/** @param {string[]} args */
export function main(args) {
  const { dryRun: dry } = new Command('npm run release --')
    .description('Publishes the packages')
    .option('--dry-run', 'version, pack and validate in a copy; publish nothing')
    .parse(args, { from: 'user' })
    .opts()
  return dry ? dryRun() : publish()
}
