// WGSL functions by name, each with what it calls: exact integer semantics, IEEE 754 special values by bit pattern
// (WGSL may assume that there are none), and elementary functions that keep 4 units in the last place where the GPU's
// own need not. Reductions and polynomials follow S. Moshier, Cephes 2.8; large angles M. Payne, R. Hanek, Radian
// Reduction for Trigonometric Functions, 1983; double-word products T. Dekker, A Floating-Point Technique, 1971.

interface Helper {
  readonly code: string
  readonly uses?: readonly string[]
}

const NAN = 'f32_bits(0x7fc00000u)'
const INF = 'f32_bits(0x7f800000u)'

/** A comparison of floats that NaN fails, whatever the compiler assumes. */
function comparison(op: string): Helper {
  return {
    code: `(a: f32, b: f32) -> u32 { return select(0u, 1u, a ${op} b && !is_nan(a) && !is_nan(b)); }`,
    uses: ['is_nan'],
  }
}

const HELPERS: Readonly<Record<string, Helper>> = {
  // A call is no constant expression, so that overflow and NaN in it are no errors.
  f32_bits: { code: '(a: u32) -> f32 { return bitcast<f32>(a); }' },
  hide_f32: { code: '(a: f32) -> f32 { return a; }' },
  hide_i32: { code: '(a: i32) -> i32 { return a; }' },
  hide_u32: { code: '(a: u32) -> u32 { return a; }' },
  is_nan: { code: '(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u; }' },
  is_inf: { code: '(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) == 0x7f800000u; }' },
  with_sign: {
    code: '(a: f32, s: f32) -> f32 { return bitcast<f32>((bitcast<u32>(a) & 0x7fffffffu) | (bitcast<u32>(s) & 0x80000000u)); }',
  },
  negate: { code: '(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) ^ 0x80000000u); }' },
  magnitude: { code: '(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) & 0x7fffffffu); }' },
  eq_f32: comparison('=='),
  lt_f32: comparison('<'),
  le_f32: comparison('<='),
  max_f32: {
    code: '(a: f32, b: f32) -> f32 { if (is_nan(a)) { return a; } if (is_nan(b)) { return b; } return select(b, a, a > b || (a == b && bitcast<u32>(a) == 0u)); }',
    uses: ['is_nan'],
  },
  min_f32: {
    code: '(a: f32, b: f32) -> f32 { if (is_nan(a)) { return a; } if (is_nan(b)) { return b; } return select(b, a, a < b || (a == b && bitcast<u32>(a) != 0u)); }',
    uses: ['is_nan'],
  },
  sign_f32: {
    code: '(a: f32) -> f32 { if (is_nan(a) || a == 0.0f) { return a; } return with_sign(1.0f, a); }',
    uses: ['is_nan', 'with_sign'],
  },
  div_i32: { code: '(a: i32, b: i32) -> i32 { if (b == 0) { return 0; } return a / b; }' },
  div_u32: { code: '(a: u32, b: u32) -> u32 { if (b == 0u) { return 0u; } return a / b; }' },
  rem_i32: { code: '(a: i32, b: i32) -> i32 { if (b == 0 || b == -1) { return 0; } return a % b; }' },
  rem_u32: { code: '(a: u32, b: u32) -> u32 { if (b == 0u) { return 0u; } return a % b; }' },
  left_u32: { code: '(a: u32, b: u32) -> u32 { return select(a << (b & 31u), 0u, b > 31u); }' },
  right_u32: { code: '(a: u32, b: u32) -> u32 { return select(a >> (b & 31u), 0u, b > 31u); }' },
  right_i32: { code: '(a: i32, b: u32) -> i32 { return a >> min(b, 31u); }' },
  // Towards zero and modulo 2^32; NaN and infinities give 0.
  wrap_f32: {
    code: `(a: f32) -> u32 {
  let bits = bitcast<u32>(a);
  let shift = i32((bits >> 23u) & 0xffu) - 150;
  if (shift > 31 || shift < -31) { return 0u; }
  let whole = (bits & 0x7fffffu) | 0x800000u;
  let size = select(whole >> u32(max(-shift, 0)), whole << u32(max(shift, 0)), shift > 0);
  return select(size, 0u - size, bits >> 31u == 1u);
}`,
  },
  // Exact: the mantissa of the dividend is divided eight bits at a time.
  rem_f32: {
    code: `(a: f32, b: f32) -> f32 {
  let x = bitcast<u32>(a) & 0x7fffffffu;
  let y = bitcast<u32>(b) & 0x7fffffffu;
  if (x >= 0x7f800000u || y > 0x7f800000u || y == 0u) { return ${NAN}; }
  if (x < y || y == 0x7f800000u) { return a; }
  let ex = max(i32(x >> 23u), 1);
  let ey = max(i32(y >> 23u), 1);
  var left = select((x & 0x7fffffu) | 0x800000u, x, x < 0x800000u);
  let by = select((y & 0x7fffffu) | 0x800000u, y, y < 0x800000u);
  left = left % by;
  for (var n = ex - ey; n > 0; n -= 8) { left = (left << u32(min(n, 8))) % by; }
  if (left == 0u) { return with_sign(0.0f, a); }
  let up = min(i32(countLeadingZeros(left)) - 8, ey - 1);
  let mantissa = left << u32(up);
  let exponent = select(0u, u32(ey - up), mantissa >= 0x800000u);
  return with_sign(bitcast<f32>((exponent << 23u) | (mantissa & 0x7fffffu)), a);
}`,
    uses: ['f32_bits', 'with_sign'],
  },
  // x * 2^n without leaving the range on the way.
  scale: {
    code: `(x: f32, n: i32) -> f32 {
  let first = clamp(n, -126, 127);
  let rest = clamp(n - first, -126, 127);
  return x * bitcast<f32>(u32(first + 127) << 23u) * bitcast<f32>(u32(rest + 127) << 23u);
}`,
  },
  exp_f32: { code: '(x: f32) -> f32 { return exp_sum(x, 0.0f); }', uses: ['exp_sum'] },
  // exp(x + low)
  exp_sum: {
    code: `(x: f32, low: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (x > 88.8f) { return ${INF}; }
  if (x < -104.0f) { return 0.0f; }
  let n = round(x * 1.44269504f);
  let r = (x - n * 0.693359375f) - (n * -2.12194440e-4f - low);
  var p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return scale((p * r * r + r) + 1.0f, i32(n));
}`,
    uses: ['is_nan', 'f32_bits', 'scale'],
  },
  expm1_f32: {
    code: `(x: f32) -> f32 {
  if (is_nan(x) || x == 0.0f) { return x; }
  if (magnitude(x) >= 0.5f) { return exp_f32(x) - 1.0f; }
  var p = 2.7557319e-6f;
  p = p * x + 2.4801587e-5f;
  p = p * x + 1.9841270e-4f;
  p = p * x + 1.3888889e-3f;
  p = p * x + 8.3333333e-3f;
  p = p * x + 4.1666667e-2f;
  p = p * x + 1.6666667e-1f;
  p = p * x + 0.5f;
  return p * x * x + x;
}`,
    uses: ['is_nan', 'magnitude', 'exp_f32'],
  },
  log_f32: {
    code: `(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u) { return negate(${INF}); }
  if (bits > 0x7f800000u) { return ${NAN}; }
  if (bits == 0x7f800000u) { return x; }
  var m = bits;
  var e = 0;
  if (m < 0x800000u) {
    let up = countLeadingZeros(m) - 8u;
    m = (m << up) & 0x7fffffu;
    e = 1 - i32(up);
  } else {
    e = i32(m >> 23u);
    m = m & 0x7fffffu;
  }
  e -= 127;
  var f = bitcast<f32>(m | 0x3f800000u);
  if (f > 1.41421356f) { f = f * 0.5f; e += 1; }
  f = f - 1.0f;
  let z = f * f;
  var p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  var y = f * z * p;
  let n = f32(e);
  y = y + n * -2.12194440e-4f;
  y = y - 0.5f * z;
  return (f + y) + n * 0.693359375f;
}`,
    uses: ['negate', 'f32_bits'],
  },
  log1p_f32: {
    code: `(x: f32) -> f32 {
  if (is_nan(x) || x == 0.0f) { return x; }
  if (magnitude(x) < 0.25f) {
    // atanh's series: log(1 + x) = 2 atanh(x / (2 + x)).
    let s = x / (2.0f + x);
    let z = s * s;
    var p = 0.11111111f;
    p = p * z + 0.14285714f;
    p = p * z + 0.2f;
    p = p * z + 0.33333333f;
    // x - s x = 2 s, exactly summed: the series only corrects x.
    return x - s * (x - 2.0f * z * p);
  }
  let u = evened(1.0f + x);
  if (is_inf(u) || u <= 0.0f) { return log_f32(u); }
  return log_f32(u) + select(x - (u - 1.0f), 1.0f - (u - x), x > 1.0f) / u;
}`,
    uses: ['is_nan', 'is_inf', 'magnitude', 'evened', 'log_f32'],
  },
  sqrt_f32: {
    code: `(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u || bits == 0x7f800000u) { return x; }
  if (bits > 0x7f800000u) { return ${NAN}; }
  let y = sqrt(x);
  return select(0.5f * (y + x / y), y, y == 0.0f);
}`,
    uses: ['f32_bits'],
  },
  tanh_f32: {
    code: `(x: f32) -> f32 {
  let a = magnitude(x);
  if (is_nan(x) || x == 0.0f) { return x; }
  if (a < 0.625f) {
    let z = x * x;
    var p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    return p * z * x + x;
  }
  return with_sign(1.0f - 2.0f / (exp_f32(2.0f * min(a, 20.0f)) + 1.0f), x);
}`,
    uses: ['magnitude', 'is_nan', 'with_sign', 'exp_f32'],
  },
  logistic_f32: {
    code: `(x: f32) -> f32 {
  let e = exp_f32(negate(x));
  if (is_inf(e)) { return 0.0f; }
  return 1.0f / (1.0f + e);
}`,
    uses: ['negate', 'exp_f32', 'is_inf'],
  },
  // An angle as (rest in [-pi/4, pi/4], quadrant): by parts of pi/2, or where it is large by the bits of 2/pi.
  reduce_angle: {
    code: `(x: f32, quadrant: ptr<function, u32>) -> f32 {
  if (magnitude(x) < 256.0f) {
    let n = round(x * 0.636619772f);
    *quadrant = bitcast<u32>(i32(n)) & 3u;
    return ((x - n * 1.5703125f) - n * 4.83751296997e-4f) - n * 7.54978995489e-8f;
  }
  let bits = bitcast<u32>(x);
  let mantissa = ((bits & 0x7fffffu) | 0x800000u) << 8u;
  // x = mantissa 2^(e - 32): three words of 2/pi / 4 around bit e decide x 2/pi modulo 4.
  let e = ((bits >> 23u) & 0xffu) - 126u;
  let word = e >> 5u;
  let shift = e & 31u;
  var w: array<u32, 3>;
  for (var i = 0u; i < 3u; i++) {
    let high = two_over_pi(word + i);
    w[i] = select((high << shift) | (two_over_pi(word + i + 1u) >> ((32u - shift) & 31u)), high, shift == 0u);
  }
  let a = wide_product(mantissa, w[2]).y;
  let b = wide_product(mantissa, w[1]);
  var middle = b.x + a;
  var top = mantissa * w[0] + b.y + select(0u, 1u, middle < a);
  // top and middle are 64 bits of a turn; the first two count quadrants.
  var turns = top >> 30u;
  top = (top << 2u) | (middle >> 30u);
  middle = middle << 2u;
  let over = top >> 31u;
  turns += over;
  if (over == 1u) {
    middle = 0u - middle;
    top = ~top + select(0u, 1u, middle == 0u);
  }
  let zeros = countLeadingZeros(top);
  let digits = select((top << (zeros & 31u)) | (middle >> ((32u - zeros) & 31u)), top, zeros == 0u);
  var rest = scale(f32(digits), -32 - i32(zeros)) * 1.57079633f;
  if (over == 1u) { rest = -rest; }
  let negative = bits >> 31u == 1u;
  *quadrant = select(turns, 0u - turns, negative) & 3u;
  return select(rest, -rest, negative);
}`,
    uses: ['magnitude', 'two_over_pi', 'wide_product', 'scale'],
  },
  // The fraction 2/pi / 4 in words, behind the word before its point.
  two_over_pi: {
    code: `(i: u32) -> u32 {
  var words = array<u32, 9>(0u, 0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau, 0xf7aef158u);
  return words[min(i, 8u)];
}`,
  },
  wide_product: {
    code: `(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let m1 = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let m2 = (a & 0xffffu) * (b >> 16u) + (m1 & 0xffffu);
  return vec2<u32>(a * b, (a >> 16u) * (b >> 16u) + (m1 >> 16u) + (m2 >> 16u));
}`,
  },
  sin_poly: {
    code: `(x: f32) -> f32 {
  let z = x * x;
  return ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
}`,
  },
  cos_poly: {
    code: `(x: f32) -> f32 {
  let z = x * x;
  return ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
}`,
  },
  turned: {
    code: `(x: f32, by: u32) -> f32 {
  if ((bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u) { return ${NAN}; }
  var quadrant = 0u;
  let rest = reduce_angle(x, &quadrant);
  quadrant = (quadrant + by) & 3u;
  let value = select(sin_poly(rest), cos_poly(rest), (quadrant & 1u) == 1u);
  return select(value, -value, quadrant > 1u);
}`,
    uses: ['f32_bits', 'reduce_angle', 'sin_poly', 'cos_poly'],
  },
  sin_f32: {
    code: '(x: f32) -> f32 { if (x == 0.0f) { return x; } return turned(x, 0u); }',
    uses: ['turned'],
  },
  cos_f32: { code: '(x: f32) -> f32 { return turned(x, 1u); }', uses: ['turned'] },
  atan_unit: {
    code: `(t: f32) -> f32 {
  let large = t > 0.414213562f;
  let x = select(t, (t - 1.0f) / (t + 1.0f), large);
  let z = x * x;
  let p = (((8.05374449538e-2f * z - 1.38776856032e-1f) * z + 1.99777106478e-1f) * z - 3.33329491539e-1f) * z * x + x;
  return select(p, p + 0.785398163f, large);
}`,
  },
  atan2_f32: {
    code: `(y: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(y)) { return ${NAN}; }
  let a = magnitude(y);
  let b = magnitude(x);
  var angle = 0.0f;
  if (is_inf(a) && is_inf(b)) { angle = 0.785398163f; }
  else if (a > b) { angle = 1.57079633f - atan_unit(select(scale(b, -2) / scale(a, -2), 0.0f, is_inf(a))); }
  else if (b > 0.0f) { angle = atan_unit(select(scale(a, -2) / scale(b, -2), 0.0f, is_inf(b))); }
  if (bitcast<u32>(x) >> 31u == 1u) { angle = (3.14159274f - angle) - 8.74227766e-8f; }
  return with_sign(angle, y);
}`,
    uses: ['is_nan', 'f32_bits', 'magnitude', 'is_inf', 'atan_unit', 'scale', 'with_sign'],
  },
  // The leading half of the digits. Products of halves are exact, so that contracting them with a sum changes nothing.
  halved: { code: '(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) & 0xfffff000u); }' },
  // Without the last digit: what compilers may not see through, as they do when they make (a + b) - a into b.
  evened: { code: '(a: f32) -> f32 { return bitcast<f32>(bitcast<u32>(a) & 0xfffffffeu); }' },
  // a b as head and tail.
  two_product: {
    code: `(a: f32, b: f32) -> vec2<f32> {
  let ah = halved(a);
  let bh = halved(b);
  let al = a - ah;
  let bl = b - bh;
  let low = (ah * bl + al * bh) + al * bl;
  let head = evened(ah * bh + low);
  return vec2<f32>(head, (ah * bh - head) + low);
}`,
    uses: ['halved', 'evened'],
  },
  pair_product: {
    code: `(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  let p = two_product(a.x, b.x);
  let low = p.y + (a.x * b.y + a.y * b.x);
  let head = evened(p.x + low);
  return vec2<f32>(head, (p.x - head) + low);
}`,
    uses: ['two_product', 'evened'],
  },
  // The first is the larger.
  pair_sum: {
    code: `(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  let head = evened(a.x + b.x);
  return vec2<f32>(head, ((a.x - head) + b.x) + (a.y + b.y));
}`,
    uses: ['evened'],
  },
  // log x as head and tail, for x finite and positive.
  pair_log: {
    code: `(x: f32) -> vec2<f32> {
  var bits = bitcast<u32>(x);
  var e = 0;
  if (bits < 0x800000u) {
    let up = countLeadingZeros(bits) - 8u;
    bits = bits << up;
    e = -i32(up);
    bits = (bits & 0x7fffffu) | 0x800000u;
  }
  e += i32(bits >> 23u) - 127;
  var m = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
  if (m > 1.41421356f) { m = m * 0.5f; e += 1; }
  let top = m - 1.0f;
  let even = evened(m);
  let below = even + 1.0f;
  let lost = m - even;
  let s = top / below;
  let sh = halved(s);
  let bh = halved(below);
  let rest = (((top - sh * bh) - sh * (below - bh)) - (s - sh) * bh) - (s - sh) * (below - bh);
  let s_pair = vec2<f32>(s, (rest - s * lost) / below);
  let square = pair_product(s_pair, s_pair);
  let z = square.x;
  let tail = z * (0.2f + z * (0.142857143f + z * (0.111111111f + z * 0.0909090909f)));
  let third = pair_sum(vec2<f32>(0.333333343f, -9.93410776e-9f), vec2<f32>(tail, 0.0f));
  let correction = pair_product(pair_product(square, third), s_pair);
  let half = pair_sum(s_pair, correction);
  let n = f32(e);
  let powers = pair_product(vec2<f32>(n, 0.0f), vec2<f32>(0.693147182f, -1.90465421e-9f));
  return pair_sum(powers, 2.0f * half);
}`,
    uses: ['halved', 'evened', 'pair_product', 'pair_sum'],
  },
  pow_f32: {
    code: `(x: f32, y: f32) -> f32 {
  if (x == 1.0f || y == 0.0f) { return 1.0f; }
  if (is_nan(x) || is_nan(y)) { return ${NAN}; }
  let a = magnitude(x);
  let whole = magnitude(y) >= 8388608.0f || floor(y) == y;
  let odd = whole && magnitude(y) < 16777216.0f && (i32(magnitude(y)) & 1) == 1;
  let negative = bitcast<u32>(x) >> 31u == 1u;
  var size = 0.0f;
  if (is_inf(y)) {
    if (a == 1.0f) { return 1.0f; }
    return select(0.0f, ${INF}, (a > 1.0f) == (y > 0.0f));
  }
  if (a == 0.0f || is_inf(a)) {
    size = select(0.0f, ${INF}, (a == 0.0f) == (y < 0.0f));
  } else {
    if (negative && !whole) { return ${NAN}; }
    let log_x = pair_log(a);
    let rough = log_x.x * y;
    if (rough > 89.0f) { size = ${INF}; }
    else if (rough > -105.0f) {
      let t = pair_product(log_x, vec2<f32>(y, 0.0f));
      size = exp_sum(t.x, t.y);
    }
  }
  return select(size, negate(size), negative && odd);
}`,
    uses: ['is_nan', 'f32_bits', 'magnitude', 'is_inf', 'pair_log', 'pair_product', 'exp_sum', 'negate'],
  },
}

/** The text of functions and of all that they call, callees first. */
export function libraryText(names: Iterable<string>): string {
  const out: string[] = []
  const done = new Set<string>()
  const visit = (name: string): void => {
    if (done.has(name)) return
    done.add(name)
    const { code, uses = [] } = HELPERS[name]
    uses.forEach(visit)
    out.push(`fn ${name}${code}`)
  }
  for (const name of names) visit(name)
  return out.join('\n')
}
