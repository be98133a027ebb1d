export { type Fault, type Judgement, judgeQuestion, type Table } from './judge.ts'
