import { Alert, Button, Form, type FormInstance } from 'antd'
import { useWords } from '../words/index.ts'
import { ErrorPanel } from './error-panel.tsx'
import { goToField } from './forms.ts'
import type { Problem } from './problem.ts'

interface FormSummaryProps {
  readonly form: FormInstance
  readonly problem: Problem | null
}

/** Every error of a form in one place, each leading to its field; the server's refusal below them. */
export function FormSummary({ form, problem }: FormSummaryProps) {
  const { t } = useWords()
  return (
    <>
      {problem && <ErrorPanel problem={problem} onPlace={(path) => goToField(form, path)} />}
      <Form.Item noStyle shouldUpdate>
        {() => {
          const faults = form.getFieldsError().filter((field) => field.errors.length > 0)
          if (faults.length === 0 || problem) return null
          return (
            <Alert
              className="ht-error"
              type="error"
              showIcon
              role="alert"
              title={t('form.faults', { count: faults.length })}
              description={
                <ul className="ht-places">
                  {faults.map((field) => (
                    <li key={field.name.join('/')}>
                      <Button
                        type="link"
                        size="small"
                        className="ht-inline-link"
                        onClick={() => goToField(form, `/${field.name.join('/')}`)}
                      >
                        {field.errors[0]}
                      </Button>
                    </li>
                  ))}
                </ul>
              }
            />
          )
        }}
      </Form.Item>
    </>
  )
}
