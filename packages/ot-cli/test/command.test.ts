import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { transportCommand } from '../src/index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adjoint-ot-'))
  await writeFile(join(folder, 'a.csv'), 'x,y,w\n0,0,1\n1,0,3\n')
  await writeFile(join(folder, 'b.csv'), 'x,y,w\n0,1,2\n1,1,2\n')
  await writeFile(join(folder, 'plain.csv'), '0;5\n1;5\n2;5\n')
})
afterEach(() => rm(folder, { recursive: true }))

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const paths = args.map((arg) => (/\.(csv|svg)$/.test(arg) ? join(folder, arg) : arg))
  const code = await transportCommand(paths, {
    stdout: { write: (text) => void (out += text) },
    stderr: { write: (text) => void (err += text) },
  })
  return { code, out, err }
}

const written = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')

test('the exact plan of weighted points, as CSV, SVG and JSON', async () => {
  const args = ['--exact', '--weights', 'w', '--out', 'plan.csv', '--plot', 'plan.svg', '--json']
  const { code, out, err } = await run('a.csv', 'b.csv', ...args)
  expect([code, err]).toEqual([0, ''])
  expect(JSON.parse(out)).toMatchObject({
    from: 2,
    to: 2,
    method: 'exact',
    epsilon: 0,
    cost: 1.25,
    converged: true,
    status: 'converged',
  })
  const rows = (await written('plan.csv')).trimEnd().split('\n')
  expect([rows[0], ...rows.slice(1).sort()]).toEqual(['from,to,mass', '0,0,0.25', '1,0,0.25', '1,1,0.5'])
  const svg = await written('plan.svg')
  expect(svg.match(/<line /g)?.length).toBe(3)
  expect(svg.match(/<circle /g)?.length).toBe(4)
  expect(svg).toContain('from a.csv to b.csv')
})

test('the entropic plan, with progress on the error stream and words on the other', async () => {
  const { code, out, err } = await run('a.csv', 'b.csv', '--weights', 'w', '--epsilon', '0.01', '--out', 'plan.csv')
  expect(code).toBe(0)
  expect(err).toMatch(/2 x 2 points, 2 coordinates\n\d+ iterations, marginals off by/)
  expect(out).toMatch(/^cost +1\.25/)
  expect(out).toContain('converged')
  const mass = (await written('plan.csv')).trimEnd().split('\n').slice(1)
  expect(mass.reduce((sum, row) => sum + Number(row.split(',')[2]), 0)).toBeCloseTo(1, 9)
})

test('files without names, other delimiters, points of one coordinate', async () => {
  const { code, out } = await run('plain.csv', 'plain.csv', '--exact', '--json')
  expect([code, JSON.parse(out).cost]).toEqual([0, 0])
  await writeFile(join(folder, 'line.csv'), '0\n1\n3\n')
  const line = await run('line.csv', 'line.csv', '--cost', 'euclidean', '--plot', 'line.svg', '--json')
  expect(line.code).toBe(0)
  expect((await written('line.svg')).match(/<circle /g)?.length).toBe(6)
})

test('a small epsilon takes more than one round', async () => {
  const grid = Array.from({ length: 30 }, (_, i) => `${Math.sin(i)},${Math.cos(3 * i)}`)
  await writeFile(join(folder, 'c.csv'), grid.join('\n'))
  await writeFile(join(folder, 'd.csv'), grid.map((row) => `1${row.replace('-', '')}`).join('\n'))
  const { code, err } = await run('c.csv', 'd.csv', '--epsilon', '0.0005')
  expect(code).toBe(0)
  expect(err.match(/iterations/g)?.length).toBeGreaterThan(1)
})

test.each([
  ['a missing file', ['a.csv', 'none.csv'], /none\.csv: there is no such file/],
  ['other dimensions', ['a.csv', 'plain.csv'], /3 coordinates and points of 2/],
  ['an unknown column', ['a.csv', 'b.csv', '--weights', 'mass'], /no column 'mass' among x, y, w/],
  ['an epsilon of zero', ['a.csv', 'b.csv', '--epsilon', '0'], /above 0/],
  ['an unknown cost', ['a.csv', 'b.csv', '--cost', 'l1'], /squared, euclidean/],
  ['a missing argument', ['a.csv'], /missing required argument/],
  ['a folder that is not there', ['a.csv', 'b.csv', '--out', 'none/plan.csv'], /none.plan\.csv: ENOENT/],
])('%s ends with 1 and a line that says why', async (_, args, words) => {
  const { code, err } = await run(...args)
  expect(code).toBe(1)
  expect(err).toMatch(words)
  expect(err).not.toContain('    at ')
})

test.each([
  ['text', 'x,y\n0,zero\n', /'?zero/],
  ['ragged rows', 'x,y\n0\n', /cells/],
  ['no rows', 'x,y\n', /no points/],
  ['nothing', '', /no points/],
  ['infinite points', 'x,y\n0,Infinity\n', /not finite/],
  ['negative weights', 'x,y,w\n0,0,-1\n', /weights/],
])('a file with %s ends with 1 and names the file', async (_, content, words) => {
  await writeFile(join(folder, 'bad.csv'), content)
  const weights = content.includes('w') ? ['--weights', 'w'] : []
  const { code, err } = await run('bad.csv', content.includes('w') ? 'a.csv' : 'plain.csv', ...weights)
  expect(code).toBe(1)
  expect(err).toContain('bad.csv: ')
  expect(err).toMatch(words)
})

test('--help lists the options', async () => {
  const { code, out } = await run('--help')
  expect(code).toBe(0)
  for (const flag of ['--epsilon', '--exact', '--cost', '--weights', '--out', '--plot', '--json'])
    expect(out).toContain(flag)
})
