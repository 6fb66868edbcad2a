import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseHTML } from 'linkedom'
import { afterEach, beforeEach, expect, test } from 'vitest'

// These run the built program, as `npm start` does; the build is a dependency of the tests.
const built = (file: string): string => fileURLToPath(new URL(`../dist/${file}`, import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adjoint-tour-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(
  file: string,
  args: readonly string[],
  onOutput: (child: ChildProcess) => void = () => {},
): Promise<Ran> {
  const child = spawn(process.execPath, [built(file), ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
    onOutput(child)
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

const report = async () => parseHTML(await readFile(join(folder, 'out', 'report.html'), 'utf8')).document

test('--json prints one line per chapter and nothing else, and the report holds them all', async () => {
  const { code, out } = await start('tour/main.js', ['--quick', '--json', '--seed', '2'])
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ chapter }) => chapter)).toEqual(['digits', 'colour-transfer', 'rosenbrock', 'plugin'])
  for (const line of lines) expect(Object.keys(line)).toEqual(['chapter', 'ok', 'seconds', 'metrics'])
  expect(lines[0].metrics.accuracy).toBeGreaterThan(0.9)
  expect(lines.every(({ ok }) => ok)).toBe(true)
  expect(code).toBe(0)
  const document = await report()
  expect(document.querySelectorAll('main > section[id]').length).toBe(4)
  expect(document.querySelectorAll('img').length).toBe(4)
  expect(await readdir(join(folder, 'out'))).toEqual(['report.html'])
})

test('without a terminal it prints plain lines and a table', async () => {
  const { code, out, err } = await start('tour/main.js', ['--quick', '--only', 'plugin,rosenbrock'])
  expect(code).toBe(0)
  expect(err).toBe('')
  expect(out).toMatch(/rosenbrock {2}\d+%/)
  expect(out).toContain('report: ')
  expect(out).not.toContain('digits')
  expect(out).not.toContain('\u001b')
})

test('Ctrl-C leaves a valid partial report and ends with 130', async () => {
  let told = false
  const { code, out } = await start('tour/main.js', ['--only', 'plugin,digits'], (child) => {
    if (told) return
    told = true
    child.kill('SIGINT')
  })
  expect(code).toBe(130)
  expect(out).toContain('interrupted')
  const document = await report()
  expect(document.querySelector('[role=status]')?.textContent).toContain('The tour was interrupted')
  expect(document.querySelector('footer')).not.toBeNull()
})

test.each([
  ['--help', 0, '--only'],
  ['--only=nothing', 1, 'Choose from digits'],
  ['--seed=many', 1, 'whole number'],
  ['--no-such-flag', 1, 'unknown option'],
])('%s ends with %i and says why', async (flag, expected, words) => {
  const { code, out, err } = await start('tour/main.js', [flag])
  expect(code).toBe(expected)
  expect(out + err).toContain(words)
})

test('a chapter runs alone', async () => {
  const { code, out } = await start('rosenbrock.js', ['--quick'])
  expect(code).toBe(0)
  expect(out).toContain('momentum')
})
