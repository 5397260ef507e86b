import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Builds the dashboard into `dashboard/dist`, which the feed serves under a CSP that allows nothing inline. */
export default defineConfig({
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Inlined assets would be data: URLs, which the CSP refuses.
    assetsInlineLimit: 0,
    // How long each plugin took is nothing that whoever starts the lab asks for.
    rolldownOptions: { checks: { bundlerTimings: false } },
    // Served from loopback, where one file of this size arrives in a few milliseconds.
    chunkSizeWarningLimit: 1000,
    // The oldest browsers that know light-dark(), which the tokens are written with.
    target: ['chrome123', 'firefox121', 'safari17.5'],
  },
});
