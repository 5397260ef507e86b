import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { findBrowser } from './proxy/victim/find-browser.ts';

const browser = findBrowser();

export default defineConfig({
  test: {
    // Most tests wait for processes and sockets; one worker fewer than processors would leave half of two idle.
    maxWorkers: Math.min(4, availableParallelism()),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/{proxy,certs,demo-sites,bin}/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          env: { NO_COLOR: '1' },
          setupFiles: ['tests/support/fuzz-seed.ts'],
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
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'full',
          include: ['tests/full/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
