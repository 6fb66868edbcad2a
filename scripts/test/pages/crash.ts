throw new Error('before any case')
