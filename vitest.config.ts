import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/**/*.test.ts',
      'apps/**/*.test.ts',
      'demo/**/*.test.ts',
      'bench/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    globalSetup: ['tests/harness/global-setup.ts'],
    pool: 'forks',
    // One more than the two cores that everything must do with: a third of a worker's time waits for servers and clocks.
    maxWorkers: 3,
    // Files of one worker share the loaded modules: loading them anew for each took a third of the time of all tests. What
    // a file changes outside of itself, such as the environment, it puts back.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A page on a busy machine takes longer than the second that is the default.
    expect: { poll: { timeout: 15_000 } },
  },
})
