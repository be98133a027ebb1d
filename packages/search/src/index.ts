export { foldText } from './fold.ts'
export { hitsIn, type Range } from './hits.ts'
export { gramsOf, holdsAll, wordsOf } from './words.ts'
