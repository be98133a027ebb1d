import { expect, test } from 'vitest'
import { readCheckpointNote } from './checkpoint.ts'

test('height, root and signers are read from a signed note', () => {
  const note =
    'huitong.example/log\n1234\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 huitong.example/log AAAA+bbb=\n\u2014 witness.example cccc=\n'
  expect(readCheckpointNote(note)).toEqual({
    origin: 'huitong.example/log',
    height: '1234',
    root: 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
    signers: ['huitong.example/log', 'witness.example'],
  })
})

test('what is no checkpoint is not shown as one', () => {
  expect(readCheckpointNote('')).toBeNull()
  expect(readCheckpointNote('a\nb\nc\n\n\u2014 x y')).toBeNull()
  expect(readCheckpointNote('{"error":{}}')).toBeNull()
})
