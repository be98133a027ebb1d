import { oneOf } from './common.ts'

/** 基础库: people by 身份证号, firms by 统一社会信用代码. */
export const Library = oneOf('person', 'firm')
