// The instructions that kernels use, by the types they take and give. Prefixed opcodes are written as prefix * 4096 + code.
// WebAssembly Core Specification 2.0, W3C 2022, section 5.4.

/** Types of values. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

/** Opcodes by signature. */
const INSTRUCTIONS = {
  'i32 i32 -> i32': {
    'i32.add': 0x6a,
    'i32.sub': 0x6b,
    'i32.mul': 0x6c,
    'i32.div_s': 0x6d,
    'i32.div_u': 0x6e,
    'i32.rem_s': 0x6f,
    'i32.rem_u': 0x70,
    'i32.and': 0x71,
    'i32.or': 0x72,
    'i32.xor': 0x73,
    'i32.shl': 0x74,
    'i32.shr_s': 0x75,
    'i32.shr_u': 0x76,
    'i32.rotl': 0x77,
    'i32.eq': 0x46,
    'i32.ne': 0x47,
    'i32.lt_s': 0x48,
    'i32.lt_u': 0x49,
    'i32.gt_s': 0x4a,
    'i32.gt_u': 0x4b,
    'i32.le_s': 0x4c,
    'i32.le_u': 0x4d,
    'i32.ge_s': 0x4e,
    'i32.ge_u': 0x4f,
  },
  'i32 -> i32': { 'i32.eqz': 0x45 },
  'i64 i64 -> i64': { 'i64.add': 0x7c, 'i64.and': 0x83, 'i64.or': 0x84, 'i64.xor': 0x85, 'i64.shr_s': 0x87 },
  'f32 f32 -> f32': {
    'f32.add': 0x92,
    'f32.sub': 0x93,
    'f32.mul': 0x94,
    'f32.div': 0x95,
    'f32.min': 0x96,
    'f32.max': 0x97,
    'f32.copysign': 0x98,
  },
  'f32 -> f32': {
    'f32.abs': 0x8b,
    'f32.neg': 0x8c,
    'f32.ceil': 0x8d,
    'f32.floor': 0x8e,
    'f32.trunc': 0x8f,
    'f32.nearest': 0x90,
    'f32.sqrt': 0x91,
  },
  'f32 f32 -> i32': { 'f32.eq': 0x5b, 'f32.ne': 0x5c, 'f32.lt': 0x5d, 'f32.gt': 0x5e, 'f32.le': 0x5f, 'f32.ge': 0x60 },
  'f64 f64 -> f64': {
    'f64.add': 0xa0,
    'f64.sub': 0xa1,
    'f64.mul': 0xa2,
    'f64.div': 0xa3,
    'f64.min': 0xa4,
    'f64.max': 0xa5,
    'f64.copysign': 0xa6,
  },
  'f64 -> f64': {
    'f64.abs': 0x99,
    'f64.neg': 0x9a,
    'f64.ceil': 0x9b,
    'f64.floor': 0x9c,
    'f64.trunc': 0x9d,
    'f64.nearest': 0x9e,
    'f64.sqrt': 0x9f,
  },
  'f64 f64 -> i32': { 'f64.eq': 0x61, 'f64.ne': 0x62, 'f64.lt': 0x63, 'f64.gt': 0x64, 'f64.le': 0x65, 'f64.ge': 0x66 },
  'i32 -> f32': { 'f32.convert_i32_s': 0xb2, 'f32.convert_i32_u': 0xb3, 'f32.reinterpret_i32': 0xbe },
  'i32 -> f64': { 'f64.convert_i32_s': 0xb7, 'f64.convert_i32_u': 0xb8 },
  'f64 -> f32': { 'f32.demote_f64': 0xb6 },
  'f32 -> f64': { 'f64.promote_f32': 0xbb },
  'f32 -> i32': { 'i32.reinterpret_f32': 0xbc },
  'f64 -> i32': { 'i32.trunc_sat_f64_s': 0xfc002 },
  'i32 -> i64': { 'i64.extend_i32_u': 0xad },
  'f64 -> i64': { 'i64.reinterpret_f64': 0xbd },
  'i64 -> f64': { 'f64.reinterpret_i64': 0xbf },
  'i64 -> i32': { 'i32.wrap_i64': 0xa7 },
  'i32 -> v128': { 'i32x4.splat': 0xfd011 },
  'i64 -> v128': { 'i64x2.splat': 0xfd012 },
  'f32 -> v128': { 'f32x4.splat': 0xfd013 },
  'f64 -> v128': { 'f64x2.splat': 0xfd014 },
  'v128 v128 -> v128': {
    'i32x4.eq': 0xfd037,
    'i32x4.ne': 0xfd038,
    'i32x4.lt_s': 0xfd039,
    'i32x4.lt_u': 0xfd03a,
    'i32x4.gt_s': 0xfd03b,
    'i32x4.le_s': 0xfd03d,
    'i32x4.le_u': 0xfd03e,
    'i32x4.ge_s': 0xfd03f,
    'f32x4.eq': 0xfd041,
    'f32x4.ne': 0xfd042,
    'f32x4.lt': 0xfd043,
    'f32x4.gt': 0xfd044,
    'f32x4.le': 0xfd045,
    'f32x4.ge': 0xfd046,
    'f64x2.eq': 0xfd047,
    'f64x2.ne': 0xfd048,
    'f64x2.lt': 0xfd049,
    'f64x2.gt': 0xfd04a,
    'f64x2.le': 0xfd04b,
    'f64x2.ge': 0xfd04c,
    'v128.and': 0xfd04e,
    'v128.andnot': 0xfd04f,
    'v128.or': 0xfd050,
    'v128.xor': 0xfd051,
    'i8x16.narrow_i16x8_s': 0xfd065,
    'i16x8.narrow_i32x4_s': 0xfd085,
    'i32x4.add': 0xfd0ae,
    'i32x4.sub': 0xfd0b1,
    'i32x4.mul': 0xfd0b5,
    'i32x4.min_s': 0xfd0b6,
    'i32x4.min_u': 0xfd0b7,
    'i32x4.max_s': 0xfd0b8,
    'i32x4.max_u': 0xfd0b9,
    'i64x2.add': 0xfd0ce,
    'i64x2.sub': 0xfd0d1,
    'i64x2.gt_s': 0xfd0d9,
    'i64x2.mul': 0xfd0d5,
    'f32x4.add': 0xfd0e4,
    'f32x4.sub': 0xfd0e5,
    'f32x4.mul': 0xfd0e6,
    'f32x4.div': 0xfd0e7,
    'f32x4.min': 0xfd0e8,
    'f32x4.max': 0xfd0e9,
    'f32x4.pmin': 0xfd0ea,
    'f32x4.pmax': 0xfd0eb,
    'f64x2.add': 0xfd0f0,
    'f64x2.sub': 0xfd0f1,
    'f64x2.mul': 0xfd0f2,
    'f64x2.div': 0xfd0f3,
    'f64x2.min': 0xfd0f4,
    'f64x2.max': 0xfd0f5,
    'f64x2.pmin': 0xfd0f6,
    'f64x2.pmax': 0xfd0f7,
  },
  'v128 v128 v128 -> v128': {
    'v128.bitselect': 0xfd052,
    'f32x4.relaxed_madd': 0xfd105,
    'f32x4.relaxed_nmadd': 0xfd106,
    'f64x2.relaxed_madd': 0xfd107,
    'f64x2.relaxed_nmadd': 0xfd108,
  },
  'v128 -> v128': {
    'v128.not': 0xfd04d,
    'f32x4.demote_f64x2_zero': 0xfd05e,
    'f64x2.promote_low_f32x4': 0xfd05f,
    'f32x4.ceil': 0xfd067,
    'f32x4.floor': 0xfd068,
    'f32x4.trunc': 0xfd069,
    'f32x4.nearest': 0xfd06a,
    'f64x2.ceil': 0xfd074,
    'f64x2.floor': 0xfd075,
    'f64x2.trunc': 0xfd07a,
    'f64x2.nearest': 0xfd094,
    'i16x8.extend_low_i8x16_u': 0xfd089,
    'i32x4.extend_low_i16x8_u': 0xfd0a9,
    'i32x4.abs': 0xfd0a0,
    'i32x4.neg': 0xfd0a1,
    'i64x2.extend_low_i32x4_s': 0xfd0c7,
    'i64x2.extend_high_i32x4_s': 0xfd0c8,
    'f32x4.abs': 0xfd0e0,
    'f32x4.neg': 0xfd0e1,
    'f32x4.sqrt': 0xfd0e3,
    'f64x2.abs': 0xfd0ec,
    'f64x2.neg': 0xfd0ed,
    'f64x2.sqrt': 0xfd0ef,
    'i32x4.trunc_sat_f32x4_s': 0xfd0f8,
    'f32x4.convert_i32x4_s': 0xfd0fa,
    'f32x4.convert_i32x4_u': 0xfd0fb,
    'i32x4.trunc_sat_f64x2_s_zero': 0xfd0fc,
    'f64x2.convert_low_i32x4_s': 0xfd0fe,
    'f64x2.convert_low_i32x4_u': 0xfd0ff,
  },
  'v128 -> i32': {
    'v128.any_true': 0xfd053,
    'i32x4.all_true': 0xfd0a3,
    'i64x2.all_true': 0xfd0c3,
    'i32x4.bitmask': 0xfd0a4,
  },
  'v128 i32 -> v128': {
    'i32x4.shl': 0xfd0ab,
    'i32x4.shr_s': 0xfd0ac,
    'i32x4.shr_u': 0xfd0ad,
    'i64x2.shl': 0xfd0cb,
    'i64x2.shr_s': 0xfd0cc,
    'i64x2.shr_u': 0xfd0cd,
  },
} as const

type Groups = typeof INSTRUCTIONS

/** Names of instructions without immediates. */
export type Instruction = { [G in keyof Groups]: keyof Groups[G] }[keyof Groups] & string

/** What an instruction takes and gives. */
export interface Signature {
  readonly code: number
  readonly operands: readonly ValueType[]
  readonly result: ValueType
}

let signatures: Map<string, Signature> | undefined

/** The signature of an instruction. */
export function signatureOf(instruction: Instruction): Signature {
  signatures ??= tabulate()
  return signatures.get(instruction) as Signature
}

function tabulate(): Map<string, Signature> {
  const out = new Map<string, Signature>()
  for (const [types, group] of Object.entries(INSTRUCTIONS)) {
    const [operands, result] = types.split(' -> ')
    for (const [name, code] of Object.entries(group))
      out.set(name, { code, operands: operands.split(' ') as ValueType[], result: result as ValueType })
  }
  return out
}

/** Loads with an address and an offset: opcode and alignment as a power of two. */
export const LOADS = {
  'i32.load': [0x28, 2, 'i32'],
  'i64.load': [0x29, 3, 'i64'],
  'f32.load': [0x2a, 2, 'f32'],
  'f64.load': [0x2b, 3, 'f64'],
  'i32.load8_u': [0x2d, 0, 'i32'],
  'v128.load': [0xfd000, 4, 'v128'],
  'v128.load32_splat': [0xfd009, 2, 'v128'],
  'v128.load64_splat': [0xfd00a, 3, 'v128'],
  'v128.load32_zero': [0xfd05c, 2, 'v128'],
  'v128.load64_zero': [0xfd05d, 3, 'v128'],
} as const satisfies Record<string, readonly [number, number, ValueType]>

/** Stores with an address and an offset. */
export const STORES = {
  'i32.store': [0x36, 2, 'i32'],
  'i64.store': [0x37, 3, 'i64'],
  'f32.store': [0x38, 2, 'f32'],
  'f64.store': [0x39, 3, 'f64'],
  'i32.store8': [0x3a, 0, 'i32'],
  'v128.store': [0xfd00b, 4, 'v128'],
} as const satisfies Record<string, readonly [number, number, ValueType]>

/** Memory access of a single lane of a vector: opcode, alignment. */
export const LANE_STORES = { 'v128.store32_lane': [0xfd05a, 2], 'v128.store64_lane': [0xfd05b, 3] } as const
export const LANE_LOADS = { 'v128.load32_lane': [0xfd056, 2], 'v128.load64_lane': [0xfd057, 3] } as const

/** One lane of a vector. */
export const EXTRACTS = {
  'i32x4.extract_lane': [0xfd01b, 'i32'],
  'i64x2.extract_lane': [0xfd01d, 'i64'],
  'f32x4.extract_lane': [0xfd01f, 'f32'],
  'f64x2.extract_lane': [0xfd021, 'f64'],
} as const satisfies Record<string, readonly [number, ValueType]>

/** A vector with one lane replaced. */
export const REPLACES = {
  'i32x4.replace_lane': [0xfd01c, 'i32'],
  'f32x4.replace_lane': [0xfd020, 'f32'],
  'f64x2.replace_lane': [0xfd022, 'f64'],
} as const satisfies Record<string, readonly [number, ValueType]>
