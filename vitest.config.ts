// Tests run on the sources of every package: the export condition leads there instead of to dist.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './scripts/lib/reporter.mjs'

const conditions = ['@adjoint/source', 'module', 'node', 'development|production']
const inTurbo = process.env.TURBO_HASH !== undefined
const tests = inTurbo && existsSync('test') ? readdirSync('test', { recursive: true, encoding: 'utf8' }) : []
const typeTests = tests.some((file) => file.endsWith('.test-d.ts'))
const reloads = tests.some(
  (file) => file.endsWith('.ts') && /resetModules/.test(readFileSync(join('test', file), 'utf8')),
)
const setup = (file: string): string => fileURLToPath(new URL(`./scripts/lib/${file}`, import.meta.url))

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['**/test/**/*.test.ts'],
    allowOnly: false,
    setupFiles: [setup('seed.mjs'), setup('file.mjs')],
    testTimeout: 30_000,
    // The files of one package share modules, machine code and compiled programs, unless one of them loads modules anew.
    isolate: !inTurbo || reloads,
    silent: inTurbo && 'passed-only',
    reporters: inTurbo ? ['dot', new SummaryReporter()] : ['default'],
    typecheck: { enabled: inTurbo && typeTests, include: ['**/test/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
  },
})
