export { emitMysql } from './emit-mysql.ts'
export { emitPostgres, quoteIdentifier, quoteText } from './emit-postgres.ts'
export { evaluate, type Row } from './evaluate.ts'
export { compileGrant, type GrantDocument, type Plan, type PlanColumn, type Use } from './grant.ts'
export { MASKS, maskMysql, maskPostgres, maskText, type Mask } from './mask.ts'
export {
  and,
  eq,
  FALSE,
  faultsOf,
  fieldsOf,
  isLiteral,
  or,
  textValue,
  TRUE,
  type Predicate,
  type Value,
} from './predicate.ts'
export { latestOf, momentOf, validityAt, type Times } from './validity.ts'
export { previewMask, viewMask, type ItemWords } from './view-mask.ts'
export { VISIBILITY, type Viewer } from './visibility.ts'
