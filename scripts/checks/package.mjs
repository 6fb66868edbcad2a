// Packs the package of the working directory into .reports/package.tgz; publint and attw judge the tarball.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { readJson, root } from '../lib/paths.mjs'
import { mustPnpm } from '../lib/pnpm.mjs'
import { run } from '../lib/process.mjs'

const tarball = '.reports/package.tgz'
const required = ['description', 'keywords', 'license', 'author', 'homepage', 'bugs', 'repository', 'engines', 'files']

const cwd = process.cwd()
const manifest = readJson('package.json')
const missing = required.filter((field) => !(field in manifest)).map((field) => `package.json lacks ${field}`)

mkdirSync('.reports', { recursive: true })
await mustPnpm(['pack', '--out', tarball], { cwd })
const { messages } = await publint({ pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer }, strict: true })
const problems = [...missing, ...messages.map((message) => formatMessage(message, manifest, { color: false }))]
for (const problem of problems) console.error(`publint: ${problem}`)

const attw = join(root, 'scripts', 'node_modules', '.bin', 'attw')
const wrong = await run(attw, [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji'], { cwd })
process.exitCode = problems.length > 0 ? 1 : wrong
