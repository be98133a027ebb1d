import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The oldest browser that must work: 信创 browsers are Chromium 90 and newer. */
const OLDEST_BROWSER = 'chrome90'

export default defineConfig(({ command }) => {
  // Whatever the environment says (test runners say `test`), what is built is for use.
  if (command === 'build') process.env['NODE_ENV'] = 'production'
  return {
    root: fileURLToPath(new URL('.', import.meta.url)),
    base: '/',
    plugins: [react()],
    build: {
      target: OLDEST_BROWSER,
      cssTarget: OLDEST_BROWSER,
      outDir: 'dist',
      emptyOutDir: true,
      // Data URIs would need `img-src data:`; a content security policy of 'self' must do.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        output: {
          // Evaluated before everything else: the entry imports this chunk first.
          codeSplitting: { groups: [{ name: 'polyfills', test: /src\/polyfills\.ts$/, priority: 100 }] },
        },
      },
    },
    server: {
      host: '127.0.0.1',
      proxy: { '/api': { target: process.env['HUITONG_API'] ?? 'http://127.0.0.1:8080', changeOrigin: false } },
    },
  }
})
