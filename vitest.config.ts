import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findBrowser } from './proxy/victim/find-browser.ts';

const browser = findBrowser();

// How long something that is waited for may take, in milliseconds: on two busy processors, not on a free one.
const patience = { expect: { poll: { timeout: 20_000 } } };

export default defineConfig({
  test: {
    // Most tests wait for processes and sockets; one worker fewer than processors would leave half of two idle.
    maxWorkers: Math.min(4, availableParallelism()),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/{proxy,certs,demo-sites,bin}/**/*.test.ts'],
          ...patience,
          testTimeout: 90_000,
          hookTimeout: 90_000,
          env: { NO_COLOR: '1' },
          setupFiles: ['tests/support/fuzz-seed.ts'],
          // A process for each of two hundred files would take a third of the time. What one file replaces is put back.
          isolate: false,
          restoreMocks: true,
        },
      },
      {
        plugins: [svelte({ configFile: false })],
        // Found only while the tests run, these would make Vite reload the page in the middle of them.
        optimizeDeps: {
          include: [
            '@msgpack/msgpack',
            'socket.io-client',
            '@noble/ciphers/aes.js',
            '@noble/ciphers/chacha.js',
            '@noble/curves/ed25519.js',
            '@noble/curves/nist.js',
            ...['hkdf', 'hmac', 'legacy', 'sha2'].map((name) => `@noble/hashes/${name}.js`),
          ],
          exclude: ['@lucide/svelte'],
        },
        test: {
          name: 'component',
          include: ['tests/component/**/*.test.ts'],
          ...patience,
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(browser ? { executablePath: browser } : {}),
                // As root, which is how it runs in containers, Chromium starts in no other way.
                args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          ...patience,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // After the small ones, which would only slow down what waits for a browser.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'full',
          include: ['tests/full/**/*.test.ts'],
          ...patience,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
