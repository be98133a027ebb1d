import { words as w } from '@huitong/contract'

/** What the form of a proxied service says: it stays out of the dictionary that every page loads. */
export const PROXIED = {
  'service.proxiedHelp': w(
    '部门已有的接口经网关提供，沿用同一套授权、签名、配额、统计和存证。请求与应答都按下面约定的格式校验。',
    'A department’s existing service behind the gateway, under the same authorisations, signatures, quotas, statistics and evidence. Questions and replies are checked by what is agreed below.',
  ),
  'service.baseUrlHelp': w(
    'http 或 https 地址，不含参数；不能指向平台自身',
    'An http(s) address without parameters, not the platform’s own',
  ),
  'service.viaNode': w('经部门节点转发', 'Through the department’s node'),
  'service.viaNodeHelp': w(
    '平台不能直接到达时选择。节点只转发部门在节点上自行设置的地址。',
    'Where the platform cannot reach it. A node calls only addresses that its department has set.',
  ),
  'service.direct': w('平台直接访问', 'Directly by the platform'),
  'service.timeoutMs': w('应答时限（毫秒）', 'Time limit (ms)'),
  'service.replyKiB': w('应答大小上限（KiB）', 'Largest reply (KiB)'),
  'service.credentialHeader': w('鉴权请求头', 'Header of the credential'),
  'service.credentialHelp': w(
    '网关访问部门接口时出示的凭证；加密保存，不再显示。不需要则留空。',
    'How the gateway is known to the department’s service; kept sealed and never shown again. Empty when none is needed.',
  ),
  'service.credentialValue': w('凭证内容', 'Credential'),
} as const
