// NumPy, SciPy and others as peers: small Python scripts beside the cases, run by one child process with its BLAS on one
// thread. The child gets the inputs once and times steps by its own clock, so no transfer is in the times.
import { fileURLToPath } from 'node:url'
import { Missing, type Setup } from '../harness/api.js'
import { Child } from './child.js'

type Values = Float32Array | Float64Array | Int32Array

/** What a script gets: numbers and texts as they are, arrays as NumPy arrays. */
export type Input = number | string | { readonly data: Values; readonly shape: readonly number[] }

/** A function of a script: from the inputs, by name, it makes the step. */
export interface Script {
  /** Relative to `bench/src`. */
  readonly file: string
  /** @defaultValue `'setup'` */
  readonly setup?: string
  readonly inputs: Readonly<Record<string, Input>>
}

const sources = new URL('../../src/', import.meta.url)
const oneThread = Object.fromEntries(
  ['OPENBLAS_NUM', 'OMP_NUM', 'MKL_NUM', 'BLIS_NUM', 'VECLIB_MAXIMUM'].map((library) => [`${library}_THREADS`, '1']),
)

let child: Child | undefined
let programs = 0
const versions: Record<string, string> = {}

/** The versions of Python and of the packages that scripts have imported. */
export const pythonVersions = (): Readonly<Record<string, string>> => versions

/** A script as a peer; left out where Python or what the script imports is missing. */
export function python(peer: string, script: Script): Record<string, Setup> {
  return { [peer]: () => start(script) }
}

/** A script that needs NumPy alone. */
export const numpyScript = (script: Script): Record<string, Setup> => python('numpy', script)

/** A script that calls SciPy. */
export const scipyScript = (script: Script): Record<string, Setup> => python('scipy', script)

async function start({ file, setup = 'setup', inputs }: Script) {
  child ??= new Child(process.env.PYTHON ?? 'python3', [fileURLToPath(new URL('peers/python_child.py', sources))], {
    ...process.env,
    ...oneThread,
    PYTHONDONTWRITEBYTECODE: '1',
  })
  const id = programs++
  const ask = async (operation: string, more: object = {}, bodies: readonly Uint8Array[] = []) => {
    const answer = await (child as Child).ask({ operation, id, ...more }, bodies)
    const { missing, error } = answer.head
    if (missing !== undefined) throw new Missing(`Python has no ${missing}`)
    if (error !== undefined) throw new Error(`${file}, ${setup}: ${error}`)
    return answer
  }
  const { described, bodies } = encode(inputs)
  const made = await ask('setup', { file: fileURLToPath(new URL(file, sources)), setup, inputs: described }, bodies)
  Object.assign(versions, made.head.versions)
  return {
    step: () => ask('time', { count: 1 }),
    time: async (count: number) => (await ask('time', { count })).head.milliseconds as number,
    result: async () => new Float64Array((await ask('run')).body),
    dispose: () => void ask('drop').catch(() => {}),
  }
}

/** Arrays by their place among the bodies. */
function encode(inputs: Script['inputs']) {
  const bodies: Uint8Array[] = []
  const described = Object.entries(inputs).map(([name, given]) => {
    if (typeof given !== 'object') return [name, given]
    const { data, shape } = given
    bodies.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    const dtype = data.constructor.name.replace('Array', '').toLowerCase()
    return [name, { body: bodies.length - 1, dtype, shape }]
  })
  return { described: Object.fromEntries(described), bodies }
}
