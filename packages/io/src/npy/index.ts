// The NPY format of NumPy: one array behind a header.

export type { NpyVersion } from './header.js'
export { read } from './read.js'
export { type NpyWriteOptions, stream, write } from './write.js'
