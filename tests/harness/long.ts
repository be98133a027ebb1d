/** Whether the long form of a test was asked for (`npm run test:faults`): all faults instead of some, real sizes instead of small ones. */
export const LONG = process.env['HUITONG_FAULTS_LONG'] === '1'
