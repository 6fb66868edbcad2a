import { describe, expect, it } from 'vitest'
import { deserialize, drive, iterate, type Progress } from '../src/drive/index.js'
import { type Tensor, tensor } from '../src/index.js'
import * as random from '../src/random/index.js'

const halve = (x: Tensor) => ({ state: x.mul(0.5), metrics: { largest: x.max(), half: x.max().mul(0.5) } })

/** A state that rounds differently if anything about it changes. */
type Chaos = { x: Tensor; count: Tensor }
const chaotic = ({ x, count }: Chaos) => ({
  state: { x: x.mul(3.9).mul(x.neg().add(1)), count: count.add(1) },
  metrics: { mean: x.mean(), count },
})
const chaos = (): Chaos => ({ x: tensor([0.1, 0.2, 0.7]), count: tensor(0, { dtype: 'int32' }) })

describe('drive', () => {
  it('repeats a step and reads the last metrics as numbers', async () => {
    const { state, step, metrics, status } = await drive(halve, tensor([8, 4]), { steps: 3, every: 2 })
    expect(state.arraySync()).toEqual([1, 0.5])
    expect([step, status]).toEqual([3, 'done'])
    expect(metrics).toEqual({ largest: 2, half: 1 })
  })

  it('reports after each chunk, at multiples of every, and awaits the report', async () => {
    const seen: number[] = []
    let waiting = false
    await drive(halve, tensor([1]), {
      steps: 8,
      every: 3,
      start: 1,
      onProgress: async ({ step, steps, metrics, state }) => {
        expect([waiting, steps]).toEqual([false, 8])
        expect(state.item()).toBe(metrics.half)
        waiting = true
        await new Promise((resolve) => setTimeout(resolve, 1))
        waiting = false
        seen.push(step)
      },
    })
    expect(seen).toEqual([3, 6, 8])
  })

  it('traces the step once for all full chunks', async () => {
    let traces = 0
    const counted = (x: Tensor) => {
      traces++
      return { state: x.add(1), metrics: {} }
    }
    await drive(counted, tensor(0), { steps: 40, every: 10 })
    expect(traces).toBe(1)
  })

  it('gives the same bits however the run is cut', async () => {
    const whole = await drive(chaotic, chaos(), { steps: 40, every: 8 })
    for (const [cut, every] of [
      [1, 1],
      [13, 8],
      [24, 7],
      [39, 40],
    ]) {
      const first = await drive(chaotic, chaos(), { steps: cut, every })
      const second = await drive(chaotic, first.state, { steps: 40, every, start: first.step })
      expect(second.state.x.dataSync()).toEqual(whole.state.x.dataSync())
      expect(second.state.count.item()).toBe(40)
      expect(second.metrics).toEqual(whole.metrics)
    }
  })

  it('carries random keys through checkpoints', async () => {
    const walk = ({ x, key }: { x: Tensor; key: random.Key }) => {
      const [now, next] = random.split(key)
      return { state: { x: x.add(random.normal(now, [2])), key: next }, metrics: {} }
    }
    const start = () => ({ x: tensor([0, 0]), key: random.key(1) })
    const whole = await drive(walk, start(), { steps: 6, every: 3 })
    let saved: Uint8Array = new Uint8Array()
    await drive(walk, start(), {
      steps: 2,
      checkpoint: (bytes) => {
        saved = bytes
      },
    })
    const { step, state } = deserialize(saved) as { step: number; state: { x: Tensor; key: random.Key } }
    const resumed = await drive(walk, state, { steps: 6, every: 4, start: step })
    expect(resumed.state.x.dataSync()).toEqual(whole.state.x.dataSync())
  })

  it('resumes from a checkpoint, bit for bit', async () => {
    const saved = new Map<number, Uint8Array>()
    const whole = await drive(chaotic, chaos(), {
      steps: 20,
      every: 5,
      checkpoint: (bytes, step) => saved.set(step, bytes),
    })
    expect([...saved.keys()]).toEqual([5, 10, 15, 20])
    const { step, state } = deserialize(saved.get(10) as Uint8Array) as { step: number; state: Chaos }
    const resumed = await drive(chaotic, state, { steps: 20, every: 5, start: step })
    expect(resumed.state.x.dataSync()).toEqual(whole.state.x.dataSync())
  })

  it('stops between chunks when the signal is aborted', async () => {
    const controller = new AbortController()
    const onProgress = ({ step }: { step: number }) => step === 4 && controller.abort()
    const stopped = await drive(chaotic, chaos(), { steps: 10, every: 2, signal: controller.signal, onProgress })
    expect([stopped.step, stopped.status]).toEqual([4, 'aborted'])
    const resumed = await drive(chaotic, stopped.state, { steps: 10, every: 2, start: stopped.step })
    const whole = await drive(chaotic, chaos(), { steps: 10, every: 2 })
    expect(resumed.state.x.dataSync()).toEqual(whole.state.x.dataSync())
  })

  it('lets timers and signals in during long runs', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 1)
    const { status } = await drive(halve, tensor([1]), { steps: 10_000_000, signal: controller.signal })
    expect(status).toBe('aborted')
  })

  it('does nothing for no steps, and for a signal aborted before', async () => {
    const x = tensor([1])
    expect(await drive(halve, x, { steps: 0 })).toEqual({ state: x, step: 0, metrics: undefined, status: 'done' })
    expect(await drive(halve, x, { steps: 2, signal: AbortSignal.abort() })).toMatchObject({
      step: 0,
      status: 'aborted',
    })
  })

  it('feeds inputs in order and ends with them', async () => {
    const step = (sum: Tensor, { x }: { x: number | Tensor }) => ({ state: sum.mul(10).add(x), metrics: {} })
    const inputs = [1, 2, 3, 4, 5].map((x) => ({ x }))
    const even = await drive(step, tensor(0), { steps: 4, every: 2, inputs })
    expect([even.state.item(), even.step]).toEqual([1234, 4])
    async function* slowly() {
      for (const x of inputs) yield { x: tensor(x.x, { dtype: 'float64' }) }
    }
    const all = await drive(step, tensor(0, { dtype: 'float64' }), { steps: 9, every: 2, inputs: slowly() })
    expect([all.state.item(), all.step, all.status]).toEqual([12345, 5, 'done'])
  })

  it('closes its inputs when it stops early', async () => {
    let closed = false
    function* endless() {
      try {
        for (;;) yield 1
      } finally {
        closed = true
      }
    }
    const step = (x: Tensor, y: number) => ({ state: x.add(y), metrics: {} })
    await drive(step, tensor(0), { steps: 3, inputs: endless() })
    expect(closed).toBe(true)
  })

  it('makes numbers in the state float32 tensors, and keeps what is not numeric', async () => {
    const step = (s: { x: number | Tensor; name: string }) => ({ state: { ...s, x: tensor(s.x).add(1) }, metrics: {} })
    const { state } = await drive(step, { x: 1, name: 'run' } as { x: number | Tensor; name: string }, {
      steps: 3,
      every: 2,
    })
    expect([(state.x as Tensor).item(), (state.x as Tensor).dtype, state.name]).toEqual([4, 'float32', 'run'])
  })

  it.each([
    [{ steps: 1.5 }, /steps 1.5/],
    [{ steps: -1 }, /steps -1/],
    [{ steps: Number.NaN }, /steps NaN/],
    [{ steps: 2, every: 0 }, /every 0/],
    [{ steps: 2, every: 0.5 }, /every 0.5/],
    [{ steps: 2, start: -2 }, /start -2/],
  ])('refuses %o', async (options, message) => {
    await expect(drive(halve, tensor([1]), options)).rejects.toThrow(message)
    await expect(drive(halve, tensor([1]), options)).rejects.toThrow(/invalid-argument/)
  })

  it('refuses steps that change the type of the state', async () => {
    const options = { steps: 2 }
    const grows = (x: Tensor) => ({ state: x.expandDims(0), metrics: {} })
    await expect(drive(grows, tensor([1]), options)).rejects.toThrow(/loop-changed-type/)
    const casts = (x: Tensor) => ({ state: x.cast('int32'), metrics: {} })
    await expect(drive(casts, tensor([1]), options)).rejects.toThrow(/loop-changed-type/)
    const wraps = (x: Tensor | { x: Tensor }) => ({ state: { x: tensor(x as Tensor) }, metrics: {} })
    await expect(drive(wraps, tensor([1]) as Tensor | { x: Tensor }, options)).rejects.toThrow(/loop-changed-type/)
  })

  it('refuses metrics that are not scalars, promises and other results', async () => {
    const options = { steps: 2 }
    await expect(drive((x: Tensor) => ({ state: x, metrics: { x } }), tensor([1, 2]), options)).rejects.toThrow(
      /a metric float32\[2\]/,
    )
    const asynchronous = (async (x: Tensor) => ({ state: x, metrics: {} })) as unknown as typeof halve
    await expect(drive(asynchronous, tensor([1]), options)).rejects.toThrow(/promise-in-trace/)
    await expect(drive(((x: Tensor) => x) as unknown as typeof halve, tensor([1]), options)).rejects.toThrow(
      /\{ state, metrics \}/,
    )
  })

  it('passes on what the step and the callbacks throw', async () => {
    const failing = () => {
      throw new Error('full disk')
    }
    await expect(drive(halve, tensor([1]), { steps: 1, onProgress: failing })).rejects.toThrow('full disk')
    await expect(drive(halve, tensor([1]), { steps: 1, checkpoint: failing })).rejects.toThrow('full disk')
  })
})

describe('iterate', () => {
  it('yields progress until the loop is left', async () => {
    const seen: Progress<Tensor, unknown>[] = []
    for await (const progress of iterate(halve, tensor([8]), { steps: 100, every: 2 })) {
      seen.push(progress)
      if (progress.metrics.half < 1) break
    }
    expect(seen.map(({ step }) => step)).toEqual([2, 4])
    expect(seen.map(({ state }) => state.item())).toEqual([2, 0.5])
  })
})
