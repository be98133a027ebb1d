export type { CodeRefusal, Words } from './verdict.ts'
export { addDays, isIsoDate, shanghaiDate, shanghaiMidnight } from './dates.ts'
export type { IsoDate } from './dates.ts'
export { checkIdNumber, idNumber15To18, idNumberCheck } from './id-number.ts'
export type { IdNumberFacts, IdNumberRefusal } from './id-number.ts'
export { checkCreditCode, creditCodeCheck } from './credit-code.ts'
export type { CreditCodeParts, CreditCodeVerdict } from './credit-code.ts'
export { checkOrganisationCode, organisationCodeCheck } from './organisation-code.ts'
export type { OrganisationCodeVerdict } from './organisation-code.ts'
export { nationalCodeSets } from './code-sets.ts'
export type { NationalCodeSet } from './code-sets.ts'
export { divisionContains, divisions, divisionsSource, parseDivision } from './division.ts'
export type { Division, DivisionCode, DivisionLevel } from './division.ts'
export { nationalResourceCodeRule, provisionalResourceCode } from './resource-code.ts'
export type { NationalRuleOptions, ResourceClassification, ResourceCode, ResourceCodeRule } from './resource-code.ts'
export {
  CalendarError,
  WORKING_DAYS_MAX,
  addWorkingDays,
  chinaCalendar,
  isWorkingDay,
  makeCalendar,
  remainingWorkingTime,
  withProvisionalYears,
  workingDaysBetween,
} from './working-days.ts'
export type { CalendarYear, RemainingTime, WorkCalendar, WorkingLimit } from './working-days.ts'
