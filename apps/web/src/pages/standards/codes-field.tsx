import { Form, Input } from 'antd'
import { fill, useWords } from '../../words/index.ts'
import { codesOf } from './code-lines.ts'
import { STANDARDS } from './standards-words.ts'

/** The codes of a set as lines; a line that is none is named. */
export function CodesField() {
  const { t, say } = useWords()
  const label = say(STANDARDS.codes)
  return (
    <Form.Item
      name="codes"
      label={label}
      extra={say(STANDARDS.codesHelp)}
      rules={[
        { required: true, whitespace: true, message: t('form.needed', { label }) },
        {
          validator: async (_rule, text: string | undefined) => {
            const { bad } = codesOf(text ?? '')
            if (bad.length > 0) throw new Error(fill(say(STANDARDS.codesBad), { lines: bad.slice(0, 10).join(', ') }))
          },
        },
      ]}
    >
      <Input.TextArea rows={12} spellCheck={false} />
    </Form.Item>
  )
}
