import { Type } from 'typebox'
import { BigInteger, exact, Instant, LanguageMap, nullable, oneOf, page, PageQuery, text, Uuid } from './common.ts'
import { endpoint } from './endpoint.ts'
import { ChannelState } from './exchange.ts'
import { Library } from './library.ts'
import { SourceView } from './nodes.ts'
import { words } from './words.ts'

const LibraryParams = exact({ library: Library })

/** 数据资产: a table that landed in the resource centre. */
export const AssetView = exact({
  channelId: Uuid,
  channelNumber: Type.String(),
  datasetId: Uuid,
  datasetCode: Type.String(),
  datasetName: LanguageMap(128),
  providerDepartmentId: Uuid,
  providerDepartmentName: LanguageMap(128),
  schema: Type.String(),
  table: Type.String(),
  itemCount: Type.Integer(),
  state: ChannelState,
  /** Counted in the centre's own database when something had landed; null: not counted yet. */
  rows: nullable(BigInteger),
  bytes: nullable(BigInteger),
  countedAt: nullable(Instant),
  landedAt: nullable(Instant),
  /** Against the last count of an earlier day; null when there is none. */
  growth: nullable(exact({ rows: BigInteger, bytes: BigInteger, since: Instant })),
})
export const LibraryPart = exact({
  channelId: Uuid,
  datasetId: Uuid,
  datasetName: LanguageMap(128),
  providerDepartmentName: LanguageMap(128),
  /** Item that holds the number by which the library is asked. */
  keyItem: Type.String(),
})
const LibraryView = exact({
  library: Library,
  parts: Type.Array(LibraryPart),
  /** Landed tables that could take part, with the items that may hold the number. */
  candidates: Type.Array(
    exact({
      channelId: Uuid,
      datasetName: LanguageMap(128),
      providerDepartmentName: LanguageMap(128),
      items: Type.Array(exact({ code: Type.String(), name: LanguageMap(128) })),
    }),
  ),
})

export const registerCentreSource = endpoint({
  id: 'centre.source.register',
  method: 'POST',
  path: '/api/v1/centre/source',
  access: 'node.manage',
  words: words('登记资源中心接收库', 'Register the centre’s receiving database'),
  /** The centre's own node; the platform seals its account to it, so no password passes through anybody's hands. */
  body: exact({ nodeId: Uuid }),
  reply: SourceView,
  status: 201,
  errors: ['object.not_found', 'object.exists', 'object.state', 'centre.unavailable'],
})
export const listAssets = endpoint({
  id: 'centre.asset.list',
  method: 'GET',
  path: '/api/v1/centre/assets',
  access: 'asset.read',
  words: words('数据资产列表', 'List data assets'),
  query: exact({ ...PageQuery }),
  reply: exact({
    ...page(AssetView).properties,
    /** Of all assets, not of this page. */
    total: exact({ tables: Type.Integer(), rows: BigInteger, bytes: BigInteger }),
  }),
})
export const readLibrary = endpoint({
  id: 'centre.library.read',
  method: 'GET',
  path: '/api/v1/centre/libraries/:library',
  access: 'library.read',
  words: words('基础库构成', 'What a base library is made of'),
  params: LibraryParams,
  reply: LibraryView,
})
export const setLibrary = endpoint({
  id: 'centre.library.set',
  method: 'PUT',
  path: '/api/v1/centre/libraries/:library',
  access: 'library.manage',
  words: words('设置基础库构成', 'Set what a base library is made of'),
  params: LibraryParams,
  body: exact({
    parts: Type.Array(exact({ channelId: Uuid, keyItem: Type.String({ pattern: '^[a-z][a-z0-9_]{0,62}$' }) }), {
      maxItems: 50,
    }),
  }),
  reply: LibraryView,
  errors: ['request.invalid', 'object.not_found'],
})
export const lookUp = endpoint({
  id: 'centre.library.look_up',
  /** POST, because the number asked for belongs in no address and no log. */
  method: 'POST',
  path: '/api/v1/centre/libraries/:library/readings',
  access: 'library.read',
  words: words('查询基础库', 'Look up a base library'),
  params: LibraryParams,
  body: exact({
    number: Type.String({ pattern: '^[0-9A-Za-z]{8,32}$' }),
    /** Full values need a stated purpose, which is recorded. */
    full: Type.Optional(Type.Boolean()),
    purpose: Type.Optional(text(200, 4)),
  }),
  reply: exact({
    library: Library,
    /** Keyed digest of the number, as the audit holds it. */
    subject: Type.String(),
    masked: Type.Boolean(),
    parts: Type.Array(
      exact({
        channelId: Uuid,
        datasetId: Uuid,
        datasetName: LanguageMap(128),
        providerDepartmentName: LanguageMap(128),
        landedAt: nullable(Instant),
        items: Type.Array(exact({ code: Type.String(), name: LanguageMap(128), masked: Type.Boolean() })),
        rows: Type.Array(Type.Array(nullable(Type.String()))),
        /** More rows exist than are shown. */
        more: Type.Boolean(),
        /** Why nothing is shown of this part. */
        refused: nullable(oneOf('revoked', 'not_yet', 'expired', 'grantee', 'items', 'purpose', 'not_landed')),
      }),
    ),
  }),
  errors: ['request.invalid', 'centre.purpose_required', 'centre.unavailable'],
})

export const readPreview = endpoint({
  id: 'centre.preview.read',
  method: 'GET',
  path: '/api/v1/centre/previews/:id',
  access: 'preview.read',
  words: words('预览信息资源', 'Preview a dataset'),
  /** Of the dataset. */
  params: exact({ id: Uuid }),
  reply: exact({
    /** `none`: nothing of it lands in the centre, or it does and is not for the caller; `not_landed`: not yet. */
    state: oneOf('shown', 'none', 'not_landed'),
    landedAt: nullable(Instant),
    items: Type.Array(exact({ code: Type.String(), name: LanguageMap(128), masked: Type.Boolean() })),
    /** Items of the table that are shown to nobody here: not shared, or not in the published entry any more. */
    hiddenCount: Type.Integer(),
    /** The first few rows by their key. */
    rows: Type.Array(Type.Array(nullable(Type.String()))),
  }),
  errors: ['object.not_found', 'centre.unavailable'],
})

export const centreEndpoints = [registerCentreSource, listAssets, readLibrary, setLibrary, lookUp, readPreview] as const
