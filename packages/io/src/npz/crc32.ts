// The checksum of zip files, a byte at a time. ISO 3309; PKWARE, APPNOTE.TXT.

let table: Uint32Array | undefined

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    return value
  })
}

/** The checksum of bytes that follow others of the checksum `start`. */
export function crc32(bytes: Uint8Array, start = 0): number {
  table ??= makeTable()
  let crc = ~start
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]) & 255]
  return ~crc >>> 0
}
