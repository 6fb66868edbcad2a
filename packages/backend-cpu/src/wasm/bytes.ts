// Numbers as bytes of a WebAssembly module: LEB128 integers, IEEE floats, names and sized sections.

/** An unsigned integer below 2^32, seven bits a byte. */
export function unsigned(value: number): number[] {
  const out: number[] = []
  let rest = value >>> 0
  do {
    const low = rest & 0x7f
    rest >>>= 7
    out.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return out
}

/** A signed integer of up to 64 bits, seven bits a byte. */
export function signed(value: number | bigint): number[] {
  const out: number[] = []
  let rest = BigInt(value)
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    const done = rest === ((low & 0x40) === 0 ? 0n : -1n)
    out.push(done ? low : low | 0x80)
    if (done) return out
  }
}

/** A float32, little endian. */
export function float32(value: number): number[] {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value, true)
  return [...new Uint8Array(view.buffer)]
}

/** A float64, little endian. */
export function float64(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value, true)
  return [...new Uint8Array(view.buffer)]
}

/** A name: its length, then its bytes in UTF-8. */
export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text)
  return [...unsigned(bytes.length), ...bytes]
}

/** A vector: the number of items, then the items. */
export function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

/** Bytes behind their length. */
export function sized(bytes: readonly number[]): number[] {
  const out = unsigned(bytes.length)
  for (const byte of bytes) out.push(byte)
  return out
}
