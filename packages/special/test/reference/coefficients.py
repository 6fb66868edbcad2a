# Chebyshev fits for src/coefficients.ts, with their errors on stderr; run: python3 coefficients.py > ../../src/coefficients.ts
import sys

from mpmath import mp, mpf, erfc, erf, exp, sqrt, loggamma, digamma, besseli, chebyfit, findroot, pi
import mpmath
mp.dps=40
def fit(name, f, a, b, n):
    c, err = chebyfit(f, [a,b], n, error=True)
    print(name, n, mpmath.nstr(err,3), file=sys.stderr)
    return [c[i] for i in range(n)]   # highest first
def fitt(name, g, n):  # g on t in [-1,1]
    return fit(name, g, -1, 1, n)
out={}
def erfover(z):
    z=mpf(z)
    if z<mpf(10)**-20: return 2/sqrt(pi)
    s=sqrt(z); return erf(s)/s
for n in (8,13,14): out['ERF',n]=fit('erf',erfover,0,1,n)
K=mpf('3.75')
def ecx(t):
    if t>1-mpf(10)**-15:
        return mpf(2)/sqrt(pi)
    x=K*(1+t)/(1-t)
    x=mpf(x)
    if x<1e4: v=exp(x*x)*erfc(x)
    else: v=1/(x*sqrt(pi))*(1-1/(2*x*x)+3/(4*x**4))
    return v*(1+2*x)
for n in (11,12,21,23,25): out['ECX',n]=fitt('erfcx',ecx,n)
def lg(d):
    d=mpf(d)
    if abs(d)<mpf(10)**-25: return digamma(2)
    return loggamma(2+d)/d
for n in (9,10,18,19,20): out['LG',n]=fit('lg',lg,-0.5,0.5,n)
x0=findroot(digamma,1.4616)
h=mpf(float(x0))
print('root', repr(float(x0)), repr(float(x0-h)), file=sys.stderr)
def dg(x):
    x=mpf(x)
    d=x-x0
    if abs(d)<mpf(10)**-15: return mpmath.polygamma(1,x0)
    return digamma(x)/d
for n in (10,11,20,21,22): out['DG',n]=fit('dg',lambda t: dg(mpf(1.5)+t/2),-1,1,n)
def i0s(t):
    x=(t+1)*4; return exp(-x)*besseli(0,x)
def i0l(t):
    if t<=-1+mpf(10)**-15: return 1/sqrt(2*pi)
    x=16/(t+1); return exp(-x)*besseli(0,x)*sqrt(x)
def i1s(t):
    x=(t+1)*4
    if x<mpf(10)**-20: return mpf(1)/2
    return exp(-x)*besseli(1,x)/x
def i1l(t):
    if t<=-1+mpf(10)**-15: return 1/sqrt(2*pi)
    x=16/(t+1); return exp(-x)*besseli(1,x)*sqrt(x)
for n in (16,18,28,30): out['I0S',n]=fitt('i0s',i0s,n); out['I1S',n]=fitt('i1s',i1s,n)
for n in (8,10,20,24): out['I0L',n]=fitt('i0l',i0l,n); out['I1L',n]=fitt('i1l',i1l,n)
def arr(name,n,dt):
    v=[float(x) for x in out[name,n]]
    if dt=='f32': v=[float('%.9g'%x) for x in v]
    return '['+', '.join(repr(x) for x in v)+']'
docs=dict(ERF='erf(x) / x in x^2, for |x| < 1.',ECX='erfcx(x) (1 + 2 x) in t = (x - 3.75) / (x + 3.75), for x >= 0.',
LG='lgamma(2 + d) / d in d, for |d| <= 1/2.',DG='digamma(x) / (x - root) in t = 2 x - 3, for 1 <= x <= 2.',
I0S='exp(-x) I0(x) in t = x / 4 - 1, for 0 <= x <= 8.',I0L='sqrt(x) exp(-x) I0(x) in t = 16 / x - 1, for x >= 8.',
I1S='exp(-x) I1(x) / x in t = x / 4 - 1, for 0 <= x <= 8.',I1L='sqrt(x) exp(-x) I1(x) in t = 16 / x - 1, for x >= 8.')
names=dict(ERF='ERF',ECX='ERFCX',LG='LGAMMA',DG='DIGAMMA',I0S='I0_NEAR',I0L='I0_FAR',I1S='I1_NEAR',I1L='I1_FAR')
ns=dict(ERF=(13,8),ECX=(25,12),LG=(19,10),DG=(22,11),I0S=(28,16),I0L=(24,8),I1S=(28,16),I1L=(24,8))
o="// Chebyshev fits, as polynomials with the highest power first; computed by test/reference/coefficients.py.\n\nimport type { Coefficients } from './arithmetic.js'\n"
for k in names:
    o+=f"\n/** {docs[k]} */\nexport const {names[k]}: Coefficients = {{\n  float64: {arr(k,ns[k][0],'f64')},\n  float32: {arr(k,ns[k][1],'f32')},\n}}\n"
print(o, end='')
