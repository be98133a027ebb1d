import { StyleProvider } from '@ant-design/cssinjs'
import { ConfigProvider, theme, type ThemeConfig } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { ToastProvider } from '../ui/toast.tsx'
import { withoutHas } from './old-browsers.ts'
import { usePreferences, type Mode } from '../preferences.tsx'

/** The compact algorithm takes two pixels off: 16 makes text of 14 px. */
const FONT_SIZE_SEED = 16
const FONTS =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif'

const DARK_LINK = '#7db2ee'

function themeOf(mode: Mode): ThemeConfig {
  const dark = mode === 'dark'
  return {
    algorithm: dark ? [theme.darkAlgorithm, theme.compactAlgorithm] : [theme.compactAlgorithm],
    token: {
      fontSize: FONT_SIZE_SEED,
      fontFamily: FONTS,
      borderRadius: 4,
      motion: false,
      wireframe: false,
      colorPrimary: dark ? '#3d7cc9' : '#1d4f91',
      colorInfo: dark ? '#3d7cc9' : '#1d4f91',
      colorLink: dark ? DARK_LINK : '#1d4f91',
      colorSuccess: dark ? '#6abf6e' : '#2c7a34',
      colorWarning: dark ? '#e0a93b' : '#8f5b00',
      colorError: dark ? '#f0766c' : '#b3261e',
      colorInfoBg: dark ? '#16263a' : '#ecf2fa',
      colorInfoBorder: dark ? '#2c4b73' : '#b8cde8',
      colorErrorBg: dark ? '#341a1a' : '#fdf1f0',
      colorErrorBorder: dark ? '#6e3330' : '#eebcb8',
      colorWarningBg: dark ? '#32270f' : '#fdf6e7',
      colorWarningBorder: dark ? '#6b531d' : '#ecd49c',
      colorSuccessBg: dark ? '#152b18' : '#eff7ef',
      colorSuccessBorder: dark ? '#2f5c34' : '#b9dcbb',
      colorTextBase: dark ? '#e6e9ee' : '#1b2430',
      colorBgBase: dark ? '#14181e' : '#ffffff',
      colorTextPlaceholder: dark ? '#98a2b0' : '#66707d',
      colorTextDescription: dark ? '#a4aebb' : '#56616e',
      colorTextTertiary: dark ? '#a4aebb' : '#56616e',
    },
    components: {
      Table: { cellPaddingBlockSM: 6, cellPaddingInlineSM: 10, headerBg: dark ? '#1c222a' : '#f4f6f9' },
      Menu: { itemHeight: 32, itemMarginBlock: 1, groupTitleFontSize: 12, activeBarBorderWidth: 0 },
      // The primary colour of the dark theme is one for surfaces: too dark for words.
      Tabs: dark
        ? {
            itemSelectedColor: DARK_LINK,
            itemHoverColor: DARK_LINK,
            itemActiveColor: DARK_LINK,
            inkBarColor: DARK_LINK,
          }
        : {},
      Form: { itemMarginBottom: 14, verticalLabelPadding: '0 0 4px' },
      Descriptions: { itemPaddingBottom: 8 },
    },
  }
}

const TRANSFORMERS = [withoutHas]

/** A style nonce, where the server's content security policy gives one. */
function styleNonce(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce || undefined
}

/** Type, colour and language of every component. */
export function Look({ children }: { readonly children: ReactNode }) {
  const { language, mode } = usePreferences()
  const config = useMemo(() => themeOf(mode), [mode])
  const [nonce] = useState(styleNonce)
  useEffect(() => {
    dayjs.locale(language === 'zh' ? 'zh-cn' : 'en')
  }, [language])
  return (
    <StyleProvider transformers={TRANSFORMERS}>
      <ConfigProvider
        theme={config}
        locale={language === 'zh' ? zhCN : enUS}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
        {...(nonce ? { csp: { nonce } } : {})}
      >
        <ToastProvider>{children}</ToastProvider>
      </ConfigProvider>
    </StyleProvider>
  )
}
