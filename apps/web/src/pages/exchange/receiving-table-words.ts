import { words as w } from '@huitong/contract'

/** What only the form of receiving tables says: it stays out of the dictionary that every page loads. */
export const RECEIVING_TABLE = {
  title: w('前置接收库建表脚本', 'Script of the receiving table'),
  help: w(
    '接收表默认由节点自动建立。部门要求先审后建时，由其数据库管理员在前置接收库执行此脚本，节点随后直接使用；字段与本任务的映射一致。',
    'The node makes the receiving table by itself. Where the department wants to see it first, its own administrator runs this script in the receiving database, and the node takes what it made; columns are those of this task’s mapping.',
  ),
} as const
