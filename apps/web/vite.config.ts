import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `nx run web:serve` finds the API; the built page is served by the manager itself. */
const managerUrl = process.env.MANAGER_URL ?? 'http://127.0.0.1:4000';
const PROXIED = ['/v1', '/page-config.json', '/docs', '/openapi.json', '/health'];

export default defineConfig({
  plugins: [react()],
  base: '/',
  build: {
    // Every asset is a file of its own: the policy of the page allows no data: scripts, styles or fonts.
    assetsInlineLimit: 0,
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(PROXIED.map((path) => [path, { target: managerUrl, changeOrigin: true }])),
  },
});
