// How far a chapter is: a live bar on a terminal, a plain line now and then elsewhere.

import cliProgress from 'cli-progress'
import type { Metrics, Progress } from '../chapter.js'

const LINES_PER_CHAPTER = 10

/** Numbers in a few characters: `loss 0.52 accuracy 0.981`. */
function shortly(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${short(value)}`)
    .join('  ')
}

/** A number in about four digits. */
export function short(value: number): string {
  if (Number.isInteger(value)) return String(value)
  return Math.abs(value) >= 1e-3 ? String(Number(value.toPrecision(4))) : value.toExponential(1)
}

/** A bar when `bar` is a terminal, otherwise lines on `lines`. */
export function progressFor(bar: NodeJS.WriteStream, lines: NodeJS.WritableStream): Progress {
  return bar.isTTY ? barProgress(bar) : lineProgress((line) => lines.write(`${line}\n`))
}

function barProgress(stream: NodeJS.WriteStream): Progress {
  const bar = new cliProgress.SingleBar({
    format: '{label} {bar} {percentage}%  {shown}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    stopOnComplete: false,
    forceRedraw: true,
    gracefulExit: false,
    stream,
  })
  return {
    begin: (total, label) => bar.start(total, 0, { label: label.padEnd(16), shown: '' }),
    advance: (done, shown = {}) => bar.update(done, { shown: shortly(shown) }),
    end: () => bar.stop(),
  }
}

/** Prints about ten lines a chapter. */
export function lineProgress(write: (line: string) => void): Progress {
  let [total, label, printed] = [1, '', 0]
  return {
    begin(all, name) {
      total = all
      label = name
      printed = 0
    },
    advance(done, shown = {}) {
      const part = Math.floor((done / total) * LINES_PER_CHAPTER)
      if (part <= printed) return
      printed = part
      write(`${label}  ${Math.round((100 * done) / total)}%  ${shortly(shown)}`.trimEnd())
    },
    end() {},
  }
}
