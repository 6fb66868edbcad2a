import { ones, tensor, zeros } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csv } from '../src/index.js'
import { failure, list, sources } from './support.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (data: Uint8Array): string => new TextDecoder().decode(data)

const IRIS = 'length,width,species\n5.1,3.5,setosa\n4.9,3,"versi, color"\n'

describe('csv.read', () => {
  it('reads columns as tensors and text', async () => {
    const table = await csv.read(bytes(IRIS), { as: { species: 'text', width: 'float64' } })
    expect(table.names).toEqual(['length', 'width', 'species'])
    expect(table.rows).toBe(2)
    expect(list(table.tensors.length)).toEqual([Math.fround(5.1), Math.fround(4.9)])
    expect([table.tensors.width.dtype, list(table.tensors.width)]).toEqual(['float64', [3.5, 3]])
    expect(table.text).toEqual({ species: ['setosa', 'versi, color'] })
  })

  it.each(sources(bytes(IRIS)))('reads from %s', async (_, source) => {
    expect((await csv.read(source(), { as: 'text' })).text.species).toEqual(['setosa', 'versi, color'])
  })

  it.each([',', ';', '\t', '|'])('finds the delimiter %j', async (delimiter) => {
    const file = bytes(`x,y\n1,2\n3,4\n`.replaceAll(',', delimiter))
    expect(list(await csv.readMatrix(file))).toEqual([1, 2, 3, 4])
    expect(list(await csv.readMatrix(file, { delimiter }))).toEqual([1, 2, 3, 4])
  })

  it.each(['\n', '\r\n', '\r'])('reads lines that end in %j, with a mark of byte order', async (end) => {
    const file = bytes(`\ufeffx,y${end}1,2${end}${end}3,4${end}${end}`)
    const { names, tensors } = await csv.read(file)
    expect(names).toEqual(['x', 'y'])
    expect(list(tensors.y)).toEqual([2, 4])
  })

  it('selects columns, names them, and takes files without a header', async () => {
    const file = bytes('1,2,3\n4,5,6\n')
    expect(list(await csv.readMatrix(file, { header: false, select: ['2', '0'] }))).toEqual([3, 1, 6, 4])
    const { tensors } = await csv.read(file, { header: ['a', 'b', 'c'], select: ['b'] })
    expect(Object.keys(tensors)).toEqual(['b'])
    expect((await failure(csv.read(file, { header: ['a', 'b'] }))).given).toBe('3 cells in row 1')
    expect((await failure(csv.read(file, { select: ['z'] }))).code).toBe('missing-data')
  })

  it('reads numbers of every spelling, and no others', async () => {
    const file = bytes('x\n1\n-2.5e3\n+.5\n3.\n NaN \n-inf\nInfinity\n')
    const infinities = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    expect(list((await csv.read(file)).tensors.x)).toEqual([1, -2500, 0.5, 3, Number.NaN, ...infinities])
    for (const cell of ['0x10', '1_000', 'one', '1e', '--1', '1 2', '.'])
      expect((await failure(csv.read(bytes(`x,y\n1,1\n${cell},1\n`)))).code).toBe('corrupt-data')
  })

  it('says where a cell is wrong, and what to do', async () => {
    const error = await failure(csv.read(bytes(IRIS)))
    expect(error.given).toBe('"setosa" in row 2, column \'species\'')
    expect(error.fix).toMatch(/as: \{ "species": 'text' \}/)
    expect((await failure(csv.read(bytes('x;y\n1,5;2\n')))).fix).toMatch(/decimals with a point/)
  })

  it('reads integers and truth exactly', async () => {
    const file = bytes('i,u,b\n-3,4000000000,TRUE\n2,0,0\n')
    const { tensors } = await csv.read(file, { as: { i: 'int32', u: 'uint32', b: 'bool' } })
    expect([tensors.i, tensors.u, tensors.b].map(list)).toEqual([
      [-3, 2],
      [4_000_000_000, 0],
      [1, 0],
    ])
    expect((await failure(csv.read(file, { as: 'int32' }))).given).toMatch(/4000000000/)
    expect((await failure(csv.read(bytes('x\n1.5\n'), { as: 'int32' }))).expected).toBe('an integer of int32')
    expect((await failure(csv.read(file, { as: 'int64' as 'int32' }))).code).toBe('invalid-argument')
  })

  it('treats missing values as it is told', async () => {
    const file = bytes('x,y\n1,2\n,3\nNA,4\n5,?\n')
    const missingMarks = ['NA', '?']
    expect((await failure(csv.read(file))).given).toBe("no value in row 3, column 'x' of float32")
    expect(list(await csv.readMatrix(file, { missing: 'skip', missingMarks }))).toEqual([1, 2])
    expect(list(await csv.readMatrix(file, { missing: -1, missingMarks }))).toEqual([1, 2, -1, 3, -1, 4, 5, -1])
    expect(list((await csv.read(file, { missing: 'nan', missingMarks })).tensors.x)).toEqual([1, NaN, NaN, 5])
    expect((await failure(csv.read(file, { missing: 'nan', as: 'int32' }))).expected).toMatch(/int32 has no NaN/)
  })

  it('keeps blank lines of a single column as missing values', async () => {
    expect(list((await csv.read(bytes('x\n1\n\n2\n'), { missing: 0 })).tensors.x)).toEqual([1, 0, 2])
  })

  it.each([
    ['ragged rows', 'x,y\n1,2\n3\n', /1 cells in row 3/],
    ['open quotations', 'x,y\n1,"2\n3,4\n', /row/],
    ['doubled names', 'x,x\n1,2\n', /two columns named "x"/],
  ])('refuses %s', async (_, file, message) => {
    const error = await failure(csv.read(bytes(file)))
    expect(error.code).toBe('corrupt-data')
    expect(error.message).toMatch(message)
  })

  it('reads other encodings, and names them where bytes do not fit', async () => {
    const file = new Uint8Array([...bytes('name\nGr'), 0xf6, ...bytes('n\n')])
    expect((await failure(csv.read(file, { as: 'text' }))).fix).toMatch(/windows-1252/)
    expect((await csv.read(file, { as: 'text', encoding: 'windows-1252' })).text.name).toEqual(['Grön'])
    expect((await failure(csv.read(file, { encoding: 'morse' }))).code).toBe('invalid-argument')
  })

  it('leaves comments out', async () => {
    expect(
      list(await csv.readMatrix(bytes('# made by hand\n1 2\n3 4\n'), { comments: '#', delimiter: ' ', header: false })),
    ).toEqual([1, 2, 3, 4])
  })

  it('reads empty files and files of a header', async () => {
    expect((await csv.read(bytes(''))).names).toEqual([])
    expect((await csv.readMatrix(bytes(''))).shape).toEqual([0, 0])
    expect((await csv.readMatrix(bytes('x,y\n'))).shape).toEqual([0, 2])
  })
})

describe('csv.batches', () => {
  it('gives tables of a size while the file comes, and lets go of it', async () => {
    let sent = 0
    let closed = false
    const source = (async function* () {
      try {
        yield bytes('i,name\n')
        for (; sent < 400_000; sent += 1000) {
          yield bytes(Array.from({ length: 1000 }, (_, i) => `${sent + i},"row ""${sent + i}"""\n`).join(''))
        }
      } finally {
        closed = true
      }
    })()
    const seen: number[] = []
    for await (const { rows, tensors, text } of csv.batches(source, { size: 700, as: { name: 'text' } })) {
      expect(rows).toBe(700)
      expect(text.name[0]).toBe(`row "${list(tensors.i)[0]}"`)
      seen.push(list(tensors.i)[0])
      if (seen.length === 20) break
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => 700 * i))
    expect(sent).toBeLessThan(100_000)
    expect(closed).toBe(true)
  })

  it('ends with the rest', async () => {
    const shapes: (readonly number[])[] = []
    for await (const { tensors } of csv.batches(bytes('x\n1\n2\n3\n'), { size: 2 })) shapes.push(tensors.x.shape)
    expect(shapes).toEqual([[2], [1]])
    expect((await failure(csv.batches(bytes('x\n1\n'), { size: 0 }).next())).code).toBe('invalid-argument')
  })
})

describe('csv.write', () => {
  it('writes columns and matrices', async () => {
    const x = tensor([0.1, 1 / 3, 16777216, 1e-8])
    expect(text(await csv.write({ x }))).toBe('x\n0.1\n0.33333334\n16777216\n1e-8\n')
    expect(text(await csv.write(tensor([[1, -0], [NaN, 2]])))).toBe('1,-0\nNaN,2\n') // biome-ignore format: a matrix
    expect(text(await csv.write({ b: tensor([true, false]), t: ['a"b', 'c\nd'] }, { delimiter: ';' }))).toBe(
      'b;t\ntrue;"a""b"\nfalse;"c\nd"\n',
    )
    expect(text(await csv.write(ones([2]), { header: ['one'] }))).toBe('one\n1\n1\n')
    expect(text(await csv.write({ x: ones([1]) }, { header: false }))).toBe('1\n')
    expect(text(await csv.write({}))).toBe('')
  })

  it('streams the same bytes', async () => {
    const x = zeros([10_000, 2])
    const chunks: Uint8Array[] = []
    for await (const chunk of csv.stream(x)) chunks.push(chunk)
    expect(chunks.length).toBeGreaterThan(2)
    expect(new Uint8Array(Buffer.concat(chunks))).toEqual(await csv.write(x))
  })

  it('refuses shapes that are no table', async () => {
    expect((await failure(csv.write(ones([1, 2, 3])))).code).toBe('shape-mismatch')
    expect((await failure(csv.write({ x: ones([1]), y: ones([2]) }))).given).toMatch(/'x' of 1 rows and 'y' of 2/)
    expect((await failure(csv.write({ x: ones([2, 2]) }))).code).toBe('shape-mismatch')
    expect((await failure(csv.write({ x: [1] as never }))).code).toBe('invalid-argument')
    expect((await failure(csv.write(ones([1]), { header: ['a', 'b'] }))).code).toBe('shape-mismatch')
    expect((await failure(csv.write(ones([1]), { delimiter: '"' }))).code).toBe('invalid-argument')
  })

  it('reads back every float32, float64 and text', async () => {
    const float32 = fc.float({ noDefaultInfinity: false })
    const row = fc.tuple(float32, fc.double(), fc.string({ unit: 'grapheme' }))
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
        const table = {
          x: tensor(Float32Array.from(rows, ([x]) => x)),
          y: tensor(Float64Array.from(rows, ([, y]) => y)),
          t: rows.map(([, , t]) => t),
        }
        const back = await csv.read(await csv.write(table), { as: { y: 'float64', t: 'text' }, delimiter: ',' })
        expect(list(back.tensors.x)).toEqual(list(table.x))
        expect(list(back.tensors.y)).toEqual(list(table.y))
        expect(back.text.t).toEqual(table.t)
      }),
      { numRuns: 200 },
    )
  })
})
