/** Where a sealed segment lies in the object store: by the digest of its bytes. */
export const objectKey = (digest: string): string => `segments/${digest.slice(0, 2)}/${digest}`
