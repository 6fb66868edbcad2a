import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import type { Chapter, Figure } from '../src/chapter.js'
import type { Outcome } from '../src/tour/perform.js'
import { reportPage } from '../src/tour/report.js'

const options = { seed: 3, quick: true, json: false, only: undefined }

const chapter = (name: Chapter['name']): Chapter => ({
  name,
  title: `Title of ${name}`,
  text: 'Text.',
  run: async () => ({ ok: true, metrics: {}, summary: '', figures: [] }),
})

const line = [
  {
    name: 'one',
    points: [
      [1, 1],
      [2, 0.1],
      [3, 0.01],
    ],
  },
  {
    name: 'two',
    points: [
      [1, 2],
      [2, 0.2],
      [3, 0.02],
    ],
  },
] as const

const figures: Figure[] = [
  { kind: 'curves', caption: 'A curve', x: 'x', y: 'y', logarithmic: true, series: line },
  {
    kind: 'confusion',
    caption: 'A matrix',
    counts: [
      [3, 1],
      [0, 4],
    ],
  },
  { kind: 'tiles', caption: 'Some tiles', size: 2, tiles: [{ label: '1 read as 0', pixels: [0, 1, 0.5, 0] }] },
  {
    kind: 'pictures',
    caption: 'A picture',
    pictures: [{ title: 'Red', alt: 'A red square', width: 8, height: 8, rgb: new Uint8Array(192).fill(200) }],
  },
  {
    kind: 'landscape',
    caption: 'A valley',
    height: (x, y) => x * x + y * y,
    domain: { x: [-1, 1], y: [-1, 1] },
    minimum: [0, 0],
    paths: [
      {
        name: 'walk',
        points: [
          [1, 1],
          [0.5, 0.4],
          [0, 0],
        ],
      },
    ],
  },
  { kind: 'code', caption: 'Some code', text: 'if (a < b && c) {\n    return "d"\n}' },
]

const done: Outcome = {
  chapter: chapter('digits'),
  state: 'done',
  seconds: 1.5,
  result: { ok: true, metrics: { accuracy: 0.98 }, summary: 'It <works>.', figures },
}

const failed: Outcome = {
  chapter: chapter('plugin'),
  state: 'failed',
  seconds: 0,
  message: '<script>alert(1)</script>',
}
const stopped: Outcome = { chapter: chapter('rosenbrock'), state: 'interrupted', seconds: 0.2 }

test('the report is one page that needs nothing from outside', () => {
  const page = reportPage({ outcomes: [done, failed], waiting: [], options, interrupted: false })
  const { document } = parseHTML(page)
  expect(document.querySelectorAll('script, link, iframe').length).toBe(0)
  for (const image of document.querySelectorAll('img'))
    expect(image.getAttribute('src')).toMatch(/^data:image\/jpeg;base64,/)
  expect(page).not.toMatch(/(?:src|href)="https?:|url\(https?:|@import/)
  expect(document.querySelectorAll('main > section').length).toBe(3)
  expect(document.querySelector('[role=status]')).toBeNull()
})

test('every figure is drawn, captioned and has a text alternative', () => {
  const { document } = parseHTML(reportPage({ outcomes: [done], waiting: [], options, interrupted: false }))
  const captions = [...document.querySelectorAll('figcaption')].map((caption) => caption.textContent)
  expect(captions).toEqual(figures.map(({ caption }) => caption))
  for (const image of document.querySelectorAll('img')) expect(image.getAttribute('alt')).not.toBe('')
  for (const drawing of document.querySelectorAll('svg')) {
    expect(drawing.getAttribute('role')).toBe('img')
    expect(drawing.getAttribute('aria-label')).not.toBe('')
  }
  const curve = document.querySelector('.figure-curves svg')
  expect(curve?.querySelectorAll('[aria-label="line"] path').length).toBe(2)
  expect(document.querySelectorAll('.figure-landscape [aria-label="line"] path').length).toBe(1)
  expect([...document.querySelectorAll('.matrix td.wrong')].map((cell) => cell.textContent)).toEqual(['1'])
})

test('what a chapter says cannot break the page', () => {
  const { document } = parseHTML(reportPage({ outcomes: [done, failed], waiting: [], options, interrupted: false }))
  expect(document.querySelector('.result')?.textContent).toBe('It <works>.')
  expect(document.querySelector('#plugin pre')?.textContent).toBe('<script>alert(1)</script>')
  expect(document.querySelector('.figure-code code')?.textContent).toContain('if (a < b && c) {\n  return "d"\n}')
})

test('a report of an interrupted tour says what is missing', () => {
  const content = { outcomes: [done, stopped], waiting: [chapter('plugin')], options, interrupted: true }
  const { document } = parseHTML(reportPage(content))
  expect(document.querySelector('[role=status]')?.textContent).toBe('The tour was interrupted. Not run: plugin.')
  expect(document.querySelector('#rosenbrock .notice')?.textContent).toContain('Interrupted')
})
