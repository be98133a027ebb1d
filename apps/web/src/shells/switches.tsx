import { BulbOutlined, GlobalOutlined } from '@ant-design/icons'
import { Button, Tooltip } from 'antd'
import { usePreferences } from '../preferences.tsx'
import { useWords } from '../words/index.ts'

/** Language and light or dark. */
export function Switches() {
  const { language, mode, setLanguage, setMode } = usePreferences()
  const { t } = useWords()
  return (
    <>
      <Button
        type="text"
        icon={<GlobalOutlined aria-hidden />}
        lang={language === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
      >
        {language === 'zh' ? 'English' : '中文'}
      </Button>
      <Tooltip title={t(mode === 'dark' ? 'shell.light' : 'shell.dark')}>
        <Button
          type="text"
          icon={<BulbOutlined aria-hidden />}
          aria-label={t(mode === 'dark' ? 'shell.light' : 'shell.dark')}
          onClick={() => setMode(mode === 'dark' ? 'light' : 'dark')}
        />
      </Tooltip>
    </>
  )
}
