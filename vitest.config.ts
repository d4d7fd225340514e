import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Child processes are tied to the thread that starts them (pdeathsig), so tests run in processes, not in threads.
    pool: 'forks',
    // Two cores: more workers only make each other slow, and real encoders and browsers run inside the tests.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
