import { words, type Words } from './words.ts'

interface ErrorEntry {
  readonly status: number
  readonly words: Words
}

const entry = (status: number, zh: string, en: string): ErrorEntry => ({ status, words: words(zh, en) })

/**
 * Every error code that a reply may carry: stable code, HTTP status, public words.
 * Private detail goes to the log only. `tests/tidy.test.ts` holds that each code is documented.
 */
export const ERRORS = {
  'request.invalid': entry(400, '请求内容不符合要求，请按提示修改', 'The request is not valid; see the places named'),
  'request.malformed': entry(400, '请求格式无法识别', 'The request cannot be parsed'),
  'request.encoding': entry(400, '请求内容不是有效的 UTF-8 文本', 'The request is not valid UTF-8'),
  'request.too_large': entry(413, '请求内容超过大小上限', 'The request is larger than allowed'),
  'request.unsupported_media': entry(415, '不支持的内容类型', 'Unsupported content type'),
  'request.method_not_allowed': entry(405, '此地址不支持该操作', 'Method not allowed here'),
  'request.origin_refused': entry(403, '请求来源不被允许', 'Cross-site request refused'),
  'request.replayed': entry(409, '重复的请求已被拒绝', 'This signed request was already used'),
  'request.idempotency_conflict': entry(
    409,
    '幂等键已用于另一个不同的请求',
    'This Idempotency-Key was used for a different request',
  ),
  'request.rate_limited': entry(429, '请求过于频繁，请稍后再试', 'Too many requests; try again later'),
  'session.required': entry(401, '请先登录', 'Please sign in'),
  'session.credentials': entry(
    401,
    '账号或密码不正确，或账号暂被锁定',
    'Wrong account or password, or the account is locked',
  ),
  'signature.invalid': entry(401, '节点签名无效', 'The node signature is not valid'),
  'node.ferried': entry(
    409,
    '摆渡节点没有到平台的连接，不支持该操作',
    'A ferried node has no line to the platform; this is not possible',
  ),
  'permission.denied': entry(403, '没有执行此操作的权限', 'You are not permitted to do this'),
  'object.not_found': entry(404, '没有找到，或无权查看', 'Not found, or not visible to you'),
  'route.not_found': entry(404, '地址不存在', 'No such address'),
  'object.changed': entry(
    412,
    '内容已被他人修改，请刷新后再试',
    'Someone changed this meanwhile; reload and try again',
  ),
  'object.match_required': entry(428, '修改时必须带 If-Match', 'If-Match is required for this change'),
  'quality.rule_invalid': entry(422, '规则有误，请按提示修改', 'Rules are not valid; see the places named'),
  'recipe.invalid': entry(422, '清洗方案有误，请按提示修改', 'The recipe is not valid; see the places named'),
  'quality.not_landed': entry(
    409,
    '数据尚未完整归集到资源中心，不能核验',
    'The data has not landed in the resource centre yet',
  ),
  'quality.engine': entry(503, '核验引擎暂不可用，请稍后再试', 'The engine is not available; try again later'),
  'object.exists': entry(409, '同样的内容已存在', 'It already exists'),
  'object.state': entry(409, '当前状态不能执行此操作', 'Not possible in the present state'),
  'setup.closed': entry(409, '平台已完成初始化', 'The platform has been set up already'),
  'setup.token': entry(403, '初始化口令不正确', 'The set-up token is not correct'),
  'password.weak': entry(400, '密码不符合强度要求', 'The password does not meet the policy'),
  'password.must_change': entry(403, '首次登录请先修改密码', 'Change your password first: somebody else chose it'),
  'role.conflict': entry(409, '三员角色互斥，不能由同一人担任', 'The three administrators must be different people'),
  'department.abolished': entry(
    409,
    '部门已撤销，请使用其承接部门',
    'This department was abolished; use its successor',
  ),
  'dataset.incomplete': entry(422, '目录必填内容不完整', 'Mandatory catalogue fields are missing'),
  'dataset.not_published': entry(409, '只能申请已发布的目录', 'Only published datasets can be requested'),
  'request.step_required': entry(409, '条例规定的步骤不能删除', 'Steps required by the regulation cannot be removed'),
  'request.reason_required': entry(400, '拒绝或退回必须说明理由', 'A refusal or return needs a reason'),
  'request.item_refused': entry(409, '申请包含不予共享或不存在的信息项', 'Items are not shareable or do not exist'),
  'request.same_person': entry(409, '不能由同一人办理前后两个环节', 'One person cannot act in both steps'),
  'grant.inactive': entry(403, '授权未生效、已过期或已撤销', 'The grant is not in force'),
  'grant.rows_per_day': entry(
    403,
    '已达到授权的每日行数上限，次日继续',
    "The grant's rows per day are used up; it goes on tomorrow",
  ),
  'statement.too_long': entry(
    422,
    '期间内批次过多，请缩短对账期间',
    'Too many batches in this period; choose a shorter one',
  ),
  'grant.items': entry(403, '超出授权的信息项', 'Items outside the grant'),
  'deadline.extension': entry(409, '延期不符合条例规定', 'This extension is not allowed by the regulation'),
  'calendar.year_missing': entry(
    422,
    '缺少该年份的工作日历，请先导入放假安排',
    'No working-day calendar for this year yet',
  ),
  'clock.demo_only': entry(403, '只有演示模式可以调整法定时间', 'Legal time can be shifted in demo mode only'),
  'enrolment.code': entry(403, '节点注册码无效或已使用', 'The enrolment code is not valid or was used'),
  'node.offline': entry(409, '节点不在线', 'The node is not connected'),
  'node.fenced': entry(409, '任务已由新的执行者接管', 'This work was taken over (stale fence)'),
  'source.unreachable': entry(502, '数据源无法连接', 'The data source cannot be reached'),
  'source.settings': entry(400, '数据源连接参数不正确', 'The data source settings are not valid'),
  'source.consent': entry(
    409,
    '直接读取业务库须有在有效期内的书面同意，请先登记',
    'Reading a business database needs a written consent that is in force: register one first',
  ),
  'source.changed': entry(409, '数据源表结构已变化', 'The source table has changed'),
  'segment.digest': entry(422, '批次摘要不一致', 'The segment digest does not match'),
  'segment.chain': entry(409, '批次不连续', 'The segment does not follow its predecessor'),
  'segment.signature': entry(422, '批次签名无效', 'The segment signature is not valid'),
  'segment.content': entry(422, '批次内容与清单不符', 'The segment content differs from its manifest'),
  'upload.quota': entry(409, '超出上传限额', 'Beyond what may be uploaded'),
  'upload.digest': entry(
    422,
    '上传内容与声明的摘要不符，请重新上传',
    'The file is not the one that was announced: upload it anew',
  ),
  'upload.offset': entry(409, '续传位置不一致', 'Upload offset does not match'),
  'storage.upload_busy': entry(503, '该批次正在接收，请稍候再传', 'This segment is being received; try again shortly'),
  'storage.full': entry(
    507,
    '存储空间不足，已停止写入，数据未丢失',
    'Storage is full; writing stopped and nothing was lost',
  ),
  'reconciliation.position': entry(409, '双方尚无共同断点，暂不能对账', 'No common position to reconcile at yet'),
  'evidence.pending': entry(409, '存证尚未进入检查点，请稍候', 'Not in a checkpoint yet; try again shortly'),
  'service.signature_missing': entry(401, '缺少签名所需的请求头', 'Headers of a signed call are missing'),
  'service.signature_wrong': entry(401, '签名不正确', 'The signature is not correct'),
  'service.clock_skew': entry(401, '时间戳与平台时间相差超过 300 秒', 'The timestamp is more than 300 seconds off'),
  'service.replayed': entry(409, '该请求已使用过（重放）', 'This signed call was already used (replay)'),
  'service.token_invalid': entry(401, '访问令牌无效或已过期', 'The access token is not valid, or has expired'),
  'service.app_unknown': entry(401, '应用标识不存在', 'Unknown application'),
  'service.app_revoked': entry(401, '应用凭证已吊销', 'The application credential was revoked'),
  'service.unknown': entry(404, '没有这个共享接口', 'No such service'),
  'service.stopped': entry(403, '该共享接口已停用', 'The service has been stopped'),
  'service.not_granted': entry(403, '本部门没有该接口的授权', 'Your department has no grant for this service'),
  'service.matter_missing': entry(400, '缺少事项编码', 'The matter code is missing'),
  'service.matter_not_granted': entry(403, '授权不包含该事项', 'The grant is not for this matter'),
  'service.grant_expired': entry(403, '授权已到期', 'The grant has expired'),
  'service.grant_not_yet': entry(403, '授权尚未生效', 'The grant is not in force yet'),
  'service.grant_revoked': entry(403, '授权已撤销', 'The grant was revoked'),
  'service.suspended': entry(403, '该授权的接口已暂停', 'The service is suspended for this grant'),
  'service.item_not_granted': entry(403, '信息项不在授权之内', 'An item is not granted'),
  'service.item_masked': entry(403, '脱敏的信息项不能作为条件', 'A masked item cannot be filtered by'),
  'service.row_not_found': entry(404, '没有找到，或不在授权范围内', 'Not found, or not within the grant'),
  'service.way_unknown': entry(404, '该接口没有这种调用方式', 'The service has no such way of calling'),
  'service.upstream_failed': entry(
    502,
    '提供部门的系统没有正常应答',
    'The provider’s system did not answer as it should',
  ),
  'service.upstream_timeout': entry(
    504,
    '提供部门的系统未在时限内应答',
    'The provider’s system did not answer in time',
  ),
  'service.upstream_resting': entry(
    503,
    '提供部门的系统连续失败，暂停转发，请稍后再试',
    'The provider’s system failed again and again; calls rest for a while',
  ),
  'service.reply_invalid': entry(
    502,
    '提供部门的应答不符合约定的格式，已拦截',
    'The provider’s reply is not of the agreed form and was withheld',
  ),
  'service.over_quota': entry(429, '超过调用配额', 'The quota is used up'),
  'centre.unavailable': entry(503, '资源中心数据库暂不可用', 'The resource centre’s database is not available'),
  'centre.purpose_required': entry(400, '查看完整内容须说明用途', 'Full values need a stated purpose'),
  'fusion.two_identifiers': entry(
    409,
    '两条记录的有效证件号码不同，不能合并',
    'The two records have different valid identifiers and can not be one',
  ),
  'engine.unavailable': entry(503, '计算引擎正在恢复', 'The engine is restarting'),
  'platform.busy': entry(503, '平台正忙，请稍后再试', 'The platform is busy; try again shortly'),
  'platform.starting': entry(503, '平台正在启动，请稍候', 'The platform is starting; please wait'),
  'platform.database': entry(503, '平台数据库正在恢复，请稍候', 'The platform database is recovering; please wait'),
  'platform.timeout': entry(504, '处理超时', 'The operation took too long'),
  'platform.internal': entry(500, '平台内部错误，已记录', 'Internal error; it has been recorded'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

/** A place in the input and what is wrong with it; `path` is a JSON pointer. */
export interface Place {
  readonly path: string
  readonly problem: Words
}

/** The body of every error reply. `hop` is the part of the system that raised it. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode
    readonly message: Words
    readonly places?: readonly Place[]
    readonly hop: 'supervisor' | 'server' | 'engine' | 'agent'
    readonly requestId: string
  }
}
