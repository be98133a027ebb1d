import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'

export type Language = 'zh' | 'en'
export type Mode = 'light' | 'dark'

interface Preferences {
  readonly language: Language
  readonly mode: Mode
  setLanguage(language: Language): void
  setMode(mode: Mode): void
}

const LANGUAGE_KEY = 'huitong.language'
const MODE_KEY = 'huitong.mode'

/** Storage may be forbidden by the browser; a preference is then kept for the page only. */
function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Nothing to do: the choice holds until the page is left.
  }
}

const Context = createContext<Preferences | null>(null)

function initialMode(): Mode {
  const kept = stored(MODE_KEY)
  if (kept === 'light' || kept === 'dark') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Keeps language and colour mode of this browser. Chinese unless somebody chose otherwise. */
export function PreferencesProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguageState] = useState<Language>(() => (stored(LANGUAGE_KEY) === 'en' ? 'en' : 'zh'))
  const [mode, setModeState] = useState<Mode>(initialMode)
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  }, [language])
  useEffect(() => {
    document.documentElement.dataset['mode'] = mode
  }, [mode])
  const setLanguage = useCallback((next: Language) => {
    store(LANGUAGE_KEY, next)
    setLanguageState(next)
  }, [])
  const setMode = useCallback((next: Mode) => {
    store(MODE_KEY, next)
    setModeState(next)
  }, [])
  const value = useMemo(() => ({ language, mode, setLanguage, setMode }), [language, mode, setLanguage, setMode])
  return <Context value={value}>{children}</Context>
}

/** Language and colour mode, and how to change them. */
export function usePreferences(): Preferences {
  const value = useContext(Context)
  if (!value) throw new Error('usePreferences outside PreferencesProvider')
  return value
}
