// Tests run on the sources of every package: the export condition leads there instead of to dist.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './scripts/lib/reporter.mjs'

const conditions = ['@adjoint/source', 'module', 'node', 'development|production']
const inTurbo = process.env.TURBO_HASH !== undefined
const typeTests = existsSync('test') && readdirSync('test').some((file) => file.endsWith('.test-d.ts'))

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['**/test/**/*.test.ts'],
    allowOnly: false,
    setupFiles: [fileURLToPath(new URL('./scripts/lib/seed.mjs', import.meta.url))],
    testTimeout: 30_000,
    silent: inTurbo && 'passed-only',
    reporters: inTurbo ? ['dot', new SummaryReporter()] : ['default'],
    typecheck: { enabled: inTurbo && typeTests, include: ['**/test/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
  },
})
