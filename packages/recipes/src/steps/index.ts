import type { StepType } from '../step.ts'
import { deduplicate } from './deduplicate.ts'
import { fill } from './fill.ts'
import { firmName } from './firm-name.ts'
import { foldWidth } from './fold-width.ts'
import { fromId } from './from-id.ts'
import { idTo18 } from './id-to-18.ts'
import { joinText } from './join-text.ts'
import { letterCase } from './letter-case.ts'
import { mapValues } from './map-values.ts'
import { parseDate } from './parse-date.ts'
import { replaceText } from './replace-text.ts'
import { splitText } from './split-text.ts'
import { trim } from './trim.ts'

/** All kinds of steps, in the order in which they are offered. */
export const STEP_TYPES: ReadonlyMap<string, StepType> = new Map(
  [
    trim,
    foldWidth,
    letterCase,
    mapValues,
    replaceText,
    parseDate,
    idTo18,
    firmName,
    splitText,
    joinText,
    fromId,
    fill,
    deduplicate,
  ].map((one) => [one.kind, one]),
)
