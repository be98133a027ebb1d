import type { IncomingMessage, ServerResponse } from 'node:http'

const RETRY_AFTER_S = 1

const PAGE = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>汇通正在启动 · Huitong is starting</title>
<style>
:root { color-scheme: light dark; --ink: #1d2939; --soft: #667085; --paper: #f7f8fa; --blue: #1f4b99 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --paper: #14181f; --blue: #7aa2e8 } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
  font: 16px/1.7 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif }
main { padding: 24px; max-width: 34em }
h1 { margin: 0 0 4px; font-size: 22px; font-weight: 600; color: var(--blue) }
p { margin: 0 0 12px } .en { color: var(--soft); font-size: 14px }
</style>
</head>
<body>
<main role="status">
<h1>汇通正在启动</h1>
<p>平台的服务正在启动或恢复，通常只需几秒。本页会自动刷新，您已提交的内容不会丢失。</p>
<p class="en" lang="en"><strong>Huitong is starting.</strong> The platform's services are starting or recovering; this usually
takes a few seconds. This page refreshes by itself, and nothing that was accepted is lost.</p>
</main>
</body>
</html>
`

const ERROR = JSON.stringify({
  error: {
    code: 'platform.starting',
    message: {
      zh: '平台正在启动或恢复，请稍后重试。',
      en: 'The platform is starting or recovering; try again shortly.',
    },
    retryAfterSeconds: RETRY_AFTER_S,
  },
})

/**
 * Answers a request while no server is ready: 503 with `Retry-After`, a page that refreshes itself for browsers and a JSON
 * error (`platform.starting`) for programs. `GET /livez` answers 200: the supervisor itself lives.
 * The connection is closed afterwards, so that the next request finds the server.
 */
export function answerWhileStarting(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  const head = { 'Cache-Control': 'no-store', Connection: 'close' }
  const path = (request.url ?? '/').split('?')[0]
  if (path === '/livez' && (request.method === 'GET' || request.method === 'HEAD')) {
    response.writeHead(200, { ...head, 'Content-Type': 'application/json; charset=utf-8' })
    response.end('{"status":"ok","server":"starting"}')
    return
  }
  const isPage = (request.headers.accept ?? '').includes('text/html')
  response.writeHead(503, {
    ...head,
    'Retry-After': String(RETRY_AFTER_S),
    'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    Vary: 'Accept',
  })
  response.end(isPage ? PAGE : ERROR)
}
