// The public interface of @adjoint/io.

export type {
  ByteSource,
  Bytes,
  EntryInfo,
  ReadOptions,
  Sliceable,
  TensorFile,
  TransferOptions,
  TransferProgress,
} from './api.js'
export * as csv from './csv/index.js'
export type { NarrowType } from './elements/narrow.js'
export type { ElementType } from './elements/types.js'
export * as npy from './npy/index.js'
export * as npz from './npz/index.js'
export * as safetensors from './safetensors/index.js'
