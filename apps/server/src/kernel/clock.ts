/** Real time. Sessions, leases and signatures use it; legal deadlines use legal time (`CommandContext.legalNow`). */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }
