import manifest from '../package.json' with { type: 'json' }

/** Version of the agent, as it tells the platform. */
export const VERSION: string = manifest.version
